"""``idp clients``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import click

from idp.processes.cli import Named
from idp.processes.cli.process import command_settings, echo_json, json_option, opened, tenant_option, tenant_work

if TYPE_CHECKING:
    from idp.applications.clients.models import Client
    from idp.foundation.tenancy.work import Work

APP_TYPES = {"spa": "spa", "web": "regular_web", "native": "native", "m2m": "non_interactive"}
callback_option = click.option(
    "--callback", "callbacks", multiple=True, help="Where people return to after signing in; repeat for several."
)
logout_option = click.option(
    "--logout",
    "logouts",
    multiple=True,
    help="Where people may return to after signing out; repeat for several. The callbacks' origins are listed anyway.",
)


BACK_BY_BROWSER = frozenset({"spa", "web"})
"""Kinds that nobody can sign in to without a callback; a device or a command line (RFC 8628) has none."""


@click.group(cls=Named)
def clients() -> None:
    """Applications that people sign in to, and services that call APIs."""


@clients.command()
@click.argument("name")
@click.option("--type", "kind", type=click.Choice(list(APP_TYPES)), required=True, help="Kind of application.")
@callback_option
@logout_option
@tenant_option
def create(name: str, kind: str, callbacks: tuple[str, ...], logouts: tuple[str, ...], tenant: str) -> None:
    """Register the application NAME and print a ready .env for it."""
    from idp.applications.clients import service
    from idp.applications.clients.schemas import ClientCreate
    from idp.directory.connections.runtime import for_client
    from idp.foundation.apikit import changes
    from idp.foundation.apikit.convert import convert
    from idp.foundation.kernel.faults import BODY
    from idp.operations.installation.samples import enable_default_connection
    from idp.processes.cli.dotenv import dotenv

    if kind in BACK_BY_BROWSER and not callbacks:
        raise click.UsageError("An application people sign in to needs a --callback URL.")
    with opened(command_settings()) as platform, tenant_work(platform, tenant) as work:
        # the same types as on the Management API judge what is typed here
        members = {"name": name, **_members(APP_TYPES[kind], callbacks, logouts)}
        body = convert(members, ClientCreate, BODY, development=platform.settings.development)
        with work.transaction():
            row = service.create(work, changes(body))
            if kind != "m2m":
                enable_default_connection(work, row.client_id)
        work.refresh()
        click.echo(dotenv(work, row))
        if kind != "m2m" and not for_client(work, row.client_id):
            click.echo("No connection is enabled for it: nobody can sign in yet.", err=True)


@clients.command()
@click.argument("client")
@click.option("--env", "as_env", is_flag=True, help="Print the .env of `idp clients create` again.")
@tenant_option
@json_option
def show(client: str, as_env: bool, tenant: str, as_json: bool) -> None:
    """What is set of CLIENT, which is a client id or a name."""
    from idp.processes.cli.dotenv import dotenv

    with opened(command_settings()) as platform, tenant_work(platform, tenant) as work:
        row = _named(work, client)
        if as_env:
            click.echo(dotenv(work, row))
            return
        found = _described(row)
    if as_json:
        echo_json(found)
        return
    for member, value in found.items():
        values: Sequence[Any] = value if isinstance(value, list) else [value]
        for label, each in zip([member, *[""] * len(values)], values, strict=False):
            click.echo(f"{label:<27} {each}")


@clients.command()
@click.argument("client")
@click.option("--name", help="Another name.")
@callback_option
@logout_option
@click.option(
    "--grant", "grants", multiple=True, help="A grant type to switch on besides those it has; repeat for several."
)
@tenant_option
def update(
    client: str,
    name: str | None,
    callbacks: tuple[str, ...],
    logouts: tuple[str, ...],
    grants: tuple[str, ...],
    tenant: str,
) -> None:
    """Change CLIENT (a client id or a name). URLs that are given take the place of those there are; the origins of
    callbacks follow them.
    """
    from idp.applications.clients import service
    from idp.applications.clients.schemas import ClientUpdate
    from idp.foundation.apikit import changes
    from idp.foundation.apikit.convert import convert
    from idp.foundation.kernel.faults import BODY

    if not (name or callbacks or logouts or grants):
        raise click.UsageError("Nothing to change: give --name, --callback, --logout or --grant.")
    with opened(command_settings()) as platform, tenant_work(platform, tenant) as work:
        with work.transaction():
            row = _named(work, client)
            members = {**_moved(row.data, callbacks, logouts), **({"name": name} if name else {})}
            if grants:
                members["grant_types"] = list(dict.fromkeys([*(row.data.get("grant_types") or ()), *grants]))
            body = convert(members, ClientUpdate, BODY, development=platform.settings.development)
            service.update(work, row, changes(body))
        click.echo(f"Changed {row.client_id} ({row.name}).")


@clients.command("list")
@tenant_option
@json_option
def list_(tenant: str, as_json: bool) -> None:
    """Every application of the tenant."""
    from sqlalchemy import select

    from idp.applications.clients.models import Client

    with opened(command_settings()) as platform, tenant_work(platform, tenant) as work:
        rows = work.rows.scalars(
            select(Client).where(Client.is_global.is_(False)).order_by(Client.created_at, Client.client_id)
        )
        found: list[dict[str, Any]] = [
            {
                "client_id": row.client_id,
                "name": row.name,
                "app_type": row.data.get("app_type"),
                "callbacks": row.data.get("callbacks") or [],
            }
            for row in rows
        ]
    if as_json:
        echo_json(found)
        return
    for row in found:
        click.echo(f"{row['client_id']:<34} {row['app_type'] or '-':<16} {row['name']}")


@clients.command("registration-token")
@click.argument("name")
@click.option("--uses", type=click.IntRange(1, 10_000), default=1, show_default=True, help="Clients that may register.")
@click.option("--hours", type=click.IntRange(1, 8_760), default=24, show_default=True, help="How long it is good.")
@click.option("--redirect-host", "hosts", multiple=True, help="A host of redirect URIs, or *.host; repeat for several.")
@tenant_option
def registration_token(name: str, uses: int, hours: int, hosts: tuple[str, ...], tenant: str) -> None:
    """Make an initial access token NAME, with which clients register themselves, and print it."""
    from idp.applications.registration import initial_tokens
    from idp.applications.registration.schemas import InitialTokenCreate
    from idp.foundation.apikit.convert import convert
    from idp.foundation.kernel.faults import BODY

    members = {"name": name, "uses": uses, **({"redirect_hosts": list(hosts)} if hosts else {})}
    with opened(command_settings()) as platform, tenant_work(platform, tenant) as work:
        convert(members, InitialTokenCreate, BODY, development=platform.settings.development)
        policy = {"redirect_hosts": list(hosts)} if hosts else {}
        with work.transaction():
            _, token = initial_tokens.create(work, name, uses=uses, lifetime_s=hours * 3_600, policy=policy)
        if not work.config.settings.flags.enable_dynamic_client_registration:
            click.echo("Clients can't register yet: switch flags.enable_dynamic_client_registration on.", err=True)
        click.echo(token)


def _named(work: Work, client: str) -> Client:
    """The application of that id, or the only one of that name. Raises ClickException."""
    from sqlalchemy import or_, select

    from idp.applications.clients.models import Client

    applications = work.rows.scalars(
        select(Client).where(Client.is_global.is_(False), or_(Client.client_id == client, Client.name == client))
    ).all()
    if not applications:
        raise click.ClickException(f"There is no application called {client}. `idp clients list` names them.")
    if len(applications) > 1:
        ids = ", ".join(row.client_id for row in applications)
        raise click.ClickException(f"{len(applications)} applications are called {client}; say which by its id: {ids}")
    return applications[0]


def _described(row: Client) -> dict[str, Any]:
    data = row.data
    return {
        "client_id": row.client_id,
        "name": row.name,
        "app_type": data.get("app_type"),
        "token_endpoint_auth_method": data.get("token_endpoint_auth_method"),
        "grant_types": data.get("grant_types") or [],
        "callbacks": data.get("callbacks") or [],
        "allowed_logout_urls": data.get("allowed_logout_urls") or [],
        "web_origins": data.get("web_origins") or [],
    }


def _moved(data: Mapping[str, Any], callbacks: Sequence[str], logouts: Sequence[str]) -> dict[str, Any]:
    """The URLs of an application that has ``data`` after some were given."""
    if not (callbacks or logouts):
        return {}
    before = data.get("callbacks") or []
    listed = _after_logout(_origins(before))
    kept = logouts or [url for url in data.get("allowed_logout_urls") or [] if url not in listed]
    return _members(data.get("app_type"), callbacks or before, kept)


def _members(app_type: Any, callbacks: Sequence[str], logouts: Sequence[str]) -> dict[str, Any]:
    """The URLs of an application, as the Management API takes them."""
    origins = _origins(callbacks)
    members: dict[str, Any] = {"app_type": app_type} if app_type else {}
    if callbacks or logouts:
        after = list(dict.fromkeys([*logouts, *_after_logout(origins)]))
        members |= {"callbacks": list(callbacks), "allowed_logout_urls": after}
    if app_type == APP_TYPES["spa"]:
        members |= {"web_origins": origins, "allowed_origins": origins}
    return members


def _after_logout(origins: Sequence[str]) -> list[str]:
    """SDKs send people back to the application's origin after signing out, some with the slash and some without, and
    logout URLs are compared exactly: both are listed.
    """
    return [url for each in origins for url in (each, f"{each}/")]


def _origins(urls: Sequence[str]) -> list[str]:
    parts = [urlsplit(url) for url in urls]
    return list(dict.fromkeys(f"{each.scheme}://{each.netloc}" for each in parts if each.scheme in {"http", "https"}))
