"""What commands begin with: settings, logs, a platform that is closed again, the tenant they work on."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click
import msgspec

from idp.foundation import logging
from idp.foundation.kernel.actor import CLI, Actor
from idp.foundation.settings import Settings
from idp.foundation.tenancy.work import Platform, Work
from idp.processes.cli import running
from idp.processes.cli.words import command
from idp.tenant.audit import writes
from idp.tenant.audit.writes import Request


def command_settings(*, create: bool = False) -> Settings:
    """Settings for a command that answers on stdout: its log goes to stderr, warnings only. Beside a running ``idp
    dev`` they are that one's. ``create`` lets it make the folder and the key that development needs. Raises
    SettingsError.
    """
    settings = Settings.from_env(running.environment(os.environ), create_key=create)
    logging.configure("debug" if settings.log_level == "debug" else "warning", readable=True, stream=sys.stderr)
    return settings


@contextmanager
def opened(settings: Settings) -> Iterator[Platform]:
    """A platform for as long as the command runs, on a database at today's schema. Raises ClickException where there is
    none yet: only ``init`` and what serves make one.
    """
    from idp.foundation.db import migrate
    from idp.wiring import wire

    require_database(settings)
    migrate.upgrade(settings.database_url)
    wire()
    platform = Platform.open(settings)
    try:
        yield platform
    finally:
        platform.db.dispose()


def require_database(settings: Settings, *, with_key: bool = True) -> None:
    """Raises ClickException where there is no database, or no master key beside it. Nothing is made."""
    file = settings.sqlite_file
    if file is not None and not file.is_file():
        raise click.ClickException(f"There is no database at {file}. `{command('init')}` makes one.")
    if with_key and not settings.secret_key_given and not settings.key_file.is_file():
        raise click.ClickException(
            f"There is no master key at {settings.key_file}, and IDP_SECRET_KEY is not set. "
            f"`{command('init')}` makes one for a new database."
        )


@contextmanager
def tenant_work(platform: Platform, tenant_id: str) -> Iterator[Work]:
    """A piece of work on that tenant. Raises ClickException where there is none of that name."""
    with platform.db.hot(orm=True) as hot:
        try:
            config = platform.configurations.reload(tenant_id, hot)
        except LookupError as error:
            raise click.ClickException(
                f"There is no tenant called {tenant_id}. `{command('tenants list')}` names them; "
                f"`{command('init')}` makes the default one."
            ) from error
        context = click.get_current_context(silent=True)
        path = context.command_path if context is not None else "idp"
        told = Request(path, path, method="command")
        yield Work(platform, config, hot, actor=Actor(channel=CLI), before_commit=writes.at_commit(told))


def echo_json(document: object) -> None:
    """One JSON document on stdout."""
    click.echo(msgspec.json.format(msgspec.json.encode(document), indent=2).decode())


tenant_option = click.option("--tenant", default="default", show_default=True, help="Name of the tenant to work on.")
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
