"""What commands begin with: settings, logs, a platform that is closed again, the tenant they work on."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click
import msgspec

from idp.foundation import logging
from idp.foundation.settings import Settings
from idp.foundation.tenancy.work import Platform, Work


def command_settings(*, create_key: bool = True) -> Settings:
    """Settings for a command that answers on stdout: its log goes to stderr, warnings only. Raises SettingsError."""
    settings = Settings.from_env(create_key=create_key)
    logging.configure("debug" if settings.log_level == "debug" else "warning", readable=True, stream=sys.stderr)
    return settings


def server_settings() -> Settings:
    """Settings for a process that stays: its log goes to stdout, readable on a developer's terminal. Raises
    SettingsError.
    """
    settings = Settings.from_env()
    logging.configure(settings.log_level, readable=settings.development and sys.stdout.isatty())
    return settings


@contextmanager
def opened(settings: Settings) -> Iterator[Platform]:
    """A platform for as long as the command runs, on a database at today's schema."""
    from idp.foundation.db import migrate
    from idp.wiring import wire

    migrate.upgrade(settings.database_url)
    wire()
    platform = Platform.open(settings)
    try:
        yield platform
    finally:
        platform.db.dispose()


@contextmanager
def tenant_work(platform: Platform, tenant_id: str) -> Iterator[Work]:
    """A piece of work on that tenant. Raises ClickException where there is none of that name."""
    with platform.db.hot(orm=True) as hot:
        try:
            config = platform.configurations.reload(tenant_id, hot)
        except LookupError as error:
            raise click.ClickException(
                f"There is no tenant called {tenant_id}. `idp tenants list` names them; `idp init` makes the "
                f"default one."
            ) from error
        yield Work(platform, config, hot)


def echo_json(document: object) -> None:
    """One JSON document on stdout."""
    click.echo(msgspec.json.format(msgspec.json.encode(document), indent=2).decode())


tenant_option = click.option("--tenant", default="default", show_default=True, help="Name of the tenant to work on.")
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
