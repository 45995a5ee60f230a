"""``idp logs``."""

from __future__ import annotations

import sys
import threading

import click

from idp.processes.cli import Named
from idp.processes.cli.process import command_settings, opened


@click.group(cls=Named)
def logs() -> None:
    """Log entries of tenants."""


@logs.command()
@click.option("--tenant", help="Name of the one tenant to work on; all of them where left out.")
@click.option(
    "--days",
    type=click.IntRange(min=1),
    help="Delete entries older than this, whatever the tenants' log_retention_days say.",
)
def purge(tenant: str | None, days: int | None) -> None:
    """Delete log entries that are older than their tenant keeps them (log_retention_days), in small batches while
    everything goes on. The worker does the same every ten minutes.
    """
    from idp.processes import purges

    with opened(command_settings()) as platform:
        names = purges.tenants(platform)
        if tenant is not None and tenant not in names:
            raise click.ClickException(f"There is no tenant called {tenant}. `idp tenants list` names them.")
        chosen = names if tenant is None else [tenant]
        total = purges.count_unretained(platform, chosen, days=days)
        with click.progressbar(length=total, label="Deleting", file=sys.stderr) as bar:
            removed = purges.retain(platform, chosen, threading.Event(), days=days, told=bar.update)
    click.echo(f"{sum(removed.values())} log entries deleted.")
