"""Which names stand in which part of the log, so that a search for a rare one reads that part and no other.

Connections, applications, descriptions and the like have no index: an index would be written with every entry, and what
is frequent is soon found without. Ids follow the order in which entries become visible (docs/decisions/0100), so
whatever lies between two of them is complete and stays as it is: the worker reads it once and notes what stands there
(docs/decisions/0181). Nothing is written with an entry. What has not been described yet is looked through.

User names, ids and addresses have an index, which leads to whole values and not to parts of them. They are as many as
the entries, so that of each part of the log is noted which groups of three letters stand in them, and no name
(docs/decisions/0453).
"""

from __future__ import annotations

import threading
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from sqlalchemy import ColumnElement, and_, delete, func, or_, select

from idp.foundation.db.bitmaps import bit_is_set, bitmap
from idp.foundation.db.session import UnitOfWork
from idp.foundation.search import pattern
from idp.foundation.search.tree import Exact, Test, Wildcard
from idp.foundation.tenancy.work import Platform
from idp.tenant.audit.models import SEARCHED_BY, LogEntry, LogStretch

ENTRIES = 5_000
"""Entries of a stretch: reading so many costs a few ms."""
MOST_TEXT = 500_000
"""Characters of names that are kept of one; where there are more it may hold anything."""
PAUSE_S = 0.05
"""Between two of them."""
NAMED = (
    "connection",
    "connection_id",
    "client_name",
    "strategy",
    "strategy_type",
    "audience",
    "scope",
    "description",
    "user_agent",
)
"""Members without an index."""
GRAMMED = (*SEARCHED_BY, "log_id")
"""Members of which the groups of three letters are noted: those that :mod:`filters` looks for a bare word in, and that
are not among :data:`NAMED`.
"""
GRAM_BYTES = 8_192
"""Of one stretch. Five thousand addresses, ids and names of people have some 13,000 groups, so that one in five of
the bits is set: a part of seven letters that stands nowhere is looked for in one stretch of three thousand.
"""
MOST_GRAMS = 12
"""Groups of a part that are asked for; more would tell hardly more."""
MOST_ASKED, FEWEST_GRAMS = 240, 2
"""Groups that all parts of a query share, and what each is left: some thousand would take seconds to write as SQL."""
_OF, _END = "\x1f", "\x1e"
_BEGIN, _CLOSE = "\x02", "\x03"
_COLUMNS = tuple(getattr(LogEntry, name) for name in (*NAMED, *GRAMMED))


@dataclass(frozen=True)
class Stretch:
    """Ids from ``first`` to ``last``, both included; None is open."""

    first: str | None
    last: str | None


Stretches = tuple[Stretch, ...]
"""Parts of the log, the newest first."""


def describe(platform: Platform, tenant: str, stop: threading.Event, *, pause_s: float = PAUSE_S) -> int:
    """Describe what has been written since, and forget what the log no longer has; answers how many stretches were
    added. Ends early when ``stop`` is set.
    """
    added = 0
    while not stop.is_set():
        with platform.db.reading(tenant) as rows:
            made = _next(rows)
        if made is None:
            break
        with platform.db.unit(tenant) as rows:
            if rows.get(LogStretch, (tenant, made.last_id)) is None:  # two workers describe the same
                rows.add(made)
        added += 1
        stop.wait(pause_s)
    with platform.db.unit(tenant) as rows:
        oldest = rows.scalar(select(func.min(LogEntry.log_id)).where(LogEntry.tenant_id == tenant))
        gone = delete(LogStretch).where(LogStretch.tenant_id == tenant)
        rows.execute(gone if oldest is None else gone.where(LogStretch.last_id < oldest))
    return added


def described(rows: UnitOfWork) -> str:
    """Up to which id the log is described."""
    newest = select(func.max(LogStretch.last_id)).where(LogStretch.tenant_id == rows.tenant_id)
    return rows.scalar(newest) or ""


def holding(rows: UnitOfWork, tests: Sequence[tuple[str, Test]]) -> tuple[Stretch | None, list[Stretches]]:
    """The newest stretch, None where nothing is described; and for each member and test, where an entry whose member
    passes it may stand: every one that does stands there. Behind the newest stretch anything may stand.
    """
    each_has = max(FEWEST_GRAMS, MOST_ASKED // max(1, sum(member in GRAMMED for member, _ in tests)))
    may = [_may_hold(member, test, min(MOST_GRAMS, each_has)) for member, test in tests]
    until = select(func.max(LogStretch.last_id)).where(LogStretch.tenant_id == rows.tenant_id).correlate(None)
    statement = (
        select(LogStretch.first_id, LogStretch.last_id, *(each.label(f"may_{n}") for n, each in enumerate(may)))
        .where(LogStretch.tenant_id == rows.tenant_id, or_(LogStretch.last_id == until.scalar_subquery(), *may))
        .order_by(LogStretch.last_id.desc())
    )
    newest: Stretch | None = None
    found: list[list[Stretch]] = [[] for _ in tests]
    for first_id, last_id, *here in rows.execute(statement):
        newest = newest or Stretch(first_id, last_id)
        for parts, is_here in zip(found, here, strict=True):
            if is_here:
                parts.append(Stretch(first_id, last_id))
    behind = Stretch(newest.last if newest else "", None)
    return newest, [(behind, *parts) for parts in found]


def is_known(member: str | None, test: Test) -> bool:
    """Whether what is described says where an entry may stand whose member passes the test."""
    return member in NAMED or (member in GRAMMED and any(_grams_of(test)))


def _may_hold(member: str, test: Test, most: int) -> ColumnElement[bool]:
    if member in NAMED:
        return LogStretch.names.is_(None) | LogStretch.names.like(_pattern(member, test), escape="\\")
    bits = sorted({_bit(member, gram) for gram in islice(_grams_of(test), most)})
    return LogStretch.grams.is_(None) | and_(*(bit_is_set(LogStretch.grams, bit) for bit in bits))


def both(some: Stretches | None, others: Stretches | None) -> Stretches | None:
    """What lies in both; None is the whole log."""
    if some is None or others is None:
        return others if some is None else some
    there = frozenset(others)
    return tuple(each for each in some if each in there)


def either(of: Iterable[Stretches]) -> Stretches:
    """What lies in any of them."""
    return tuple(sorted({each for some in of for each in some}, key=_newest_first, reverse=True))


def _newest_first(stretch: Stretch) -> tuple[bool, str]:
    return stretch.last is None, stretch.last or ""


def _pattern(member: str, test: Test) -> str:
    """LIKE: it may find too many stretches, and never too few."""
    match test:
        case Exact(text, _) if member not in PHRASES:
            return pattern(("", f"{_END}{member}{_OF}{text}{_END}", ""))
        case Exact(text, _):
            return pattern(("", f"{_END}{member}{_OF}", text, ""))
        case Wildcard(parts):
            return pattern(("", f"{_END}{member}{_OF}", *parts, ""))
        case _:
            return pattern(("", f"{_END}{member}{_OF}", ""))


PHRASES = frozenset({"description", "scope", "user_agent"})
"""Members of several words, any of which is looked for."""


def _next(rows: UnitOfWork) -> LogStretch | None:
    """The next stretch that is whole; None where there are too few entries for one yet."""
    of_tenant = LogEntry.tenant_id == rows.tenant_id
    entries = select(*_COLUMNS).where(of_tenant).order_by(LogEntry.log_id).limit(ENTRIES)
    entries = entries.where(LogEntry.log_id > described(rows))
    some = rows.execute(entries).all()
    if len(some) < ENTRIES:
        return None
    names = _names({tuple(getattr(row, name) for name in NAMED) for row in some})
    grams = bitmap(
        (_bit(member, gram) for member in GRAMMED for gram in _grams({getattr(row, member) for row in some})),
        GRAM_BYTES,
    )
    return LogStretch(first_id=some[0].log_id, last_id=some[-1].log_id, names=names, grams=grams)


def _names(entries: Iterable[Sequence[str | None]]) -> str | None:
    """Each value of each member once."""
    seen = {
        f"{name}{_OF}{value}"
        for values in entries
        for name, value in zip(NAMED, values, strict=True)
        if value is not None
    }
    text = f"{_END}{_END.join(sorted(seen))}{_END}"
    return text if len(text) <= MOST_TEXT else None


def _grams(values: Iterable[str | None]) -> set[bytes]:
    """Every three bytes that follow each other in any of the values, which begin and end with a mark."""
    marked = [_folded(f"{_BEGIN}{value}{_CLOSE}") for value in values if value is not None]
    return {value[at : at + 3] for value in marked for at in range(len(value) - 2)}


def _grams_of(test: Test) -> Iterator[bytes]:
    """Those that a value has which passes the test; none where nothing is known of such values."""
    if not isinstance(test, Wildcard):
        return
    first, *_, last = test.parts
    marked = [*test.parts]
    marked[0] = f"{_BEGIN}{first}" if first else ""
    marked[-1] = f"{marked[-1]}{_CLOSE}" if last else ""
    for part in marked:
        some = _folded(part)
        yield from (some[at : at + 3] for at in range(len(some) - 2))


def _folded(text: str) -> bytes:
    """With ASCII's letters in lower case, since SQLite's LIKE minds their case as little; no store folds others."""
    return text.encode("utf-8", "surrogatepass").lower()


def _bit(member: str, gram: bytes) -> int:
    return zlib.crc32(gram, zlib.crc32(member.encode())) % (8 * GRAM_BYTES)
