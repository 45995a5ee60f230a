"""``idp users``."""

from __future__ import annotations

import sys

import click

from idp.cli.process import command_settings, opened, tenant_context, tenant_option


@click.group()
def users() -> None:
    """People of the default connection."""


@users.command()
@click.argument("email")
@click.option("--name", help="Full name; the address where left out.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input instead of making one up.")
@tenant_option
def create(email: str, name: str | None, password_stdin: bool, tenant: str) -> None:
    """Make an account with a verified address, and print its password where one was made up."""
    from idp.installation import people
    from idp.installation.kept import made_up_password
    from idp.installation.tenant import provisioned
    from idp.users.identifiers import valid_email

    address = valid_email(email)
    if address is None:
        raise click.ClickException(f"{email} is not an email address.")
    given = sys.stdin.readline().rstrip("\r\n") if password_stdin else None
    if password_stdin and not given:
        raise click.ClickException("No password on standard input.")
    password = given or made_up_password()
    with opened(command_settings()) as platform, tenant_context(platform, tenant) as ctx:
        if people.weakness(password):
            raise click.ClickException(f"That password is too weak. {people.weakness(password)}")
        if not people.create(platform, provisioned(platform, ctx.tenant_id), address, password, name=name):
            raise click.ClickException(f"{address} has an account already.")
    click.echo(f"{address}" + ("" if given else f"  {password}"))
