"""Which names stand in which part of the log, so that a search for a rare one reads that part and no other.

Connections, applications, descriptions and the like have no index: an index would be written with every entry, and what
is frequent is soon found without. Ids follow the order in which entries become visible (docs/decisions/0100), so
whatever lies between two of them is complete and stays as it is: the worker reads it once and notes what stands there
(docs/decisions/0181). Nothing is written with an entry. What has not been described yet is looked through.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, func, or_, select

from idp.foundation.db.session import UnitOfWork
from idp.foundation.search import pattern
from idp.foundation.search.tree import Exact, Test, Wildcard
from idp.foundation.tenancy.work import Platform
from idp.tenant.audit.models import LogEntry, LogStretch

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
_OF, _END = "\x1f", "\x1e"
_COLUMNS = tuple(getattr(LogEntry, name) for name in NAMED)


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
    anything = LogStretch.names.is_(None)
    may = [anything | LogStretch.names.like(_pattern(member, test), escape="\\") for member, test in tests]
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
    entries = select(LogEntry.log_id, *_COLUMNS).where(of_tenant).order_by(LogEntry.log_id).limit(ENTRIES)
    entries = entries.where(LogEntry.log_id > described(rows))
    some = rows.execute(entries).all()
    if len(some) < ENTRIES:
        return None
    names = _names({tuple(getattr(row, name) for name in NAMED) for row in some})
    return LogStretch(first_id=some[0].log_id, last_id=some[-1].log_id, names=names)


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
