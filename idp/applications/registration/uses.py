"""When clients that made themselves known were last of use to somebody: noted once a day by each process, as tokens are
given to them or signals taken by them. What nobody used for long goes (:mod:`.cleanup`).
"""

from __future__ import annotations

import threading
from collections import OrderedDict

from sqlalchemy import bindparam, or_, update

from idp.applications.clients.runtime import ClientConfig
from idp.applications.registration.models import Registration as R
from idp.foundation.db.hot import Statement
from idp.foundation.db.purge import DAY_MS
from idp.foundation.kernel import clock
from idp.foundation.tenancy.work import Work

EVERY_MS = DAY_MS
"""How old a use may be of which another one is not noted: whoever reads ``used_at`` allows for it."""
MOST = 10_000
"""Clients that a process remembers to have noted."""
_NOTE = Statement(
    "client_registration_used",
    update(R)
    .where(
        R.tenant_id == bindparam("tenant"),
        R.client_id == bindparam("client"),
        or_(R.used_at.is_(None), R.used_at < bindparam("before")),
    )
    .values(used_at=bindparam("now")),
)
_noted: OrderedDict[tuple[str, str], int] = OrderedDict()
_lock = threading.Lock()


def note(work: Work, client: ClientConfig) -> None:
    """The client got tokens, or took a signal. Clients of the tenant's own are not looked at: none of them goes."""
    if client.is_first_party:
        return
    now, who = clock.now_ms(), (work.tenant_id, client.client_id)
    with _lock:
        if abs(now - _noted.get(who, -EVERY_MS)) < EVERY_MS:
            return
        _noted[who] = now
        _noted.move_to_end(who)
        while len(_noted) > MOST:
            _noted.popitem(last=False)
    work.hot.run(_NOTE, tenant=work.tenant_id, client=client.client_id, now=now, before=now - EVERY_MS)
