"""Fixed-window counters behind rate limits: in the database, or in Redis when ``REDIS_URL`` is set.

Redis silent means the database counts (security.md RL10): limits never fail open.
"""

from __future__ import annotations

from typing import Any

import msgspec
import structlog
from sqlalchemy import bindparam, case, delete

from idp.foundation.db.hot import Statement
from idp.foundation.db.upsert import insert as upsert
from idp.foundation.ephemeral.models import Counter
from idp.foundation.kernel import clock
from idp.foundation.redis_client import client
from idp.foundation.tenancy.work import Work

log = structlog.get_logger(__name__)
_RETRY_AFTER_MS = 5_000
_silent_until = {"at": 0}


def _upsert() -> Any:
    made = upsert(Counter).values(
        tenant_id=bindparam("tenant"), key=bindparam("key"), count=1, expires_at=bindparam("ends")
    )
    expired = Counter.expires_at <= bindparam("now")
    return made.on_conflict_do_update(
        index_elements=[Counter.tenant_id, Counter.key],
        set_={
            "count": case((expired, 1), else_=Counter.count + 1),
            "expires_at": case((expired, bindparam("ends")), else_=Counter.expires_at),
        },
    ).returning(Counter.count, Counter.expires_at)


class _Count(msgspec.Struct, frozen=True):
    """A counter's window; ``expires_at`` in ms."""

    count: int
    expires_at: int


_UPSERT = Statement("counter_upsert", _upsert(), row=_Count)

_FORGET = Statement(
    "counter_forget", delete(Counter).where(Counter.tenant_id == bindparam("tenant"), Counter.key == bindparam("key"))
)


def increment(work: Work, key: str, window_ms: int) -> tuple[int, int]:
    """Count one more for ``key``; answers (count in this window, ms until the window ends). Atomic."""
    if work.platform.settings.redis_url and clock.now_ms() >= _silent_until["at"]:
        try:
            return _increment_redis(work, key, window_ms)
        except Exception as error:  # noqa: BLE001 - whatever Redis says, the database counts on
            _silent_until["at"] = clock.now_ms() + _RETRY_AFTER_MS
            log.warning("redis does not answer; the database counts", reason=type(error).__name__)
    moment = clock.now_ms()
    row = work.hot.one(_UPSERT, tenant=work.tenant_id, key=key, ends=moment + window_ms, now=moment)
    if row is None:
        raise AssertionError("an upsert returns its row")
    return row.count, row.expires_at - moment


def forget(work: Work, key: str) -> None:
    """Nothing was counted for ``key``: neither in Redis nor in the database, which counts while that is silent."""
    if work.platform.settings.redis_url and clock.now_ms() >= _silent_until["at"]:
        try:
            client(work.platform.settings).delete(_redis_name(work, key))
        except Exception as error:  # noqa: BLE001 - whatever Redis says, the database counts on
            _silent_until["at"] = clock.now_ms() + _RETRY_AFTER_MS
            log.warning("redis does not answer; the database counts", reason=type(error).__name__)
    work.hot.run(_FORGET, tenant=work.tenant_id, key=key)


def _redis_name(work: Work, key: str) -> str:
    return f"gatehouse:{work.tenant_id}:counter:{key}"


def _increment_redis(work: Work, key: str, window_ms: int) -> tuple[int, int]:
    name = _redis_name(work, key)
    pipe = client(work.platform.settings).pipeline()
    pipe.set(name, 0, px=window_ms, nx=True)
    pipe.incr(name)
    pipe.pttl(name)
    _, count, left = pipe.execute()
    return int(count), max(int(left), 0)
