"""One-time things in the database: put, read, change, and take exactly once.

The decision who takes something is one conditional UPDATE (security.md R1-R8). Keys are hashed together with their
kind, so that a ticket of one kind is never found as another (security.md M5).
"""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec
from sqlalchemy import bindparam, delete, insert, select, update

from idp.foundation.db.hot import Statement
from idp.foundation.ephemeral.models import OneTime as O
from idp.foundation.kernel import clock, sizes
from idp.foundation.kernel.errors import PageError
from idp.foundation.kernel.secrets import digest
from idp.foundation.tenancy.configuration import VERSION, Versioned
from idp.foundation.tenancy.work import Work

T = TypeVar("T")


class _Stored(msgspec.Struct, frozen=True):
    """A one-time thing, spent or not; times in ms. ``data`` is JSON text, since only the caller knows its type."""

    data: str
    expires_at: int
    used_at: int | None
    subject: str | None


_KEY = (O.tenant_id == bindparam("tenant"), O.kind == bindparam("kind"), O.key_hash == bindparam("hash"))
_INSERT = Statement(
    "one_time_insert",
    insert(O).values(
        {c: bindparam(c.key) for c in (O.tenant_id, O.kind, O.key_hash, O.subject, O.data, O.created_at, O.expires_at)}
    ),
)
_READ = Statement(
    "one_time_read",
    select(VERSION, O.data, O.expires_at, O.used_at, O.subject).where(*_KEY),
    row=Versioned[_Stored],
)
_CHANGE = Statement("one_time_change", update(O).where(*_KEY, O.used_at.is_(None)).values(data=bindparam("data")))
_TAKE = Statement(
    "one_time_take",
    update(O).where(*_KEY, O.used_at.is_(None), O.expires_at > bindparam("now")).values(used_at=bindparam("now")),
)
_KILL = Statement(
    "one_time_kill_of_subject",
    update(O)
    .where(
        O.tenant_id == bindparam("tenant"),
        O.kind == bindparam("kind"),
        O.subject == bindparam("subject"),
        O.used_at.is_(None),
    )
    .values(used_at=bindparam("now")),
)
PURGE = Statement(
    "one_time_purge", delete(O).where(O.tenant_id == bindparam("tenant"), O.expires_at < bindparam("before"))
)


def key_hash(kind: str, key: str) -> str:
    """What the table holds instead of the key."""
    return digest(f"{kind}\0{key}")


def put(work: Work, kind: str, key: str, data: Any, *, ttl_ms: int, subject: str | None = None) -> None:
    """Store ``data`` (JSON) under ``key`` for ``ttl_ms``. Raises UniqueViolation when the key is taken, PageError when
    the data are too large.
    """
    moment = clock.now_ms()
    work.hot.run(
        _INSERT,
        tenant_id=work.tenant_id,
        kind=kind,
        key_hash=key_hash(kind, key),
        subject=subject,
        data=_document(data, sizes.ONE_TIME.most),
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


def change(work: Work, kind: str, key: str, data: Any, *, most: int = sizes.ONE_TIME.most) -> bool:
    """Replace the data of something that is not spent yet. Raises PageError when they have more than ``most`` bytes."""
    document = _document(data, most)
    return work.hot.run(_CHANGE, tenant=work.tenant_id, kind=kind, hash=key_hash(kind, key), data=document) == 1


def _document(data: Any, most: int) -> str:
    """The last net under :mod:`idp.foundation.kernel.sizes`: nobody leaves more than that behind."""
    encoded = msgspec.json.encode(data)
    if len(encoded) > most:
        raise PageError("invalid_request", "The request is too large.", status=413)
    return encoded.decode()


def take(work: Work, kind: str, key: str) -> bool:
    """Spend it. True for exactly one caller."""
    return work.hot.run(_TAKE, tenant=work.tenant_id, kind=kind, hash=key_hash(kind, key), now=clock.now_ms()) == 1


def kill_of_subject(work: Work, kind: str, subject: str) -> None:
    """Spend everything of that kind that belongs to ``subject``: older tickets die (security.md M6, M7)."""
    work.hot.run(_KILL, tenant=work.tenant_id, kind=kind, subject=subject, now=clock.now_ms())
