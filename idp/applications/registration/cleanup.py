"""Clients that registered themselves and that nobody used go after a while: the worker looks every ten minutes."""

from __future__ import annotations

import threading

from sqlalchemy import select

from idp.applications.clients import service as clients
from idp.applications.clients.models import Client
from idp.applications.registration.log_types import RegistrationLog
from idp.applications.registration.models import Registration as R
from idp.foundation.db.purge import DAY_MS
from idp.foundation.kernel import clock
from idp.foundation.tenancy.work import Platform, Work
from idp.tenant.audit import log

BATCH = 50
KINDS = ("dcr", "cimd")


def clean(platform: Platform, tenant: str, stop: threading.Event) -> int:
    """Remove those that are older than ``client_registration.unused_days`` and were never used; answers how many.
    Clients that an administrator trusts by now stay.
    """
    removed = 0
    with platform.work(tenant, orm=True) as work:
        days = work.config.settings.client_registration.unused_days
        if days == 0:
            return 0
        before = clock.now_ms() - days * DAY_MS
        while not stop.is_set():
            found = [client for kind in KINDS for client in unused(work, kind, before, most=BATCH)][:BATCH]
            for client_id in found:
                with work.transaction():
                    remove(work, client_id)
            removed += len(found)
            if len(found) < BATCH:
                break
    return removed


def remove(work: Work, client_id: str) -> None:
    """One that nobody used and that is not the tenant's own by now, in the caller's transaction."""
    row = work.rows.lock_one(R, client_id)
    client = work.rows.get(Client, (work.tenant_id, client_id))
    if row is None or row.used_at is not None or client is None or client.is_first_party:
        return
    log.write(work, RegistrationLog.CLEANED, client_id=client_id, client_name=client.name)
    clients.delete(work, client_id)


def unused(work: Work, kind: str, before: int, *, most: int) -> list[str]:
    """Clients of that kind, made before that moment (ms), that nobody used and that are not the tenant's own, oldest
    first.
    """
    statement = (
        select(R.client_id)
        .join(Client, (Client.tenant_id == R.tenant_id) & (Client.client_id == R.client_id))
        .where(
            R.tenant_id == work.tenant_id,
            R.kind == kind,
            R.created_at < before,
            R.used_at.is_(None),
            Client.is_first_party.is_(False),
        )
        .order_by(R.created_at, R.client_id)
        .limit(most)
    )
    return list(work.rows.scalars(statement))
