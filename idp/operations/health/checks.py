"""What is missing or unsafe in an installation, in plain words: what ``idp doctor`` says at a shell, and the dashboard
to the Owners of the default tenant.

Some of it is found by asking: the database, Redis, the mail server, and whatever answers at the public address. Each
has a deadline.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from idp.foundation import egress
from idp.foundation.environment import weak_key
from idp.foundation.kernel import strict_json
from idp.foundation.settings import Settings
from idp.operations.health.hidden import without_secrets

if TYPE_CHECKING:
    from idp.foundation.kernel.errors import StoreUnavailable
    from idp.foundation.tenancy.work import Platform

Command = Callable[[str], str]
"""How ``idp <line>`` is typed where it is read."""
MAIL_WAITS_MS = 5 * 60_000
ANSWER_S = 3.0
"""Until the public address has answered."""
MOST_NAMED = 5
"""Tenants."""
MOST_SHOWN = 300
"""Characters of what it calls itself."""
_CODE = re.compile(r"\d{6,}")


def plain(line: str) -> str:
    """As the documentation writes it."""
    return f"idp {line}"


def told(settings: Settings) -> list[str]:
    """:func:`problems` for somebody at a page, without what the process's environment holds of secrets."""
    return [without_secrets(each, os.environ) for each in problems(settings)]


def problems(settings: Settings, command: Command = plain) -> Iterator[str]:
    """Everything that is wrong, most fundamental first."""
    yield from _settings_problems(settings, command)
    yield from _certificate_problems(settings)
    yield from proxy_problems(settings)
    yield from _database_problems(settings, command)
    yield from _redis_problems(settings)
    yield from _mail_problems(settings)


def _settings_problems(settings: Settings, command: Command) -> Iterator[str]:
    if settings.development:
        yield (
            "IDP_ENV is development: pages under /dev show mails and passwords to this machine. Set IDP_ENV=production."
        )
        if not settings.public_url.startswith("https://"):
            yield f"IDP_PUBLIC_URL is {settings.public_url}: production needs an https:// address of its own."
        if not settings.rate_limits:
            yield "IDP_RATE_LIMITS=off: anybody may call as often as they like."
        if not settings.secret_key_given:
            yield f"IDP_SECRET_KEY is not set: the master key is the file {settings.key_file}."
    for number, key in enumerate(settings.secret_keys, start=1):
        if settings.secret_key_given and weak_key(key):
            which = f"key {number} of IDP_SECRET_KEY" if len(settings.secret_keys) > 1 else "IDP_SECRET_KEY"
            yield (
                f"{which} is long, but easy to guess. Put a random one before it, run `{command('keys reencrypt')}`, "
                "and take it away."
            )
    if settings.log_level == "debug":
        yield "LOG_LEVEL is debug: the log says more than it should. Secrets are hidden all the same."


def _certificate_problems(settings: Settings) -> Iterator[str]:
    """What passes on certificates of clients, and whose count."""
    if not settings.tells_certificates:
        if settings.client_certificate_ca or settings.mtls_url:
            yield (
                "Neither IDP_CLIENT_CERTIFICATE_HEADER nor IDP_MTLS_PORT is set: no certificate of a client is "
                "believed."
            )
        return
    if settings.client_certificate_ca is not None:
        from cryptography import x509

        try:
            x509.load_pem_x509_certificates(Path(settings.client_certificate_ca).read_bytes())
        except (OSError, ValueError):
            yield f"IDP_CLIENT_CERTIFICATE_CA holds no certificates in PEM: {settings.client_certificate_ca}"


def _database_problems(settings: Settings, command: Command) -> Iterator[str]:
    from idp.foundation.db import online_indexes
    from idp.foundation.db.engine import open_engine
    from idp.foundation.db.migrate import stored_revision
    from idp.foundation.db.migrations import HEAD
    from idp.foundation.kernel.errors import StoreUnavailable

    if settings.sqlite and not _sqlite_file_exists(settings):
        yield f"There is no database yet: run `{command('init')}`."
        return
    engine = open_engine(settings.database_url, pool_size=1)
    try:
        revision = stored_revision(engine)
        indexes, extensions = online_indexes.lacking(engine) if revision == HEAD else ([], [])
    except StoreUnavailable as error:
        yield f"DATABASE_URL: the database does not answer ({_first_line(error)})."
        return
    finally:
        engine.dispose()
    yield from replica_problems(settings)
    if revision != HEAD:
        yield f"The database is not at the schema of this version: run `{command('migrate')}`."
        return
    for extension in extensions:
        yield (
            f"The database has no extension {extension}: searching for parts of words reads all users. Have its owner "
            f"run `CREATE EXTENSION {extension}`, then run `{command('migrate')}`."
        )
    if indexes and not extensions:
        yield f"Searches are slow without the indexes {', '.join(indexes)}: run `{command('migrate')}`."
    yield from _content_problems(settings, command)


def replica_problems(settings: Settings) -> Iterator[str]:
    """What makes the replica useless; the service asks the primary then."""
    if settings.replica_url is None:
        return
    from idp.foundation.db.engine import open_engine
    from idp.foundation.db.migrate import stored_revision
    from idp.foundation.db.replica import is_standby
    from idp.foundation.kernel.errors import StoreUnavailable

    engine = open_engine(settings.replica_url, pool_size=1)
    try:
        if stored_revision(engine) is None:
            yield "DATABASE_REPLICA_URL names a database without our tables: it is no replica of DATABASE_URL."
        elif not is_standby(engine):
            yield "DATABASE_REPLICA_URL names a server that takes writes itself: how old its answers are can't be seen."
    except StoreUnavailable as error:
        yield f"DATABASE_REPLICA_URL: the replica does not answer ({_first_line(error)}). The primary does its work."
    finally:
        engine.dispose()


def _first_line(error: StoreUnavailable) -> str:
    return ((error.detail or "").splitlines() or [""])[0][:200]


def _content_problems(settings: Settings, command: Command) -> Iterator[str]:
    from idp.foundation.queue import store
    from idp.foundation.tenancy.work import Platform
    from idp.tenant.settings import service as tenants

    platform = Platform.open(settings)
    try:
        with platform.db.system_session() as session:
            default = tenants.default(session)
        if default is None:
            yield f"There is no default tenant: run `{command('init')}`."
        elif default.url != settings.public_url:
            yield (
                f"The default tenant is at {default.url}, IDP_PUBLIC_URL says {settings.public_url}: "
                "it moves at the next start."
            )
        with platform.db.hot() as hot:
            waiting = store.oldest_waiting_ms(hot)
        if waiting is not None and waiting > MAIL_WAITS_MS:
            yield f"Background work has been waiting for {waiting // 60_000} minutes: is `{command('worker')}` running?"
        if default is not None and not settings.development:
            yield from _backup_problems(platform, default.id, default.created_at, command)
        yield from _unproved_domains(platform, command)
        yield from _undelivered(platform)
        yield from _sealed_with_other_keys(platform)
    finally:
        platform.db.dispose()


def _backup_problems(platform: Platform, tenant_id: str, since: int, command: Command) -> Iterator[str]:
    """``since``: when the installation was made; it has as long for its first copy as between two."""
    from idp.foundation.kernel import clock
    from idp.tenant.settings import backups

    with platform.db.system_session() as session:
        last = session.scalar(backups.last(tenant_id)) or 0
    elsewhere = f"where something else makes copies, have it say `{command('backup --elsewhere')}`"
    if clock.now_ms() - (last or since) <= backups.OLD_MS:
        return
    if not last:
        yield f"No copy of the database is known of: `{command('backup FILE')}` makes one; {elsewhere}."
    else:
        days = (clock.now_ms() - last) // (24 * 60 * 60 * 1000)
        yield f"The last copy of the database is {days} days old: `{command('backup FILE')}` makes one; {elsewhere}."


def _unproved_domains(platform: Platform, command: Command) -> Iterator[str]:
    """Custom domains that nobody answers under: requests that come there are refused."""
    from sqlalchemy import select

    from idp.foundation.tenancy.models import CustomDomain

    with platform.db.system_session() as session:
        waiting = select(CustomDomain).where(CustomDomain.held.is_(None)).order_by(CustomDomain.domain)
        for row in session.scalars(waiting):
            yield (
                f"The custom domain {row.domain} of the tenant {row.tenant_id} is not verified"
                f"{': ' + row.problem if row.problem else '.'} "
                f"`{command(f'domains verify {row.domain} --tenant {row.tenant_id}')}` tries again."
            )


def _undelivered(platform: Platform) -> Iterator[str]:
    from sqlalchemy import func, select

    from idp.foundation.queue.models import OutboxItem
    from idp.tenant.mail.deliveries import without_contents

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
        said = _CODE.sub("[…]", without_contents(newest or ""))  # providers repeat what they were given
        tasks = "1 background task failed and is" if failing == 1 else f"{failing} background tasks failed and are"
        yield f"{tasks} tried again; the last said: {said}"


def _sealed_with_other_keys(platform: Platform) -> Iterator[str]:
    from idp.foundation.db import resealing

    unknown = resealing.unreadable(platform.db, platform.sealer)
    if unknown:
        yield (
            f"IDP_SECRET_KEY is not the key (or lacks one of the keys) that secrets in this database are sealed with: "
            f"they need {', '.join(sorted(unknown))}, it has {', '.join(platform.sealer.key_ids)}. "
            "Set the key this database was made with, or put it behind the new one."
        )


def proxy_problems(settings: Settings) -> Iterator[str]:
    """The public address against what stands between: the setting, and what comes back where something answers."""
    secure = settings.public_url.startswith("https://")
    if secure and settings.trusted_proxies == 0:
        yield (
            "IDP_TRUSTED_PROXIES is 0 although the public address is https: if a proxy ends TLS, every request "
            "seems to come from it. "
            "Set it to the number of proxies in front."
        )
    if not secure and settings.trusted_proxies and not settings.development:
        yield "IDP_TRUSTED_PROXIES counts proxies, but IDP_PUBLIC_URL is not https: what they say of TLS is ignored."
    found = _answered(f"{settings.public_url}.well-known/openid-configuration", settings)
    if found is None:  # nothing runs there yet
        return
    status, issuer = found
    if issuer is not None and issuer != settings.public_url:
        yield f"IDP_PUBLIC_URL is {settings.public_url}, but what answers there says that its issuer is {issuer}."
    elif issuer is None and status == 404:
        yield (
            f"What answers at {settings.public_url} does not know that address: the proxy has to pass on the Host "
            "header and the path as they are."
        )
    elif issuer is None and 300 <= status < 400:
        yield f"{settings.public_url} redirects: IDP_PUBLIC_URL has to be the address itself."
    elif issuer is None:
        yield f"What answers at {settings.public_url} is not this provider (status {status})."


def _answered(url: str, settings: Settings) -> tuple[int, str | None] | None:
    """Status and issuer of the discovery document there; None where nobody answers soon."""
    # the operator's own address is asked wherever it is
    allowed = replace(settings, outbound_allow=(*settings.outbound_allow, urlsplit(url).hostname or ""))
    try:
        answer = egress.get(allowed, url, seconds=ANSWER_S)
    except egress.EgressError:
        return None
    return answer.status, _issuer(answer) if answer.status < HTTPStatus.BAD_REQUEST else None


def _issuer(answer: egress.Answer) -> str | None:
    try:
        document = strict_json.decode(answer.body)
    except strict_json.InvalidJson:
        return None
    issuer = document.get("issuer") if isinstance(document, dict) else None
    return issuer[:MOST_SHOWN] if isinstance(issuer, str) else None


def _redis_problems(settings: Settings) -> Iterator[str]:
    if not settings.redis_url:
        return
    from idp.foundation.redis_client import client

    try:
        client(settings).ping()
    except Exception as error:  # noqa: BLE001 - every way to fail is the answer here
        yield (
            f"REDIS_URL: Redis does not answer ({type(error).__name__}: {error}). "
            "Everything works without it, more slowly."
        )


def _mail_problems(settings: Settings) -> Iterator[str]:
    if not settings.smtp_url:
        yield from _without_a_way(settings)
        return
    from idp.tenant.mail.smtp import Smtp

    try:
        Smtp.from_url(settings.smtp_url, settings.outbound_ca).check()
    except Exception as error:  # noqa: BLE001 - every way to fail is the answer here
        yield f"SMTP_URL: the mail server can't be used ({error})."


def _without_a_way(settings: Settings) -> Iterator[str]:
    """Tenants whose mails can leave neither by a server of the deployment nor by a provider of their own; all of them
    where nobody can read which there are.
    """
    without = _tenants_without_own(settings)
    if without:
        named = ", ".join(without[:MOST_NAMED]) + (" and others" if len(without) > MOST_NAMED else "")
        yield (
            "SMTP_URL is not set, and no provider of a tenant's own sends the mails of these tenants, so that nobody "
            f"there can reset a password: {named}. Mails wait until one of the two is set."
        )


def _tenants_without_own(settings: Settings) -> list[str]:
    from idp.foundation.kernel.errors import StoreUnavailable
    from idp.foundation.tenancy.work import Platform
    from idp.tenant.mail.delivery import tenants_without_own

    every = ["every tenant"]
    if settings.sqlite and not _sqlite_file_exists(settings):  # who opens it makes it, and it would be theirs
        return every
    platform = Platform.open(settings)
    try:
        with platform.db.system_session() as session:
            return tenants_without_own(session)
    except StoreUnavailable:
        return every
    finally:
        platform.db.dispose()


def _sqlite_file_exists(settings: Settings) -> bool:
    return settings.sqlite_file is not None and settings.sqlite_file.is_file()
