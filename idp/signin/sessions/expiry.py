"""Sessions that came to their end by themselves: the worker says so every ten minutes, to applications that chose to
hear of it (``session-expired``).
"""

from __future__ import annotations

import threading

from sqlalchemy import or_, select

from idp.foundation.db.purge import DAY_MS
from idp.foundation.kernel import clock
from idp.foundation.tenancy.work import Platform
from idp.signin.sessions import service
from idp.signin.sessions.models import Session as S

BATCH = 100


def tell(platform: Platform, tenant: str, stop: threading.Event) -> int:
    """Note the end of each session that is over, once; answers how many."""
    told = 0
    with platform.work(tenant, orm=True) as work:
        while not stop.is_set():
            now = clock.now_ms()
            over = (
                select(S.id, S.user_id)
                .where(
                    S.purge_at < now + DAY_MS,
                    S.tenant_id == work.tenant_id,
                    S.ended_at.is_(None),
                    or_(S.expires_at <= now, S.idle_expires_at <= now),
                )
                .limit(BATCH)
            )
            found = work.rows.execute(over).all()
            for session_id, user_id in found:
                with work.transaction():
                    service.close(work, session_id, user_id)
            told += len(found)
            if len(found) < BATCH:
                break
    return told
