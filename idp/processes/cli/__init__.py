"""The ``idp`` command: what an operator does at a shell (contract: the table of commands). No routes.

Commands are listed here as text and imported when called, so that ``idp --help`` costs nothing.
"""

from __future__ import annotations

import gc
import os
import sys
from dataclasses import dataclass
from importlib import import_module
from typing import Final

import click

MAX_LINE: Final = 300  # characters of a command's first sentence; longer ones are cut off


@dataclass(frozen=True)
class Entry:
    """A command: where it lives (``module:attribute`` under ``idp.processes.cli``) and what it does, in one line."""

    where: str
    does: str


COMMANDS: Final = {
    "dev": Entry("dev:dev", "start everything on this machine, with samples to try"),
    "init": Entry("init:init", "bring the database to working order; prints what tools need"),
    "serve": Entry("serve:serve", "the web server alone, as many processes as WEB_CONCURRENCY"),
    "worker": Entry("worker:worker", "background jobs alone: mails, logout tokens, purges"),
    "migrate": Entry("serve:migrate", "bring the database to the schema of this version"),
    "doctor": Entry("doctor:doctor", "say what is missing or unsafe for production"),
    "tenants": Entry("tenants:tenants", "create and list tenants"),
    "domains": Entry("domains:domains", "list, add and verify custom domains"),
    "clients": Entry("clients:clients", "create, show, change and list applications"),
    "federation": Entry("federation:federation", "say who vouches for a relying party of a federation"),
    "rp-check": Entry("rp_check:rp_check", "say what is wrong with an application's authorization request"),
    "connections": Entry("connections:connections", "try a tenant's own database out, purge attributes"),
    "users": Entry("users:users", "create, invite, import and export users, show what is stored of one, erase one"),
    "admins": Entry("admins:admins", "add and list administrators, let one in again"),
    "roles": Entry("roles:roles", "create, list and delete roles, give them to people"),
    "migrate-from": Entry("migrate_from:migrate_from", "copy a tenant of another product through its API"),
    "keys": Entry("keys:keys", "rotate signing keys, rewrite secrets under a new master key"),
    "mail": Entry("mail:mail", "try what sends mail, and look at mails"),
    "logs": Entry("logs:logs", "delete old log entries"),
    "breached-passwords": Entry(
        "breached_passwords:breached_passwords", "make the list of passwords that are known from data breaches"
    ),
    "backup": Entry("backup:backup", "write a snapshot of the database while it is in use"),
    "docs": Entry("docs:docs", "print reference pages made from the code"),
    "help": Entry("help:help_", "list the commands, or explain one"),
}


class Named(click.Group):
    """A group of commands that ``idp`` lists: its list says the whole first sentence of each, on as many lines as that
    takes, where click would cut it off.
    """

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """With whole sentences."""
        with formatter.section("Commands"):
            formatter.write_dl(
                [(name, command.get_short_help_str(MAX_LINE)) for name, command in self.commands.items()]
            )


class Commands(click.Group):
    """The group: knows every command's line, imports a command when it is called."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that is called; one that there is not is told with those it looks like."""
        try:
            return super().resolve_command(ctx, args)
        except click.exceptions.NoSuchCommand as error:
            raise click.exceptions.NoSuchCommand(error.command_name, possibilities=COMMANDS, ctx=ctx) from None

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command itself."""
        entry = COMMANDS.get(cmd_name)
        if entry is None:
            return None
        module, _, attribute = entry.where.partition(":")
        import_module("idp.foundation.logging")  # before anything else imports structlog
        command: click.Command = getattr(import_module(f"idp.processes.cli.{module}"), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.does) for name, entry in COMMANDS.items()])


def _version(ctx: click.Context, _option: click.Parameter, asked: bool) -> None:
    if asked:
        from idp import __version__

        click.echo(f"gatehouse {__version__}")
        ctx.exit()


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version", is_flag=True, expose_value=False, is_eager=True, callback=_version, help="Print the version."
)
def idp() -> None:
    """Gatehouse, an OpenID Connect identity provider. Settings come from the environment: docs/configuration.md lists
    them.
    """


def main() -> None:
    """Run the command line.

    Settings that can't be used end with status 2, anything else that is foreseen with 1; one line for each thing.
    """
    os.umask(0o077)  # databases, keys and copies are the operator's alone
    gc.disable()  # nothing of what is imported is garbage; servers turn it on again
    try:
        idp(prog_name="idp", standalone_mode=False)
    except click.exceptions.Abort:
        sys.exit(130)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message())
        sys.exit(2)
    except click.ClickException as error:
        plain = type(error) is click.ClickException  # a wrong usage shows the usage with it
        (click.ClickException(_shown(error.message)) if plain else error).show()
        sys.exit(error.exit_code)
    except click.exceptions.Exit as error:
        sys.exit(error.exit_code)
    except Exception as error:  # noqa: BLE001 - what is not foreseen is raised again
        sys.exit(_explain(error))


def _shown(line: str) -> str:
    """In one line, without the secrets of this environment: programs and servers may repeat what they were given."""
    from idp.processes.cli.words import without_secrets

    return without_secrets(" ".join(line.split()), os.environ)


def _explain(error: Exception) -> int:
    from idp.foundation.kernel.errors import GatehouseError
    from idp.foundation.settings import SettingsError

    if isinstance(error, SettingsError):
        for problem in error.problems:
            click.echo(_shown(f"idp: {problem}"), err=True)
        return 2
    if isinstance(error, GatehouseError):
        click.echo(_shown(f"idp: {error.message}" + (f" ({error.detail})" if error.detail else "")), err=True)
        return 1
    raise error
