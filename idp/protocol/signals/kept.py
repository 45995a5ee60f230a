"""Events until their receiver has them: put beside the change that they tell of, taken by a worker or fetched, and
deleted when they are acknowledged.

Whoever deletes the row has delivered the event; a worker that sends one holds it for a minute.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec
from sqlalchemy import and_, bindparam, delete, func, or_, select, update

from idp.foundation.db.hot import Statement
from idp.foundation.db.insert_row import insert_row
from idp.foundation.db.picked import picked
from idp.foundation.db.purge import DAY_MS
from idp.foundation.kernel import clock, ids
from idp.foundation.queue import outbox
from idp.foundation.tenancy.work import Work
from idp.protocol.signals import runtime, types
from idp.protocol.signals.models import SignalEvent as E
from idp.protocol.signals.runtime import StreamConfig
from idp.tenant.keys import signer

TASK: Final = "signals.push"
MOST_KEPT: Final = 1_000
"""Events of one stream that wait: beyond it the oldest are forgotten, since a receiver that comes back so late has to
ask for the state of things anyway.
"""
KEPT_MS: Final = 7 * DAY_MS
"""How long an event waits."""
LEASE_MS: Final = 60_000
_STREAM = (E.tenant_id == bindparam("tenant"), E.stream_id == bindparam("stream"))
_DELIVERABLE = or_(E.about_stream.is_(True), bindparam("enabled") == 1)
_INSERT = Statement("signal_event_insert", insert_row(E))
_COUNT = Statement("signal_events_count", select(func.count()).select_from(E).where(*_STREAM), row=int)
_FORGET_OLDEST = Statement(
    "signal_events_forget_oldest",
    delete(E).where(picked(E, E.__table__, and_(*_STREAM), E.created_at, E.id, amount=bindparam("amount"))),
)


class Kept(msgspec.Struct, frozen=True):
    """An event that waits; ``id`` is its ``jti``."""

    id: str
    claims_sealed: str


_WAITING = Statement(
    "signal_events_waiting",
    select(E.id, E.claims_sealed).where(*_STREAM, _DELIVERABLE).order_by(E.created_at, E.id).limit(bindparam("amount")),
    row=Kept,
)
_NEXT = Statement(
    "signal_event_next",
    select(E.id, E.claims_sealed)
    .where(*_STREAM, _DELIVERABLE, E.taken_until <= bindparam("now"))
    .order_by(E.created_at, E.id)
    .limit(1),
    row=Kept,
)
_ONE = (E.tenant_id == bindparam("tenant"), E.id == bindparam("event"), E.stream_id == bindparam("stream"))
_TAKE = Statement(
    "signal_event_take",
    update(E).where(*_ONE, E.taken_until <= bindparam("now")).values(taken_until=bindparam("lease")),
)
_RELEASE = Statement("signal_event_release", update(E).where(*_ONE).values(taken_until=0))
_DELETE = Statement("signal_event_delete", delete(E).where(*_ONE))
_DELETE_OF_STREAM = Statement("signal_events_delete_of_stream", delete(E).where(*_STREAM))


def put(
    work: Work,
    stream: StreamConfig,
    subject: dict[str, Any],
    event: str,
    said: dict[str, Any],
    *,
    txn: str,
    user_id: str | None = None,
    about_stream: bool = False,
) -> str:
    """Keep one event for the stream, in the caller's transaction, and have it sent where it is pushed; answers its
    ``jti``. RFC 8417 2.2 and SSF 4: neither ``sub`` nor ``exp``.
    """
    client = runtime.receiver(work, stream)
    jti = ids.message_id()  # it sorts: of what happened in one moment, too, the first leaves first
    claims = {
        "iss": runtime.issuer(work, stream),
        "jti": jti,
        "iat": clock.now(),
        "aud": client.known_as if client is not None else stream.client_id,
        "txn": txn,
        "sub_id": subject,
        "events": {event: said},
    }
    work.hot.run(
        _INSERT,
        tenant_id=work.tenant_id,
        id=jti,
        stream_id=stream.id,
        user_id=user_id,
        about_stream=about_stream,
        claims_sealed=work.sealer(E.claims_sealed, id=jti).seal(msgspec.json.encode(claims).decode()),
        taken_until=0,
        created_at=clock.now_ms(),
    )
    _cap(work, stream)
    if about_stream or stream.status == types.ENABLED:
        send(work, stream)
    return jti


def send(work: Work, stream: StreamConfig) -> None:
    """Have a worker deliver what waits, where the stream is one that is pushed."""
    if stream.method == types.PUSH and stream.endpoint_url is not None:
        receiver = urlsplit(stream.endpoint_url).netloc
        outbox.put(work, TASK, {"stream_id": stream.id}, receiver=receiver)


def waiting(work: Work, stream: StreamConfig, amount: int) -> list[Kept]:
    """The oldest that may leave now."""
    return work.hot.all(_WAITING, tenant=work.tenant_id, stream=stream.id, enabled=_enabled(stream), amount=amount)


def take(work: Work, stream: StreamConfig) -> Kept | None:
    """The oldest that may leave and that nobody else is sending, for this worker alone."""
    who = {"tenant": work.tenant_id, "stream": stream.id}
    while True:
        moment = clock.now_ms()
        found = work.hot.one(_NEXT, **who, enabled=_enabled(stream), now=moment)
        if found is None or work.hot.run(_TAKE, **who, event=found.id, now=moment, lease=moment + LEASE_MS):
            return found


def release(work: Work, stream: StreamConfig, event_id: str) -> None:
    """It did not arrive: whoever comes next may send it."""
    work.hot.run(_RELEASE, tenant=work.tenant_id, stream=stream.id, event=event_id)


def done(work: Work, stream: StreamConfig, event_ids: Sequence[str]) -> int:
    """These arrived; answers how many of them were still there."""
    who = {"tenant": work.tenant_id, "stream": stream.id}
    return sum(work.hot.run(_DELETE, **who, event=event_id) for event_id in event_ids)


def forget(work: Work, stream_id: str) -> None:
    """Nothing waits for the stream any more."""
    work.hot.run(_DELETE_OF_STREAM, tenant=work.tenant_id, stream=stream_id)


def signed(work: Work, event: Kept) -> str:
    """The security event token (RFC 8417), signed with the key of this moment."""
    claims = msgspec.json.decode(work.sealer(E.claims_sealed, id=event.id).open(event.claims_sealed))
    return signer.sign(work, claims, alg="RS256", typ=types.SET_TYPE)


def _enabled(stream: StreamConfig) -> int:
    return int(stream.status == types.ENABLED)


def _cap(work: Work, stream: StreamConfig) -> None:
    who = {"tenant": work.tenant_id, "stream": stream.id}
    over = (work.hot.one(_COUNT, **who) or 0) - MOST_KEPT
    if over > 0:
        work.hot.run(_FORGET_OLDEST, **who, amount=over)
