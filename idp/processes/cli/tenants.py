"""``idp tenants``."""

from __future__ import annotations

import click

from idp.processes.cli import Named
from idp.processes.cli.init import describe
from idp.processes.cli.process import command_settings, echo_json, json_option, opened


@click.group(cls=Named)
def tenants() -> None:
    """Tenants: isolated identity providers in one installation, each at its own URL."""


@tenants.command()
@click.argument("name")
@click.option("--url", required=True, help="Its public base URL, which becomes its issuer: https://acme.example.com/")
@json_option
def create(name: str, url: str, as_json: bool) -> None:
    """Make the tenant NAME at its own URL, with keys, Management API, connection and administrator."""
    from idp.foundation.settings import checked_url
    from idp.operations import installation

    if not (name.replace("-", "").replace("_", "").isalnum() and name.isascii() and len(name) <= 64):
        raise click.ClickException("A tenant's name has up to 64 letters, digits, - and _.")
    settings = command_settings()
    address = checked_url(url, "--url")
    if not settings.development and not address.startswith("https://"):
        raise click.ClickException("In production a tenant's URL begins with https://.")
    with opened(settings) as platform:
        printed = installation.create_tenant(platform, name, address)
    if as_json:
        echo_json(printed)
    else:
        describe(printed)


@tenants.command("list")
@json_option
def list_(as_json: bool) -> None:
    """Every tenant with its URL; the default one has a star."""
    from sqlalchemy import select

    from idp.foundation.tenancy.models import Tenant

    with opened(command_settings()) as platform, platform.db.system_session() as session:
        found = [
            {"name": row.id, "url": row.url, "default": row.is_default}
            for row in session.scalars(select(Tenant).order_by(Tenant.created_at, Tenant.id))
        ]
    if as_json:
        echo_json(found)
        return
    for row in found:
        click.echo(f"{'*' if row['default'] else ' '} {row['name']:<24} {row['url']}")
