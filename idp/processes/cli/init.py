"""``idp init``."""

from __future__ import annotations

import click

from idp.processes.cli.process import command_settings, echo_json, json_option
from idp.processes.cli.words import command


@click.command()
@json_option
def init(as_json: bool) -> None:
    """Bring the database to working order: schema, default tenant, keys, Management API, administrator.

    Repeat it as often as you like. It never resets a password, and moves the tenant only where IDP_PUBLIC_URL is set.
    """
    from idp.foundation.tenancy.work import Platform
    from idp.operations import installation
    from idp.wiring import wire

    wire()
    settings = command_settings(create=True)
    platform = Platform.open(settings)
    try:
        # a server may be running at the stored address, which this shell knows nothing of
        printed = installation.install(platform, move=settings.public_url_given)
    finally:
        platform.db.dispose()
    if as_json:
        echo_json(printed)
        return
    describe(printed)


def describe(printed: dict[str, dict[str, str]]) -> None:
    """The same for people."""
    admin = printed["admin"]
    click.echo(f"Issuer          {printed['issuer']}")
    click.echo(f"Management API  {printed['management']['audience']}")
    click.echo(f"  client id     {printed['management']['client_id']}")
    click.echo(f"  client secret {printed['management']['client_secret']}")
    click.echo(f"Connection      {printed['connection']['name']} ({printed['connection']['id']})")
    click.echo(f"Administrator   {admin['email']}")
    if admin.get("setup_url"):
        click.echo(f"  set a password at {admin['setup_url']} (works once; a new `{command('init')}` makes a new link)")
    elif admin.get("password"):
        click.echo(f"  password      {admin['password']}")
