"""``python -m tests.scale``: a crowd in a database, and what everything costs then."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from idp.processes.cli.process import command_settings
from idp.tenant.audit import log
from idp.wiring import wire
from tests.scale import bench as measuring
from tests.scale.bench import Plan, Results
from tests.scale.fill import Amounts
from tests.scale.fill import fill as fill_world
from tests.scale.load import cpu_ms
from tests.world.world import PASSWORD, World


@click.group()
def main() -> None:
    """A crowd in a database, and what everything costs then. Never on a database that you want to keep."""


@main.command()
@click.option("--database-url", envvar="DATABASE_URL", help="As the product's DATABASE_URL.")
@click.option("--users", type=click.IntRange(min=0), default=0, help="Users to add.")
@click.option("--sessions", type=click.IntRange(min=0), default=0, help="Sign-ins to add, with their first tokens.")
@click.option(
    "--tokens", type=click.IntRange(min=0), default=0, help="Families of tokens in all; further ones are silent."
)
@click.option("--logs", type=click.IntRange(min=0), default=0, help="Log entries to add.")
@click.option("--verbose", is_flag=True, help="Say how long each index takes.")
def fill(database_url: str | None, users: int, sessions: int, tokens: int, logs: int, *, verbose: bool) -> None:
    """Add users, sign-ins, tokens and log entries to an installation (`idp init`); all or nothing."""
    if database_url:
        os.environ["DATABASE_URL"] = database_url
    os.environ["IDP_RATE_LIMITS"] = "off"
    wire()
    begun, server = time.monotonic(), measuring.postmaster(database_url or "")
    before = cpu_ms(server)
    world = World.installed_at(command_settings(create=True))
    try:
        amounts = Amounts(users=users, sessions=sessions, tokens=tokens, logs=logs)
        written = fill_world(world, amounts, (lambda line: click.echo(line, err=True)) if verbose else lambda _: None)
    finally:
        log.batch.close()
        world.platform.db.dispose()
    for table, amount in written.items():
        click.echo(f"{table:<18} {amount:>10,}")
    took, ours, theirs = time.monotonic() - begun, sum(os.times()[:4]), (cpu_ms(server) - before) / 1000
    click.echo(f"{took:.0f} s; CPU {ours:.0f} s here, {theirs:.0f} s in Postgres.")
    click.echo(f"Users of the database connections have the password {PASSWORD!r}.")


def measured(command: Callable[..., None]) -> Callable[..., None]:
    """The options of what measures."""
    for option in (
        click.option("--json", "file", type=click.Path(dir_okay=False, path_type=Path), help="Write the figures too."),
        click.option("--only", multiple=True, help="Only workloads with this in their names."),
        click.option("--seconds", type=float, default=3.0, show_default=True, help="For how long each is measured."),
        click.option("--callers", type=int, multiple=True, help="How many call at once; 1 and 8 unless said."),
    ):
        command = option(command)
    return command


@main.command("bench")
@click.option("--store", type=click.Choice(["postgresql", "sqlite"]), default="postgresql", show_default=True)
@click.option("--users", "sizes", type=int, multiple=True, help="Sizes of the crowd; 1,000 and 1,000,000 unless said.")
@measured
def bench(store: str, sizes: tuple[int, ...], **how: Any) -> None:
    """Measure the same calls on crowds of different sizes, on a private database, and print a table."""
    large = 1_000_000 if store == "postgresql" else 100_000
    _report(lambda plan: measuring.bench(plan, say), store, sorted(sizes or (1_000, large)), **how)


@main.command("measure")
@click.option("--database-url", envvar="DATABASE_URL", required=True, help="As the product's DATABASE_URL.")
@click.option("--secret-key", envvar="IDP_SECRET_KEY", required=True, help="As the product's IDP_SECRET_KEY.")
@click.option("--users", type=int, required=True, help="How many of the crowd are in it.")
@measured
def measure(database_url: str, secret_key: str, users: int, **how: Any) -> None:
    """Measure the same calls on a database that is filled already."""
    _report(lambda plan: measuring.measure_there(database_url, secret_key, users, plan, say), "", [users], **how)


@main.command("dashboard")
@click.option("--database-url", envvar="DATABASE_URL", required=True, help="As the product's DATABASE_URL.")
@click.option("--users", type=int, required=True, help="How many of the crowd are in it.")
@click.option("--times", type=int, default=20, show_default=True, help="How often each page is asked for.")
@click.option("--only", multiple=True, help="Only pages with this in their names.")
def dashboard(database_url: str, users: int, times: int, only: tuple[str, ...]) -> None:
    """CPU and statements of the dashboard's pages on a database that is filled already; it gets an administrator."""
    from tests.scale import dashboard as pages

    os.environ["DATABASE_URL"] = database_url
    os.environ["IDP_RATE_LIMITS"] = "off"
    wire()
    world = World.installed_at(command_settings(create=True))
    for cost in pages.measure(world, users, times, measuring.postmaster(database_url), only):
        click.echo(cost.line())


@main.command("day")
@click.option("--database-url", envvar="DATABASE_URL", required=True, help="As the product's DATABASE_URL; empty.")
@click.option("--sign-ins", type=click.IntRange(min=1), default=100_000, show_default=True)
@click.option("--people", type=click.IntRange(min=1), default=5_000, show_default=True)
def day(database_url: str, sign_ins: int, people: int) -> None:
    """Live a day of sign-ins through pages and endpoints with a moved clock, and say what is left of it."""
    import time_machine

    from tests.scale import day as days

    os.environ["DATABASE_URL"] = database_url
    wire()
    world = World.installed_at(command_settings(create=True))
    with time_machine.travel(time.time(), tick=False) as moves:
        lived = days.Day(world, moves, sign_ins, people)
        before = days.rows(world)
        lived.live(say)
        told = {"the day": days.grown(before, days.rows(world))}
        told |= {f"{name} later": days.grown(before, now) for name, now in lived.left()}
    tables = sorted({table for left in told.values() for table in left})
    for line in (["table", *told], ["---"] * (len(told) + 1)):
        click.echo(f"| {' | '.join(line)} |")
    for table in tables:
        click.echo(f"| `{table}` | {' | '.join(f'{left.get(table, 0):,}' for left in told.values())} |")


def say(line: str) -> None:
    """Progress."""
    click.echo(line, err=True)


def _report(
    run: Callable[[Plan], Results],
    store: str,
    sizes: Sequence[int],
    *,
    callers: tuple[int, ...],
    seconds: float,
    only: tuple[str, ...],
    file: Path | None,
) -> None:
    results = run(Plan(store, sizes, callers or (1, 8), seconds, only))
    if file:
        measuring.save(results, file)
    for line in measuring.table(results):
        click.echo(line)


if __name__ == "__main__":
    main()
