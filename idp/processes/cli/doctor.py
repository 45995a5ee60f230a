"""``idp doctor``."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from idp.foundation import logging
from idp.foundation.settings import Settings, SettingsError

if TYPE_CHECKING:
    from idp.foundation.tenancy.work import Platform

MAIL_WAITS_MS = 5 * 60_000
CONNECT_S = 3


@click.command()
def doctor() -> None:
    """Say in plain words what is missing or unsafe for production. Ends with status 1 if anything is."""
    logging.configure("error", readable=True, stream=sys.stderr)
    found = list(problems())
    for each in found:
        click.echo(f"- {each}")
    if found:
        click.echo(f"{len(found)} thing{'s' if len(found) > 1 else ''} to put right before people depend on this.")
        sys.exit(1)
    click.echo("Nothing is missing.")


def problems() -> Iterator[str]:
    """Everything that is wrong, most fundamental first."""
    try:
        settings = Settings.from_env(create_key=False)
    except SettingsError as error:
        yield str(error)
        return
    yield from _settings_problems(settings)
    yield from _database_problems(settings)
    yield from _redis_problems(settings)
    yield from _mail_problems(settings)


def _settings_problems(settings: Settings) -> Iterator[str]:
    if settings.development:
        yield (
            "IDP_ENV is development: pages under /dev show mails and passwords to this machine. Set IDP_ENV=production."
        )
        if not settings.public_url.startswith("https://"):
            yield f"IDP_PUBLIC_URL is {settings.public_url}: production needs an https:// address of its own."
        if not settings.rate_limits:
            yield "IDP_RATE_LIMITS=off: anybody may call as often as they like."
        if (settings.var / "secret.key").exists() or not settings.secret_keys:
            yield f"IDP_SECRET_KEY is not set: the master key is the file {settings.var / 'secret.key'}."
    if settings.public_url.startswith("https://") and settings.trusted_proxies == 0:
        yield (
            "IDP_TRUSTED_PROXIES is 0 although the public address is https: if a proxy ends TLS, every request "
            "seems to come from it. "
            "Set it to the number of proxies in front."
        )
    if settings.log_level == "debug":
        yield "LOG_LEVEL is debug: the log says more than it should. Secrets are hidden all the same."


def _database_problems(settings: Settings) -> Iterator[str]:
    from idp.foundation.db.engine import open_engine
    from idp.foundation.db.migrate import stored_revision
    from idp.foundation.db.migrations import HEAD
    from idp.foundation.kernel.errors import StoreUnavailable

    if settings.sqlite and not _sqlite_file_exists(settings):
        yield "There is no database yet: run `idp init`."
        return
    engine = open_engine(settings.database_url, pool_size=1)
    try:
        revision = stored_revision(engine)
    except StoreUnavailable as error:
        yield f"DATABASE_URL: the database does not answer ({(error.detail or '').splitlines()[0][:200]})."
        return
    finally:
        engine.dispose()
    if revision != HEAD:
        yield "The database is not at the schema of this version: run `idp migrate`."
    else:
        yield from _content_problems(settings)


def _content_problems(settings: Settings) -> Iterator[str]:
    from idp.foundation.queue import store
    from idp.foundation.tenancy.work import Platform
    from idp.tenant.settings import service as tenants

    platform = Platform.open(settings)
    try:
        with platform.db.system_session() as session:
            default = tenants.default(session)
        if default is None:
            yield "There is no default tenant: run `idp init`."
        elif default.url != settings.public_url:
            yield (
                f"The default tenant is at {default.url}, IDP_PUBLIC_URL says {settings.public_url}: "
                "it moves at the next start."
            )
        with platform.db.hot() as hot:
            waiting = store.oldest_waiting_ms(hot)
        if waiting is not None and waiting > MAIL_WAITS_MS:
            yield f"Background work has been waiting for {waiting // 60_000} minutes: is `idp worker` running?"
        yield from _undelivered(platform)
    finally:
        platform.db.dispose()


def _undelivered(platform: Platform) -> Iterator[str]:
    from sqlalchemy import func, select

    from idp.foundation.queue.models import OutboxItem

    with platform.db.system_session() as session:
        failing = (
            session.scalar(select(func.count()).where(OutboxItem.done_at.is_(None), OutboxItem.failure.is_not(None)))
            or 0
        )
        newest = session.scalar(
            select(OutboxItem.failure)
            .where(OutboxItem.done_at.is_(None), OutboxItem.failure.is_not(None))
            .order_by(OutboxItem.run_at.desc())
        )
    if failing:
        yield f"{failing} background tasks failed and are tried again; the last said: {newest}"


def _redis_problems(settings: Settings) -> Iterator[str]:
    if not settings.redis_url:
        return
    try:
        import redis

        redis.Redis.from_url(settings.redis_url, socket_connect_timeout=CONNECT_S, socket_timeout=CONNECT_S).ping()
    except Exception as error:  # noqa: BLE001 - every way to fail is the answer here
        yield f"REDIS_URL: Redis does not answer ({type(error).__name__}). Everything works without it, more slowly."


def _mail_problems(settings: Settings) -> Iterator[str]:
    if not settings.smtp_url:
        yield (
            "SMTP_URL is not set: no mail leaves this deployment, so nobody can reset a password. "
            "Mails wait until it is."
        )
        return
    from idp.tenant.mail.smtp import Smtp

    try:
        Smtp.from_url(settings.smtp_url, settings.outbound_ca).check()
    except Exception as error:  # noqa: BLE001 - every way to fail is the answer here
        yield f"SMTP_URL: the mail server can't be used ({error})."


def _sqlite_file_exists(settings: Settings) -> bool:
    return Path(settings.database_url.removeprefix("sqlite:///").partition("?")[0]).is_file()
