"""``idp connections``."""

from __future__ import annotations

import json
from typing import Any

import click

from idp.processes.cli import Named
from idp.processes.cli.process import command_settings, echo_json, json_option, opened, tenant_option, tenant_work


@click.group(cls=Named)
def connections() -> None:
    """Connections: configured sources of users."""


@connections.command("list")
@tenant_option
@json_option
def list_(tenant: str, as_json: bool) -> None:
    """Every connection of the tenant, with how many applications it is switched on for."""
    from sqlalchemy import func, select

    from idp.directory.connections.models import Connection, ConnectionClient

    used = select(func.count()).where(
        ConnectionClient.tenant_id == Connection.tenant_id, ConnectionClient.connection_id == Connection.id
    )
    statement = select(Connection, used.scalar_subquery()).order_by(Connection.created_at, Connection.id)
    with opened(command_settings()) as platform, tenant_work(platform, tenant) as work:
        found: list[dict[str, Any]] = [
            {"id": row.id, "name": row.name, "strategy": row.strategy, "applications": amount}
            for row, amount in work.rows.execute(statement.where(Connection.tenant_id == work.tenant_id))
        ]
    if as_json:
        echo_json(found)
        return
    for each in found:
        click.echo(f"{each['id']:<26} {each['strategy']:<16} {each['applications']:>4}  {each['name']}")


@connections.command("try")
@click.argument("name")
@click.argument("event", required=False)
@click.argument("arguments", nargs=-1)
@json_option
@tenant_option
def try_(name: str, event: str | None, arguments: tuple[str, ...], as_json: bool, tenant: str) -> None:
    """Try the connection NAME. Where people sign in at its source's pages: print a link, good once and for ten minutes,
    that leads there and shows what the source answered; nobody is made or signed in by it.

    Of a tenant's own database: ask it, and show what it said and wrote to its console. EVENT is login, get_user,
    create, verify, change_password, delete, change_email, change_username or change_phone_number; ARGUMENTS are what it
    is called with, each JSON or a text:
    `idp connections try People login jane@example.com 'her password'`. What the event does there is done; nothing is
    changed here.
    """
    from idp.directory.connections import trial

    if event is None:
        _print_link(name, tenant, as_json=as_json)
        return
    with opened(command_settings()) as platform, tenant_work(platform, tenant) as work:
        try:
            found = trial.attempt(work, name, event, [_argument(each) for each in arguments])
        except LookupError as error:
            raise click.ClickException(str(error)) from error
    if as_json:
        echo_json(found.document())
    else:
        for level, line in found.console:
            click.echo(f"[{level}] {line}", err=True)
        click.echo(json.dumps(found.value, indent=2) if found.ok else found.problem)
    if not found.ok:
        raise SystemExit(1)


@connections.command("purge-attributes")
@click.argument("name")
@tenant_option
def purge_attributes(name: str, tenant: str) -> None:
    """Empty what users of the connection NAME have in the attributes that it does not keep (non_persistent_attrs), now
    instead of at their next sign-in.
    """
    from idp.directory.connections import runtime
    from idp.directory.connections import service as connections_service
    from idp.directory.users import service as users

    with opened(command_settings()) as platform, tenant_work(platform, tenant) as work:
        row = connections_service.by_name(work, name)
        connection = runtime.find(work, row.id) if row is not None else None
        if connection is None:
            raise click.ClickException(f"There is no connection called {name}.")
        click.echo(f"{users.forget_denied(work, connection)} users had something of these.")


def _print_link(name: str, tenant: str, *, as_json: bool) -> None:
    from idp.directory.connections import runtime
    from idp.foundation.kernel import clock
    from idp.foundation.kernel.errors import BadRequest
    from idp.signin.login import trials

    with opened(command_settings()) as platform, tenant_work(platform, tenant) as work:
        connection = runtime.named(work, name)
        if connection is None:
            raise click.ClickException(f"there is no connection called {name}")
        try:
            made = trials.link(work, connection.id)
        except BadRequest as error:
            raise click.ClickException(f"{error.message}: name an EVENT, such as login") from error
    if as_json:
        echo_json({"url": made.url, "expires_at": clock.iso(made.ends)})
    else:
        click.echo(made.url)


def _argument(text: str) -> Any:
    """JSON objects and flags as such, everything else as the text it is: passwords may look like numbers."""
    from idp.foundation.kernel import strict_json

    if text[:1] == "{" or text in {"true", "false"}:
        try:
            return strict_json.decode(text)
        except strict_json.InvalidJson:
            return text
    return text
