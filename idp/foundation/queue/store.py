"""Taking and closing outbox rows, over all tenants; each statement is one atomic step.

A row belongs to whoever raised its ``attempts``: closing it names that number, so a worker that came back late changes
nothing.
"""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import and_, bindparam, select, tuple_, update

from idp.foundation.db.hot import HotConnection, Statement
from idp.foundation.kernel import clock
from idp.foundation.queue.models import OutboxItem as O

MINUTE_MS = 60_000
RETRY_AFTER_MS = tuple(minutes * MINUTE_MS for minutes in (1, 2, 5, 15, 30, 60, 120, 240, 360))
"""Pause after the first, second ... failure; the last one repeats."""
KEEP_TRYING_MS = 7 * 24 * 60 * MINUTE_MS
"""A row this old is closed as failed, and stays to be looked at until it is purged."""
PROBE_AFTER_MS = 30_000
"""Pause of the row that met an outage."""
MAX_FAILURE_TEXT = 500

_DUE = and_(O.done_at.is_(None), O.run_at <= bindparam("now"), O.locked_until <= bindparam("now"))


_OF_TASK = and_(_DUE, O.task == bindparam("task"), O.attempts <= bindparam("most_attempts"))


def _next(*, skip_locked: bool) -> Any:
    found = (
        select(O.tenant_id, O.id)
        .where(_OF_TASK, O.tenant_id == bindparam("tenant"), O.receiver == bindparam("receiver"))
        .order_by(O.run_at)
        .limit(1)
    )
    return found.with_for_update(skip_locked=True) if skip_locked else found


class Taken(msgspec.Struct, frozen=True):
    """A row this process may work on until its lease ends. ``attempt`` counts from 1; ``created_at`` in ms."""

    tenant_id: str
    id: str
    task: str
    receiver: str
    payload_sealed: str
    attempt: int
    created_at: int


def _take(*, skip_locked: bool) -> Statement[Taken]:
    return Statement(
        "outbox_take_postgresql" if skip_locked else "outbox_take_sqlite",
        update(O)
        .where(tuple_(O.tenant_id, O.id).in_(_next(skip_locked=skip_locked)))
        .values(locked_until=bindparam("lease"), attempts=O.attempts + 1)
        .returning(O.tenant_id, O.id, O.task, O.receiver, O.payload_sealed, O.attempts.label("attempt"), O.created_at),
        row=Taken,
    )


_TAKE = {"sqlite": _take(skip_locked=False), "postgresql": _take(skip_locked=True)}
_ANY_DUE = Statement("outbox_any_due", select(O.tenant_id).where(_DUE).limit(1), row=str)
_NEXT_TENANT = Statement(
    "outbox_next_tenant",
    select(O.tenant_id).where(_OF_TASK, O.tenant_id > bindparam("after")).order_by(O.tenant_id).limit(1),
    row=str,
)
_NEXT_RECEIVER = Statement(
    "outbox_next_receiver",
    select(O.receiver)
    .where(_OF_TASK, O.tenant_id == bindparam("tenant"), O.receiver > bindparam("after"))
    .order_by(O.receiver)
    .limit(1),
    row=str,
)
_MINE = (
    O.tenant_id == bindparam("tenant"),
    O.id == bindparam("row"),
    O.attempts == bindparam("attempt"),
    O.done_at.is_(None),
)
_CLOSE = Statement(
    "outbox_close",
    update(O).where(*_MINE).values(done_at=bindparam("now"), failure=bindparam("reason"), locked_until=0),
)
_RETRY = Statement(
    "outbox_retry", update(O).where(*_MINE).values(run_at=bindparam("at"), failure=bindparam("reason"), locked_until=0)
)
_WAITING = Statement(
    "outbox_oldest_waiting",
    select(O.created_at)
    .where(O.tenant_id.is_not(None), O.done_at.is_(None), O.run_at <= bindparam("now"))
    .order_by(O.created_at)
    .limit(1),
    row=int,
)


def any_due(hot: HotConnection) -> bool:
    """Whether there is anything to be done; the cheap question of an idle worker."""
    return hot.one(_ANY_DUE, now=clock.now_ms()) is not None


def next_tenant(hot: HotConnection, task: str, after: str, most_attempts: int) -> str | None:
    """The first tenant after ``after`` with a row of ``task`` that is due and was tried ``most_attempts`` at most."""
    return hot.one(_NEXT_TENANT, task=task, after=after, most_attempts=most_attempts, now=clock.now_ms())


def next_receiver(hot: HotConnection, task: str, tenant: str, after: str, most_attempts: int) -> str | None:
    """The like for the receivers of a tenant's rows."""
    values = {"task": task, "tenant": tenant, "after": after, "most_attempts": most_attempts}
    return hot.one(_NEXT_RECEIVER, **values, now=clock.now_ms())


def take(
    hot: HotConnection, task: str, tenant: str, receiver: str, most_attempts: int, *, lease_ms: int, sqlite: bool
) -> Taken | None:
    """The oldest such row of a tenant and receiver for ``lease_ms``, unless somebody else was faster."""
    moment = clock.now_ms()
    values = {"task": task, "tenant": tenant, "receiver": receiver, "most_attempts": most_attempts}
    return hot.one(_TAKE["sqlite" if sqlite else "postgresql"], **values, now=moment, lease=moment + lease_ms)


def finish(hot: HotConnection, row: Taken, *, failure: str | None = None) -> bool:
    """Close the row; False when it is not this worker's any more."""
    reason = failure[:MAX_FAILURE_TEXT] if failure else None
    return (
        hot.run(_CLOSE, tenant=row.tenant_id, row=row.id, attempt=row.attempt, now=clock.now_ms(), reason=reason) == 1
    )


def retry(hot: HotConnection, row: Taken, failure: str) -> int | None:
    """Put the row back for later; answers the pause in ms, or None where it is too old and was closed."""
    moment = clock.now_ms()
    if moment - row.created_at > KEEP_TRYING_MS:
        finish(hot, row, failure=failure)
        return None
    pause = RETRY_AFTER_MS[min(row.attempt, len(RETRY_AFTER_MS)) - 1]
    _put_back(hot, row, failure, moment + pause)
    return pause


def postpone(hot: HotConnection, row: Taken, failure: str) -> int:
    """An outage: the row waits for the next probe. Answers the pause in ms."""
    _put_back(hot, row, failure, clock.now_ms() + PROBE_AFTER_MS)
    return PROBE_AFTER_MS


def oldest_waiting_ms(hot: HotConnection) -> int | None:
    """Age in ms of the oldest row that is due and not done; None when nothing waits."""
    oldest = hot.one(_WAITING, now=clock.now_ms())
    return None if oldest is None else clock.now_ms() - oldest


def _put_back(hot: HotConnection, row: Taken, failure: str, at: int) -> None:
    hot.run(_RETRY, tenant=row.tenant_id, row=row.id, attempt=row.attempt, at=at, reason=failure[:MAX_FAILURE_TEXT])
