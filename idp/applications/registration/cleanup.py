"""Clients that registered themselves and that nobody used, or uses any more, go after a while: the worker looks
every ten minutes.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial

from sqlalchemy import ColumnElement, select

from idp.applications.clients import service as clients
from idp.applications.clients.models import Client
from idp.applications.registration import uses
from idp.applications.registration.log_types import RegistrationLog
from idp.applications.registration.models import Registration as R
from idp.foundation.db.purge import DAY_MS
from idp.foundation.kernel import clock
from idp.foundation.tenancy.work import Platform, Work
from idp.tenant.audit import log

BATCH = 50
KINDS = ("dcr", "cimd", "oidf")


def clean(platform: Platform, tenant: str, stop: threading.Event) -> int:
    """Remove those that are older than ``client_registration.unused_days`` and were never used, and those that were
    used last more than ``idle_days`` ago; answers how many. Clients that an administrator trusts by now stay.
    """
    with platform.work(tenant, orm=True) as work:
        rules, now = work.config.settings.client_registration, clock.now_ms()
        removed = 0
        if rules.unused_days:
            removed += _all(work, stop, partial(unused, work, before=now - rules.unused_days * DAY_MS), None)
        if rules.idle_days:
            before = now - rules.idle_days * DAY_MS - uses.EVERY_MS  # whoever used it since may not be noted
            removed += _all(work, stop, partial(_idle, work, before=before), before)
        return removed


def _all(work: Work, stop: threading.Event, find: Callable[..., list[str]], used_before: int | None) -> int:
    """Remove what ``find`` finds of each kind, in batches; answers how many."""
    removed = 0
    for kind in KINDS:
        while not stop.is_set():
            found = find(kind=kind, most=BATCH)
            for client_id in found:
                with work.transaction():
                    remove(work, client_id, used_before=used_before)
            removed += len(found)
            if len(found) < BATCH:
                break
    return removed


def remove(work: Work, client_id: str, *, used_before: int | None = None) -> None:
    """One that nobody used, or not since ``used_before`` (ms), and that is not the tenant's own by now, in the caller's
    transaction.
    """
    row = work.rows.lock_one(R, client_id)
    client = work.rows.get(Client, (work.tenant_id, client_id))
    if row is None or client is None or client.is_first_party:
        return
    if row.used_at is not None and (used_before is None or row.used_at >= used_before):
        return
    last = {"last_used": clock.iso(row.used_at)} if row.used_at is not None else None
    log.write(work, RegistrationLog.CLEANED, client_id=client_id, client_name=client.name, details=last)
    clients.delete(work, client_id)


def unused(work: Work, *, kind: str, before: int, most: int) -> list[str]:
    """Clients of that kind, made before that moment (ms), that nobody used and that are not the tenant's own, oldest
    first.
    """
    return _found(work, kind, most, R.created_at < before, R.used_at.is_(None))


def _idle(work: Work, *, kind: str, before: int, most: int) -> list[str]:
    """The same of those that somebody used, but not since that moment."""
    return _found(work, kind, most, R.created_at < before, R.used_at < before)


def _found(work: Work, kind: str, most: int, *rules: ColumnElement[bool]) -> list[str]:
    statement = (
        select(R.client_id)
        .join(Client, (Client.tenant_id == R.tenant_id) & (Client.client_id == R.client_id))
        .where(R.tenant_id == work.tenant_id, R.kind == kind, Client.is_first_party.is_(False), *rules)
        .order_by(R.created_at, R.client_id)
        .limit(most)
    )
    return list(work.rows.scalars(statement))
