"""``idp breached-passwords``."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from idp.processes.cli.process import command_settings

_EXISTING = click.Path(exists=True, path_type=Path)


@click.group("breached-passwords")
def breached_passwords() -> None:
    """The list of passwords that are known from data breaches."""


@breached_passwords.command()
@click.argument("file", type=_EXISTING)
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="Default: IDP_BREACHED_PASSWORDS.")
@click.option(
    "--least", type=click.IntRange(min=1), default=1, show_default=True, help="Leave out what was seen less often."
)
def build(file: Path, output: Path | None, least: int) -> None:
    """Make the list of FILE: SHA-1 or NTLM hashes in hexadecimal, one a line, with or without a colon and a count
    behind, in any order. FILE may be a folder of such files, also those of a range service, which are named by the
    first five letters. Running processes use the new list with the next password.
    """
    from idp.signin.attack_protection import hash_list

    target = output or command_settings().breached_passwords
    try:
        with click.progressbar(length=hash_list.size_of(file), label="Reading", file=sys.stderr) as bar:
            made = hash_list.build(file, target, bar.update, least=least)
    except (OSError, hash_list.InvalidList) as error:
        raise click.ClickException(str(error)) from error
    size = target.stat().st_size
    click.echo(f"{made.count} {made.kind.upper()} hashes are in {target} ({size} bytes).")


@breached_passwords.command()
def check() -> None:
    """Ask for a password, which is not shown, and say whether it is in the list; exit status 1 if it is."""
    from idp.signin.attack_protection import breached, hash_list

    path = command_settings().breached_passwords
    try:
        hash_list.open_list(path)
    except (OSError, hash_list.InvalidList) as error:
        raise click.ClickException(f"{error} `idp breached-passwords build` makes one.") from error
    if breached.lists.holds(path, click.prompt("Password", hide_input=True)):
        click.echo("It is in the list.")
        sys.exit(1)
    click.echo("It is not in the list.")
