"""``idp worker``. Whatever does the work is imported in the processes that do it (:mod:`idp.processes.resting`)."""

from __future__ import annotations

import click

from idp.foundation.settings import Settings
from idp.processes import resting
from idp.processes.apart import apart
from idp.processes.cli.server import server_settings


@click.command()
def worker() -> None:
    """Background jobs alone: mails, logout tokens, purges."""
    settings = server_settings()
    apart(lambda: _prepare(settings))
    resting.run(settings, lambda first_purge_s: _work(settings, first_purge_s))


def _prepare(settings: Settings) -> None:
    from idp.processes.cli.serve import follow, once_the_store_answers

    once_the_store_answers(lambda: follow(settings))


def _work(settings: Settings, first_purge_s: float) -> None:
    from idp.processes import worker as jobs

    jobs.until_calm(settings, first_purge_s)
