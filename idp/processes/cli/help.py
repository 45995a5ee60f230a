"""``idp help``."""

from __future__ import annotations

import click


@click.command("help")
@click.argument("names", nargs=-1, metavar="[COMMAND]...")
@click.pass_context
def help_(ctx: click.Context, names: tuple[str, ...]) -> None:
    """List the commands, or explain one."""
    here = ctx.find_root()
    command = here.command
    for name in names:
        found = command.get_command(here, name) if isinstance(command, click.Group) else None
        if found is None:
            known = command.list_commands(here) if isinstance(command, click.Group) else []
            raise click.exceptions.NoSuchCommand(name, possibilities=known, ctx=ctx)
        command, here = found, click.Context(found, info_name=name, parent=here)
    click.echo(command.get_help(here))
