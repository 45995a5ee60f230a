"""``idp admins``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from idp.processes.cli import Named
from idp.processes.cli.process import command_settings, echo_json, json_option, opened, tenant_option, tenant_work

if TYPE_CHECKING:
    from idp.foundation.tenancy.work import Platform, Work
    from idp.operations.installation.tenant import Provisioned


@click.group(cls=Named)
def admins() -> None:
    """Administrators: who may open the dashboard, and what they may do there."""


@admins.command("list")
@tenant_option
@json_option
def list_(tenant: str, as_json: bool) -> None:
    """Every administrator with their roles, the first one first."""
    from idp.foundation.kernel import clock
    from idp.tenant.members import service as members

    with opened(command_settings()) as platform, tenant_work(platform, tenant) as work:
        rows = members.every(work)
        emails = _addresses(work, [row.user_id for row in rows])
        found = [
            {
                "user_id": row.user_id,
                "email": emails.get(row.user_id),
                "roles": row.roles,
                "client_ids": row.client_ids,
                "blocked": row.blocked,
                "last_seen": clock.iso(row.last_seen_at) if row.last_seen_at else None,
            }
            for row in rows
        ]
    if as_json:
        echo_json(found)
        return
    for row in rows:
        seen = clock.iso(row.last_seen_at) if row.last_seen_at else "never"
        state = "  blocked" if row.blocked else ""
        click.echo(f"{emails.get(row.user_id) or row.user_id:<40} {', '.join(row.roles)}  last seen {seen}{state}")


@admins.command()
@click.argument("user")
@click.option("--role", "roles", multiple=True, help="What they may do; repeat for several. Owner where left out.")
@click.option("--client", "clients", multiple=True, help="An application of the role that is for some of them.")
@tenant_option
def add(user: str, roles: tuple[str, ...], clients: tuple[str, ...], tenant: str) -> None:
    """Make USER (a user id or an address) an administrator, or give one other roles.

    An address that nobody has gets an account in the default connection, and a link is printed on which its owner sets
    a password.
    """
    from idp.operations.installation import administrators
    from idp.operations.installation.tenant import provisioned
    from idp.tenant.members import service as members
    from idp.tenant.members.roles import OWNER

    with opened(command_settings()) as platform, tenant_work(platform, tenant) as work:
        installed = provisioned(platform, work.tenant_id)
        members.checked(roles or (OWNER,), clients)  # before anybody gets an account
        user_id, is_new = _person(platform, installed, work, user)
        with work.transaction():
            change = members.add if members.find(work, user_id) is None else members.change
            row = change(work, user_id, roles or (OWNER,), clients)
        click.echo(f"{user_id}  {', '.join(row.roles)}")
        if is_new:
            link = administrators.password_link(platform, installed, user_id)
            click.echo(f"Set a password at {link} (works once)")


@admins.command()
@click.argument("user", required=False)
@tenant_option
def recover(user: str | None, tenant: str) -> None:
    """Let an Owner in again: unblocked, with the role of an Owner, from any address, by a link that sets a password.

    USER is a user id or an address; the Owner who was added first where left out.
    """
    from idp.admin import access
    from idp.directory.users import service as users
    from idp.operations.installation import administrators
    from idp.operations.installation.tenant import provisioned
    from idp.processes.cli.people import named_user
    from idp.tenant.members import service as members
    from idp.tenant.members.roles import OWNER

    with opened(command_settings()) as platform, tenant_work(platform, tenant) as work:
        owner = next((row.user_id for row in members.every(work) if OWNER in row.roles), None)
        user_id = named_user(work, user) if user else owner
        if user_id is None:
            raise click.ClickException("Nobody is Owner of this tenant: say who is to be, or use `idp admins add`.")
        with work.transaction():
            if users.get(work, user_id).blocked:
                users.update(work, user_id, {"blocked": False})
            if access.lift(work):
                click.echo("The dashboard opens from any address again.")
            row = members.find(work, user_id)
            if row is None:
                members.add(work, user_id, (OWNER,))
            elif OWNER not in row.roles:
                members.change(work, user_id, (OWNER,))
        link = administrators.password_link(platform, provisioned(platform, work.tenant_id), user_id)
        click.echo(f"{user_id}  {OWNER}")
        click.echo(f"Set a password at {link} (works once)" if link else "They sign in with what they have.")


def _person(platform: Platform, installed: Provisioned, work: Work, user: str) -> tuple[str, bool]:
    """The id of whom a command means, made now where nobody has the address; and whether they were. Raises
    ClickException.
    """
    from sqlalchemy import select

    from idp.directory.users.identifiers import email_key, valid_email
    from idp.directory.users.models import User
    from idp.operations.installation import administrators
    from idp.processes.cli.people import named_user

    address = valid_email(user)
    known = select(User.user_id).where(User.email_key == email_key(user)).limit(1)
    if address is None or work.rows.scalars(known).first() is not None:
        return named_user(work, user), False
    if not administrators.create(platform, installed, email_key(address), None):
        raise click.ClickException(f"{address} has an account that is no user yet.")
    return named_user(work, user), True


def _addresses(work: Work, user_ids: list[str]) -> dict[str, str | None]:
    from sqlalchemy import select

    from idp.directory.users.models import User

    people = work.rows.scalars(select(User).where(User.user_id.in_(user_ids)))
    return {row.user_id: row.email or row.username or row.name for row in people}
