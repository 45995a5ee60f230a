"""``idp serve``, ``idp migrate``: what a platform runs, beside ``idp worker`` (:mod:`.worker`)."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

import click
import structlog

from idp.foundation.kernel.errors import StoreUnavailable
from idp.foundation.settings import Settings
from idp.processes.apart import apart
from idp.processes.cli.process import command_settings
from idp.processes.cli.server import server_settings

STORE_PATIENCE_S = 60.0
T = TypeVar("T")
log = structlog.get_logger(__name__)


@click.command()
@click.option(
    "--with-worker",
    is_flag=True,
    help="Background jobs too, in a process of their own: a machine needs no `idp worker`, and less memory.",
)
def serve(*, with_worker: bool) -> None:
    """The web server, on IDP_BIND (0.0.0.0) and PORT, with WEB_CONCURRENCY processes."""
    settings = server_settings()
    from idp.processes import starting
    from idp.wiring import wire

    bind = settings.bind or "0.0.0.0"  # noqa: S104 - the contract's address: platforms route to it
    listener = starting.listener(bind, settings.port)
    doorway = starting.doorway(bind, settings)
    wire()  # imported before the fork, once for both
    apart(lambda: once_the_store_answers(lambda: starting.prepare(settings)))
    log.info(
        "serving", address=bind, port=settings.port, processes=settings.web_concurrency, issuer=settings.public_url
    )
    starting.serve(listener, settings, workers=settings.web_concurrency, with_worker=with_worker, doorway=doorway)


@click.command()
def migrate() -> None:
    """Bring the database to the schema of this version. Old processes may go on meanwhile."""
    settings = command_settings(create=True)
    click.echo("The database was migrated." if _migrate(settings) else "The database is up to date.", err=True)


def follow(settings: Settings) -> None:
    """The schema of this version, and the default tenant where IDP_PUBLIC_URL names its place."""
    if not settings.public_url_given:
        _migrate(settings)
        return
    from idp.foundation.tenancy.work import Platform
    from idp.operations import installation
    from idp.wiring import wire

    wire()
    platform = Platform.open(settings)
    try:
        installation.prepare(platform)
    finally:
        platform.db.dispose()


def _migrate(settings: Settings) -> bool:
    from idp.foundation.db import migrate as migrations

    return migrations.upgrade(settings.database_url)


def once_the_store_answers(begin: Callable[[], T]) -> T:
    """``begin()``, tried again while the database is away, for a minute. Raises StoreUnavailable after that."""
    deadline = time.monotonic() + STORE_PATIENCE_S
    while True:
        try:
            return begin()
        except StoreUnavailable as error:
            if time.monotonic() > deadline:
                raise
            log.warning("waiting for the database", reason=error.detail)
            time.sleep(1)
