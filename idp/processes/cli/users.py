"""``idp users``."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import click

from idp.processes.cli import Named
from idp.processes.cli.process import command_settings, echo_json, json_option, opened, tenant_option, tenant_work

if TYPE_CHECKING:
    from idp.directory.bulk.faults import Fault
    from idp.directory.bulk.files import Tally
    from idp.directory.bulk.importing import Refused
    from idp.directory.connections.runtime import ConnectionConfig
    from idp.foundation.tenancy.work import Work

SHOWN_REFUSALS = 3
"""How many refused rows a summary names with their reasons."""
SOME_REFUSED = 3
"""Status of an import that left rows out; 1 and 2 are those of commands that could not do their work."""
DEFAULT_CONNECTION = "Username-Password-Authentication"
connection_option = click.option(
    "--connection", default=DEFAULT_CONNECTION, show_default=True, help="Name or id of the connection."
)


@click.group(cls=Named)
def users() -> None:
    """People: make one, import and export many."""


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
@tenant_option
@json_option
def leaving(tenant: str, as_json: bool) -> None:
    """List who asked for the deletion of their account, and when it is erased."""
    from sqlalchemy import select

    from idp.directory.users.models import User
    from idp.foundation.kernel import clock

    statement = select(User).where(User.deletion_due.is_not(None)).order_by(User.deletion_due, User.user_id)
    with opened(command_settings()) as platform, tenant_work(platform, tenant) as work:
        found = [
            {"user_id": row.user_id, "email": row.email, "deletion_due": clock.iso(row.deletion_due or 0)}
            for row in work.rows.scalars(statement)
        ]
    if as_json:
        echo_json(found)
        return
    for each in found:
        click.echo(f"{each['deletion_due']}  {each['user_id']}  {each['email'] or ''}")


@users.command()
@click.argument("user")
@tenant_option
def keep(user: str, tenant: str) -> None:
    """Keep USER (a user id or an address), who asked for the deletion of their account."""
    from idp.processes.cli.people import named_user
    from idp.signin.self_service import deletion

    with opened(command_settings()) as platform, tenant_work(platform, tenant) as work:
        user_id = named_user(work, user)
        if not deletion.keep(work, user_id):
            raise click.ClickException(f"{user} did not ask for the deletion of their account.")
    click.echo(f"{user_id} stays.")


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


@users.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@connection_option
@click.option(
    "--format",
    "format_",
    help="Whose file it is: auth0, okta, gigya, stormpath, keycloak, firebase, cognito, supabase, clerk, ldif or csv. "
    "Left out, the file is one for POST /jobs/users-imports, an export of Auth0, LDIF or CSV.",
)
@click.option("--upsert", is_flag=True, help="Change people who are there already.")
@click.option("--dry-run", is_flag=True, help="Look at every row and write nothing.")
@click.option("--from", "first", type=click.IntRange(min=1), default=1, help="Go on with this row of the file.")
@click.option("--report", type=click.Path(dir_okay=False, path_type=Path), help="Write refused rows to this file.")
@click.option("-o", "--option", "options", multiple=True, help="name=value for the format, more than once.")
@tenant_option
@json_option
def import_(
    file: Path,
    connection: str,
    format_: str | None,
    upsert: bool,
    dry_run: bool,
    first: int,
    report: Path | None,
    options: tuple[str, ...],
    tenant: str,
    as_json: bool,
) -> None:
    """Import users from FILE, however large it is. Rows that are wrong are left out and reported: it ends with 3 where
    there were some. Whatever stops it, it says with which row to go on (--from).
    """
    from idp.directory.bulk import converters, files
    from idp.directory.bulk.converters.contract import Unconvertible
    from idp.directory.bulk.importing import Refused

    given, first_refused = _options(options), list[Refused]()
    with (
        opened(command_settings()) as platform,
        tenant_work(platform, tenant) as work,
        file.open("rb") as source,
        _report_of(report) as told,
    ):
        chosen = format_ or files.guessed(source.peek(64), file.name)
        if chosen not in converters.CONVERTERS:
            raise click.ClickException(f"There is no format {chosen}. There are {', '.join(converters.CONVERTERS)}.")
        target = _connection(work, connection)
        with click.progressbar(length=max(1, file.stat().st_size), label=_label(dry_run), file=sys.stderr) as bar:
            asked = files.Import(
                converter=converters.named(chosen),
                connection_id=target.id,
                upsert=upsert,
                dry_run=dry_run,
                first=first,
                options=given,
                refused=lambda each: _refused(each, told, first_refused),
                reached=lambda tally: _shown(bar, source, tally),
            )
            try:
                tally = files.import_file(platform, tenant, source, asked)
            except Unconvertible as error:
                raise click.ClickException(str(error)) from error
            bar.update(bar.length - bar.pos if bar.length else 0)
    _say(tally, first_refused, dry_run=dry_run, as_json=as_json, report=report)
    if tally.failed:
        raise SystemExit(SOME_REFUSED)


@users.command()
@click.argument("file", type=click.Path(dir_okay=False, writable=True, allow_dash=True, path_type=Path), default="-")
@click.option("--connection", help="Name or id of the connection; users of all of them where left out.")
@click.option("--format", "format_", type=click.Choice(["json", "csv"]), default="json", show_default=True)
@click.option("--field", "named", multiple=True, help="A member to export (path, or path=name), more than once.")
@tenant_option
def export(file: Path, connection: str | None, format_: str, named: tuple[str, ...], tenant: str) -> None:
    """Export users to FILE, or to standard output: one JSON object a line, or CSV. Passwords stay here."""
    from sqlalchemy import func, select

    from idp.directory.bulk import files
    from idp.directory.bulk.columns import Field
    from idp.directory.users.models import UserCount

    fields = [Field(path, name or path) for path, _, name in (each.partition("=") for each in named)]
    with (
        opened(command_settings()) as platform,
        tenant_work(platform, tenant) as work,
        click.open_file(str(file), "wb") as target,
    ):
        connection_id = _connection(work, connection, any_kind=True).id if connection else None
        expected = work.rows.scalar(select(func.sum(UserCount.amount))) or 1
        with click.progressbar(length=int(expected), label="Exporting", file=sys.stderr) as bar:
            total = files.export_file(work, connection_id, target, fields=fields, format_=format_, reached=bar.update)
    click.echo(f"{total} users exported.", err=True)


def _connection(work: Work, named: str, *, any_kind: bool = False) -> ConnectionConfig:
    from idp.directory.connections import runtime as connections

    found = connections.named(work, named) or connections.find(work, named)
    if found is None:
        raise click.ClickException(f"There is no connection called {named}.")
    if not any_kind and not (found.is_database and found.keeps_accounts):
        raise click.ClickException(f"{named} keeps no accounts here: users are imported into database connections.")
    return found


def _options(given: tuple[str, ...]) -> dict[str, str]:
    from idp.directory.bulk import files

    try:
        return files.options_of(given)
    except ValueError as error:
        raise click.ClickException(f"{error}, not {' '.join(given)}.") from error


def _label(dry_run: bool) -> str:
    return "Looking" if dry_run else "Importing"


@contextmanager
def _report_of(path: Path | None) -> Iterator[Any]:
    """Writes lines to the report, where there is to be one."""
    if path is None:
        yield lambda _line: None
        return
    with path.open("wb") as file:
        yield file.write


def _shown(bar: Any, source: BinaryIO, tally: Tally) -> None:
    """The bar follows the bytes that were read; behind it stands how many rows are done."""
    bar.label = f"{tally.inserted + tally.updated + tally.failed:,} rows"
    bar.update(max(0, min(source.tell(), bar.length or 0) - bar.pos))


def _refused(each: Refused, told: Callable[[bytes], object], first: list[Refused]) -> None:
    """A refused row goes to the report; the first of them are kept for the summary."""
    from idp.directory.bulk import files

    told(files.reported(each))
    if len(first) < SHOWN_REFUSALS:
        first.append(each)


def _worded(fault: Fault) -> str:
    return f"{fault.path}: {fault.message}" if fault.path else fault.message


def _say(tally: Tally, first_refused: Sequence[Refused], *, dry_run: bool, as_json: bool, report: Path | None) -> None:
    if as_json:
        numbers = {name: getattr(tally, name) for name in ("total", "inserted", "updated", "failed")}
        echo_json({**numbers, "left_out": tally.left_out, "dry_run": dry_run})
        return
    verb = "would be imported" if dry_run else "imported"
    click.echo(
        f"{tally.inserted:,} {verb}, {tally.updated:,} changed, {tally.failed:,} refused of {tally.total:,} rows."
    )
    for name, amount in sorted(tally.left_out.items()):
        click.echo(f"  not brought along: {name} ({amount:,})")
    for each in first_refused:
        click.echo(f"  row {each.row.number + 1:,}: {'; '.join(_worded(fault) for fault in each.faults)}")
    if tally.failed:
        click.echo(f"Why: {report}" if report else "Why, row by row: --report FILE writes it down.")
