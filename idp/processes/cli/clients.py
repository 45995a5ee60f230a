"""``idp clients``."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import click

from idp.processes.cli.process import command_settings, echo_json, json_option, opened, tenant_option, tenant_work

APP_TYPES = {"spa": "spa", "web": "regular_web", "native": "native", "m2m": "non_interactive"}


@click.group()
def clients() -> None:
    """Applications that people sign in to, and services that call APIs."""


@clients.command()
@click.argument("name")
@click.option("--type", "kind", type=click.Choice(list(APP_TYPES)), required=True, help="Kind of application.")
@click.option(
    "--callback", "callbacks", multiple=True, help="Where people return to after signing in; repeat for several."
)
@tenant_option
def create(name: str, kind: str, callbacks: tuple[str, ...], tenant: str) -> None:
    """Register the application NAME and print a ready .env for it."""
    from idp.applications.clients import service
    from idp.applications.clients.schemas import ClientCreate
    from idp.directory.connections.runtime import for_client
    from idp.foundation.apikit import changes
    from idp.foundation.apikit.convert import convert
    from idp.foundation.kernel.faults import BODY
    from idp.operations.installation.samples import enable_default_connection

    if kind != "m2m" and not callbacks:
        raise click.UsageError("An application people sign in to needs a --callback URL.")
    with opened(command_settings()) as platform, tenant_work(platform, tenant) as work:
        # the same types as on the Management API judge what is typed here
        body = convert(_members(name, kind, callbacks), ClientCreate, BODY)
        with work.transaction():
            row = service.create(work, changes(body))
            if kind != "m2m":
                enable_default_connection(work, row.client_id)
        secret = None if kind in {"spa", "native"} else work.unseal(str(row.secret_sealed))
        work.refresh()
        click.echo(dotenv(work.config.url, work.config.management_audience, row.client_id, secret, callbacks))
        if kind != "m2m" and not for_client(work, row.client_id):
            click.echo("No connection is enabled for it: nobody can sign in yet.", err=True)


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


def _members(name: str, kind: str, callbacks: tuple[str, ...]) -> dict[str, Any]:
    origins = list(dict.fromkeys(_origin(url) for url in callbacks if urlsplit(url).scheme in {"http", "https"}))
    members: dict[str, Any] = {"name": name, "app_type": APP_TYPES[kind]}
    if callbacks:
        members |= {"callbacks": list(callbacks), "allowed_logout_urls": origins}
    if kind == "spa":
        members |= {"web_origins": origins, "allowed_origins": origins}
    return members


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def dotenv(issuer: str, audience: str, client_id: str, secret: str | None, callbacks: tuple[str, ...]) -> str:
    """The names that Auth0's SDKs, express-openid-connect, nextjs-auth0 and plain OpenID Connect libraries read."""
    domain = urlsplit(issuer).netloc
    lines = {
        "AUTH0_DOMAIN": domain,
        "AUTH0_CLIENT_ID": client_id,
        "AUTH0_CLIENT_SECRET": secret,
        "AUTH0_ISSUER_BASE_URL": issuer.rstrip("/"),
        "ISSUER_BASE_URL": issuer.rstrip("/"),
        "CLIENT_ID": client_id,
        "CLIENT_SECRET": secret,
        "OIDC_ISSUER": issuer,
        "OIDC_DISCOVERY_URL": f"{issuer}.well-known/openid-configuration",
    }
    if callbacks:
        lines |= {
            "AUTH0_CALLBACK_URL": callbacks[0],
            "APP_BASE_URL": _origin(callbacks[0]),
            "BASE_URL": _origin(callbacks[0]),
        }
    else:
        lines["AUTH0_AUDIENCE"] = audience
    return "\n".join(f"{name}={value}" for name, value in lines.items() if value is not None)
