"""``idp users``."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from idp.processes.cli.process import command_settings, opened, tenant_option, tenant_work


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
    from idp.directory.users.identifiers import valid_email
    from idp.operations.installation import administrators
    from idp.operations.installation.kept import made_up_password
    from idp.operations.installation.tenant import provisioned

    address = valid_email(email)
    if address is None:
        raise click.ClickException(f"{email} is not an email address.")
    given = sys.stdin.readline().rstrip("\r\n") if password_stdin else None
    if password_stdin and not given:
        raise click.ClickException("No password on standard input.")
    password = given or made_up_password()
    with opened(command_settings()) as platform, tenant_work(platform, tenant) as work:
        if administrators.weakness(password):
            raise click.ClickException(f"That password is too weak. {administrators.weakness(password)}")
        if not administrators.create(platform, provisioned(platform, work.tenant_id), address, password, name=name):
            raise click.ClickException(f"{address} has an account already.")
    click.echo(f"{address}" + ("" if given else f"  {password}"))


@users.command()
@click.argument("user")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@tenant_option
def archive(user: str, file: Path, tenant: str) -> None:
    """Write everything that is stored of USER (a user id or an address) into FILE, a zip of JSON documents."""
    from idp.directory.privacy import service
    from idp.processes.cli.people import named_user

    with opened(command_settings()) as platform, tenant_work(platform, tenant) as work:
        user_id = named_user(work, user)
        with file.open("xb") as stream:
            service.write_archive(work, user_id, stream)
    click.echo(f"{user_id}  {file}")


@users.command()
@click.argument("user")
@click.confirmation_option(prompt="Nothing of this user can be brought back. Erase?")
@tenant_option
def erase(user: str, tenant: str) -> None:
    """Delete USER (a user id or an address) with everything that is stored of them, and say what was looked through."""
    from idp.directory.privacy import service
    from idp.processes.cli.people import named_user

    with opened(command_settings()) as platform, tenant_work(platform, tenant) as work:
        user_id = named_user(work, user)
        for each in service.erase(work, user_id):
            click.echo(f"{each.table:<24} {each.before:>7} {each.after:>7}  {each.stays}")


@users.command()
@click.argument("email")
@click.option("--client", "client_id", required=True, help="Client id of the application they are invited to.")
@click.option("--by", "inviter", help="Who invites, as the mail says it; the tenant's name where left out.")
@click.option("--connection", "connection_id", help="The id of the database connection; the client's first otherwise.")
@click.option("--days", type=click.IntRange(1, 30), default=7, show_default=True, help="How long the link works.")
@click.option("--no-mail", is_flag=True, help="Send no mail: deliver the link that is printed yourself.")
@tenant_option
def invite(
    email: str, client_id: str, inviter: str | None, connection_id: str | None, days: int, no_mail: bool, tenant: str
) -> None:
    """Mail somebody a link on which they choose a password for an account, and print it."""
    from idp.foundation.kernel.errors import GatehouseError
    from idp.signin.invitations import service as invitations

    with opened(command_settings()) as platform, tenant_work(platform, tenant) as work:
        members = {
            "inviter": {"name": inviter or work.config.friendly_name},
            "invitee": {"email": email},
            "client_id": client_id,
            "ttl_sec": days * 86_400,
            "send_invitation_email": not no_mail,
            **({"connection_id": connection_id} if connection_id else {}),
        }
        try:
            with work.transaction():
                made = invitations.create(work, members)
        except GatehouseError as error:
            raise click.ClickException(error.message) from error
        click.echo(f"{made.row.email}  {made.row.id}  {made.url}")


@users.command()
@click.argument("invitation_id")
@tenant_option
def uninvite(invitation_id: str, tenant: str) -> None:
    """Withdraw an invitation: its link no longer works."""
    from idp.foundation.kernel.errors import GatehouseError
    from idp.signin.invitations import service as invitations

    with opened(command_settings()) as platform, tenant_work(platform, tenant) as work:
        try:
            with work.transaction():
                invitations.withdraw(work, invitations.get(work, invitation_id).id)
        except GatehouseError as error:
            raise click.ClickException(error.message) from error
    click.echo(f"{invitation_id} is withdrawn.")
