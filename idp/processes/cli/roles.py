"""``idp roles``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from idp.processes.cli import Named
from idp.processes.cli.process import command_settings, echo_json, json_option, opened, tenant_option, tenant_work

if TYPE_CHECKING:
    from idp.directory.roles.models import Role
    from idp.foundation.tenancy.work import Work

api_option = click.option("--api", help="Identifier of the API that the permissions are of.")


@click.group(cls=Named)
def roles() -> None:
    """Roles: what people may do with the tenant's APIs."""


@roles.command("list")
@tenant_option
@json_option
def list_(tenant: str, as_json: bool) -> None:
    """Every role, with how many people were given it."""
    from idp.directory.roles import service

    with opened(command_settings()) as platform, tenant_work(platform, tenant) as work:
        found = [
            {"id": row.id, "name": row.name, "description": row.description, "users": people}
            for row, people in service.by_name(work)
        ]
    if as_json:
        echo_json(found)
        return
    for each in found:
        click.echo(f"{each['id']:<22} {each['users']:>7} {each['name']}")


@roles.command()
@click.argument("name")
@click.option("--description", help="What it is for.")
@api_option
@click.option("--permission", "permissions", multiple=True, help="What it lets people do; repeat for several.")
@tenant_option
def create(name: str, description: str | None, api: str | None, permissions: tuple[str, ...], tenant: str) -> None:
    """Make the role NAME and print its id."""
    from idp.directory.roles import service
    from idp.directory.roles.schemas import RoleCreate
    from idp.foundation.apikit.convert import convert
    from idp.foundation.kernel.faults import BODY

    if permissions and not api:
        raise click.UsageError("Permissions are of an API: give its identifier with --api.")
    body = convert({"name": name, "description": description}, RoleCreate, BODY)
    with opened(command_settings()) as platform, tenant_work(platform, tenant) as work:
        with work.transaction():
            row = service.create(work, body.name, description)
            if permissions:
                service.add_to_role(work, row.id, [service.Named(str(api), each) for each in permissions])
        click.echo(row.id)


@roles.command()
@click.argument("role")
@tenant_option
def delete(role: str, tenant: str) -> None:
    """Remove ROLE (an id or a name) from everybody who has it."""
    from idp.directory.roles import service

    with opened(command_settings()) as platform, tenant_work(platform, tenant) as work:
        row = _named(work, role)
        with work.transaction():
            service.delete(work, row.id)
        click.echo(f"Deleted {role}.")


@roles.command()
@click.argument("role")
@click.argument("user")
@tenant_option
def assign(role: str, user: str, tenant: str) -> None:
    """Give ROLE (an id or a name) to USER (a user id or an address)."""
    _change(role, user, tenant, give=True)


@roles.command()
@click.argument("role")
@click.argument("user")
@tenant_option
def remove(role: str, user: str, tenant: str) -> None:
    """Take ROLE (an id or a name) from USER (a user id or an address)."""
    _change(role, user, tenant, give=False)


@roles.command("install-extension")
@tenant_option
def install_extension(tenant: str) -> None:
    """Put Auth0's Authorization Extension up: its API urn:auth0-authz-api, which clients get grants of."""
    from idp.directory.authorization import service

    with opened(command_settings()) as platform, tenant_work(platform, tenant) as work:
        with work.transaction():
            service.install(work)
        click.echo(f"{work.config.issuer}extensions/authorization/api")


def _change(role: str, user: str, tenant: str, *, give: bool) -> None:
    from idp.directory.roles import service
    from idp.processes.cli.people import named_user

    with opened(command_settings()) as platform, tenant_work(platform, tenant) as work:
        row, user_id = _named(work, role), named_user(work, user)
        with work.transaction():
            (service.assign_roles if give else service.remove_roles)(work, user_id, [row.id])
        click.echo(f"{user_id} {'has' if give else 'does not have'} {role}.")


def _named(work: Work, role: str) -> Role:
    """The role of that id, or of that name. Raises ClickException."""
    from sqlalchemy import or_, select

    from idp.directory.roles.models import Role

    found = work.rows.scalars(select(Role).where(or_(Role.id == role, Role.name == role))).first()
    if found is None:
        raise click.ClickException(f"There is no role called {role}. `idp roles list` names them.")
    return found
