"""One-time things in the database: put, read, change, and take exactly once.

The decision who takes something is one conditional UPDATE (security.md R1-R8). Keys are hashed together with their
kind, so that a ticket of one kind is never found as another (security.md M5).
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Generic, TypeVar

import msgspec
from sqlalchemy import bindparam, exists, select, update
from sqlalchemy.orm import aliased

from idp.foundation.db.hot import Statement
from idp.foundation.db.insert_row import insert_row
from idp.foundation.ephemeral.models import OneTime as O
from idp.foundation.kernel import clock, sizes
from idp.foundation.kernel.errors import PageError
from idp.foundation.kernel.secrets import BoundSealer, digest
from idp.foundation.tenancy.configuration import VERSION, Versioned
from idp.foundation.tenancy.work import Work

T = TypeVar("T")


class _Stored(msgspec.Struct, frozen=True):
    """A one-time thing, spent or not; times in ms. ``data`` is JSON text, since only the caller knows its type."""

    data: str
    expires_at: int
    used_at: int | None
    subject: str | None


class _Live(msgspec.Struct, frozen=True):
    """A one-time thing of somebody that is still good."""

    key_hash: str
    data: str


class _Over(msgspec.Struct, frozen=True):
    """A one-time thing, spent or not, and when it was made; times in ms."""

    data: str
    created_at: int
    newer: bool


class Over(msgspec.Struct, Generic[T], frozen=True):
    """Something that is good no more: what it was, when it was made (ms), and whether a newer one of its kind is good
    for its subject.
    """

    data: T
    made_at: int
    newer: bool


_KEY = (O.tenant_id == bindparam("tenant"), O.kind == bindparam("kind"), O.key_hash == bindparam("hash"))
_INSERT = Statement("one_time_insert", insert_row(O, without=(O.used_at,)))
_READ = Statement(
    "one_time_read",
    select(VERSION, O.data, O.expires_at, O.used_at, O.subject).where(*_KEY),
    row=Versioned[_Stored],
)
_CHANGE = Statement("one_time_change", update(O).where(*_KEY, O.used_at.is_(None)).values(data=bindparam("data")))
_CHANGE_OWNER = Statement(
    "one_time_change_owner",
    update(O).where(*_KEY, O.used_at.is_(None)).values(data=bindparam("data"), subject=bindparam("subject")),
)
_TAKE = Statement(
    "one_time_take",
    update(O).where(*_KEY, O.used_at.is_(None), O.expires_at > bindparam("now")).values(used_at=bindparam("now")),
)
_TAKE_AND_LEAVE = Statement(
    "one_time_take_and_leave",
    update(O)
    .where(*_KEY, O.used_at.is_(None), O.expires_at > bindparam("now"))
    .values(used_at=bindparam("now"), data=bindparam("data")),
)
_N = aliased(O)
_OVER = Statement(
    "one_time_over",
    select(
        O.data,
        O.created_at,
        exists()
        .where(
            _N.tenant_id == O.tenant_id,
            _N.kind == O.kind,
            _N.subject == O.subject,
            _N.key_hash != O.key_hash,
            _N.created_at >= O.created_at,
            _N.used_at.is_(None),
            _N.expires_at > bindparam("now"),
        )
        .label("newer"),
    ).where(*_KEY),
    row=_Over,
)
_OF_SUBJECT = (
    O.tenant_id == bindparam("tenant"),
    O.kind == bindparam("kind"),
    O.subject == bindparam("subject"),
    O.used_at.is_(None),
)
_LIVE = Statement(
    "one_time_live_of_subject",
    select(O.key_hash, O.data)
    .where(*_OF_SUBJECT, O.expires_at > bindparam("now"))
    .order_by(O.created_at.desc(), O.key_hash),
    row=_Live,
)
_KILL_ONE = Statement("one_time_kill", update(O).where(*_KEY, O.used_at.is_(None)).values(used_at=bindparam("now")))
_KILL = Statement(
    "one_time_kill_of_subject",
    update(O).where(*_OF_SUBJECT).values(used_at=bindparam("now")),
)


def key_hash(kind: str, key: str) -> str:
    """What the table holds instead of the key."""
    return digest(f"{kind}\0{key}")


def sealer(work: Work, kind: str, key: str) -> BoundSealer:
    """For what the data of that thing has to keep secret."""
    return work.sealer(O.data, kind=kind, key_hash=key_hash(kind, key))


def put(
    work: Work,
    kind: str,
    key: str,
    data: Any,
    *,
    ttl_ms: int,
    subject: str | None = None,
    most: int = sizes.ONE_TIME.most,
) -> None:
    """Store ``data`` (JSON) under ``key`` for ``ttl_ms``. Raises UniqueViolation when the key is taken, PageError when
    the data have more than ``most`` bytes.
    """
    moment = clock.now_ms()
    work.hot.run(
        _INSERT,
        tenant_id=work.tenant_id,
        kind=kind,
        key_hash=key_hash(kind, key),
        subject=subject,
        data=_document(data, most),
        created_at=moment,
        expires_at=moment + ttl_ms,
    )


def read(work: Work, kind: str, key: str, of: type[T]) -> tuple[T | None, str | None]:
    """(data, subject) while it is neither spent nor expired, else (None, None). Brings the configuration version
    along.
    """
    found = work.first(_READ, kind=kind, hash=key_hash(kind, key))
    if found is None or found.used_at is not None or found.expires_at <= clock.now_ms():
        return None, None
    return msgspec.json.decode(found.data, type=of), found.subject


def peek(work: Work, kind: str, key: str, of: type[T]) -> T | None:
    """The data even of something that is over, as long as its row is there: to say what it was, never to act on it."""
    found = work.hot.one(_READ, tenant=work.tenant_id, kind=kind, hash=key_hash(kind, key))
    return msgspec.json.decode(found.row.data, type=of) if found else None


def over(work: Work, kind: str, key: str, of: type[T]) -> Over[T] | None:
    """What something was that is good no more, as long as its row is there: to say so, never to act on it."""
    found = work.hot.one(_OVER, tenant=work.tenant_id, kind=kind, hash=key_hash(kind, key), now=clock.now_ms())
    return Over(msgspec.json.decode(found.data, type=of), found.created_at, bool(found.newer)) if found else None


def change(work: Work, kind: str, key: str, data: Any, *, most: int = sizes.ONE_TIME.most) -> bool:
    """Replace the data of something that is not spent yet. Raises PageError when they have more than ``most`` bytes."""
    document = _document(data, most)
    return work.hot.run(_CHANGE, tenant=work.tenant_id, kind=kind, hash=key_hash(kind, key), data=document) == 1


def change_owner(work: Work, kind: str, key: str, data: Any, *, subject: str, most: int = sizes.ONE_TIME.most) -> bool:
    """:func:`change`, and from now on it is ``subject``'s."""
    document, hashed = _document(data, most), key_hash(kind, key)
    changed = work.hot.run(_CHANGE_OWNER, tenant=work.tenant_id, kind=kind, hash=hashed, data=document, subject=subject)
    return changed == 1


def _document(data: Any, most: int) -> str:
    """The last net under :mod:`idp.foundation.kernel.sizes`: nobody leaves more than that behind."""
    encoded = msgspec.json.encode(data)
    if len(encoded) > most:
        raise PageError("invalid_request", "The request is too large.", status=413)
    return encoded.decode()


def take_and_leave(work: Work, kind: str, key: str, data: Any) -> bool:
    """:func:`take`, and of what it knew only ``data`` stays, for whoever asks what it was."""
    left, moment = _document(data, sizes.ONE_TIME.most), clock.now_ms()
    hashed = key_hash(kind, key)
    return work.hot.run(_TAKE_AND_LEAVE, tenant=work.tenant_id, kind=kind, hash=hashed, now=moment, data=left) == 1


def take(work: Work, kind: str, key: str) -> bool:
    """Spend it. True for exactly one caller."""
    return work.hot.run(_TAKE, tenant=work.tenant_id, kind=kind, hash=key_hash(kind, key), now=clock.now_ms()) == 1


def kill_of_subject(work: Work, kind: str, subject: str) -> None:
    """Spend everything of that kind that belongs to ``subject``: older tickets die (security.md M6, M7)."""
    work.hot.run(_KILL, tenant=work.tenant_id, kind=kind, subject=subject, now=clock.now_ms())


def kill_of_subjects(work: Work, kinds: Collection[str], subjects: Collection[str]) -> None:
    """Spend everything of those kinds that belongs to any of ``subjects``, in the caller's transaction."""
    theirs = (O.kind.in_(kinds), O.subject.in_(subjects), O.used_at.is_(None))
    work.rows.execute(update(O).where(*theirs).values(used_at=clock.now_ms()))


def live_of_subject(work: Work, kind: str, subject: str, of: type[T]) -> list[tuple[str, T]]:
    """What of that kind is still good for ``subject``, newest first: the hash of its key, and the data."""
    rows = work.hot.all(_LIVE, tenant=work.tenant_id, kind=kind, subject=subject, now=clock.now_ms())
    return [(row.key_hash, msgspec.json.decode(row.data, type=of)) for row in rows]


def kill(work: Work, kind: str, hashed_key: str) -> None:
    """Spend one that :func:`live_of_subject` named."""
    work.hot.run(_KILL_ONE, tenant=work.tenant_id, kind=kind, hash=hashed_key, now=clock.now_ms())
