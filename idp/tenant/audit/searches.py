"""Pages of the log that a query finds: each alternative of it by the way that is short, and the newest of all together.

A word without a field may stand in nine members. As one condition that is a walk of the whole log for whatever nobody
wrote; member by member it is the end of an index, or the few stretches that have such a name
(docs/decisions/0181).
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Subquery, and_, literal, or_, select, union_all

from idp.foundation import search
from idp.foundation.db.paging import Rows, Wanted
from idp.foundation.db.session import UnitOfWork
from idp.foundation.kernel.errors import StoreUnavailable
from idp.foundation.search.tree import And, Exact, Node, Or, Term
from idp.tenant.audit import stretches
from idp.tenant.audit.filters import BARE, LogFields
from idp.tenant.audit.models import SEARCHED_BY, LogEntry
from idp.tenant.audit.stretches import NAMED, Stretch, Stretches

AT_ONCE = 8
"""Parts of the log that one statement reads."""
MOST_WAYS = 64
"""Alternatives that are looked for one by one; a query of more is one condition."""
BY_INDEX = frozenset({*SEARCHED_BY, "_id", "log_id"})
"""Members of which an exact value is found by an index."""
OF_FEW = BY_INDEX - {"type", "client_id"}
"""Those of which hardly any value has very many entries."""
WHOLE: Stretches = (Stretch(None, None),)
Terms = tuple[Node, ...]
"""What has to hold together."""


@dataclass(frozen=True)
class _Way:
    """A condition, and the parts of the log in which to look; ``short``: an index or these parts lead to it."""

    condition: ColumnElement[bool]
    where: Stretches
    short: bool


def page(
    rows: UnitOfWork, query: str, host: str, wanted: Wanted, *, descending: bool, most: int, seconds: float
) -> Rows:
    """The entries that ``query`` finds, in the order of their ids; counting ends at ``most``.

    :raises BadRequest: ``invalid_query_string`` for bad syntax, or an unknown field.
    :raises StoreUnavailable: it takes longer than ``seconds``.
    """
    node, fields = search.parse(query), LogFields(rows.tenant_id, host)
    search.condition(node, fields)  # refuses what is wrong before anything is read
    end = time.monotonic() + seconds
    amount = most if wanted.wants_total else wanted.start + wanted.limit
    found: set[str] = set()
    for way in _ways(rows, node, fields):
        found.update(_ids(rows, way, amount, end, descending=descending))
    shown = sorted(found, reverse=descending)[:amount][wanted.start :][: wanted.limit]
    statement = select(LogEntry).where(LogEntry.tenant_id == rows.tenant_id, LogEntry.log_id.in_(shown))
    order = LogEntry.log_id.desc() if descending else LogEntry.log_id.asc()
    items = rows.scalars(statement.order_by(order)).all() if shown else []
    return Rows(items, min(len(found), most) if wanted.wants_total else None)


def before(rows: UnitOfWork, query: str, host: str, *, before: str, limit: int, seconds: float) -> Sequence[LogEntry]:
    """The newest entries that ``query`` finds (all of them without one) and that are older than the id ``before``.

    :raises BadRequest: ``invalid_query_string`` for bad syntax, or an unknown field.
    :raises StoreUnavailable: it takes longer than ``seconds``.
    """
    statement = select(LogEntry).where(LogEntry.tenant_id == rows.tenant_id)
    if not query:
        older = (LogEntry.log_id < before,) if before else ()
        return rows.scalars(statement.where(*older).order_by(LogEntry.log_id.desc()).limit(limit)).all()
    node, fields = search.parse(query), LogFields(rows.tenant_id, host)
    search.condition(node, fields)
    shown = _newest(rows, _ways(rows, node, fields), limit, time.monotonic() + seconds, before)
    return (
        rows.scalars(statement.where(LogEntry.log_id.in_(shown)).order_by(LogEntry.log_id.desc())).all()
        if shown
        else []
    )


def _newest(rows: UnitOfWork, ways: Sequence[_Way], amount: int, end: float, before: str) -> list[str]:
    """The newest that are found any of these ways: all of them by one statement, and another for each further
    :data:`AT_ONCE` parts of the log that have to be read.
    """
    found: set[str] = set()
    left = {number: list(way.where) for number, way in enumerate(ways)}
    while left:
        if time.monotonic() > end:
            raise StoreUnavailable(detail="a search of the log ran out of time")
        asked = [(number, part) for number, parts in left.items() for part in parts[:AT_ONCE]]
        made = [_part(rows, ways[number], part, amount, before) for number, part in asked]
        named = [
            select(literal(number).label("way"), each.c.log_id) for (number, _), each in zip(asked, made, strict=True)
        ]
        counted: dict[int, int] = {}
        for number, log_id in rows.execute(union_all(*named)):
            counted[number] = counted.get(number, 0) + 1
            found.add(log_id)
        # parts are the newest first: whoever found enough in these finds nothing newer in others
        left = {
            number: parts[AT_ONCE:]
            for number, parts in left.items()
            if parts[AT_ONCE:] and counted.get(number, 0) < amount
        }
    return sorted(found, reverse=True)[:amount]


def _part(rows: UnitOfWork, way: _Way, part: Stretch, amount: int, before: str) -> Subquery:
    statement = select(LogEntry.log_id).where(LogEntry.tenant_id == rows.tenant_id, way.condition, *_within(part))
    if before:
        statement = statement.where(LogEntry.log_id < before)
    return statement.order_by(LogEntry.log_id.desc()).limit(amount).subquery()


def _ids(rows: UnitOfWork, way: _Way, amount: int, end: float, *, descending: bool) -> list[str]:
    """The first ``amount`` that are found this way."""
    found: list[str] = []
    for part in way.where if descending else reversed(way.where):
        if len(found) >= amount:
            break
        if time.monotonic() > end:
            raise StoreUnavailable(detail="a search of the log ran out of time")
        statement = select(LogEntry.log_id).where(LogEntry.tenant_id == rows.tenant_id, way.condition, *_within(part))
        order = LogEntry.log_id.desc() if descending else LogEntry.log_id.asc()
        found += rows.scalars(statement.order_by(order).limit(amount - len(found)))
    return found


def _within(part: Stretch) -> Iterator[ColumnElement[bool]]:
    if part.last is not None:
        yield LogEntry.log_id <= part.last
        if part.first is not None:
            yield LogEntry.log_id >= part.first
    elif part.first is not None:
        yield LogEntry.log_id > part.first


def _ways(rows: UnitOfWork, node: Node, fields: LogFields) -> list[_Way]:
    """How to find everything; what has no short way is walked for together."""
    alternatives = _alternatives(node)
    if alternatives is None:
        return [_Way(search.condition(node, fields), WHOLE, short=False)]
    known = _Known(rows, alternatives)
    ways = [_way(known, terms, fields) for terms in alternatives]
    found = [each for each in ways if each.short and each.where is WHOLE]
    parted = [each for each in ways if each.where is not WHOLE]
    walked = [each for each in ways if not each.short]
    if parted:
        where = stretches.either(each.where for each in parted)
        found.append(_Way(or_(*(each.condition for each in parted)), where, short=True))
    if walked:
        found.append(_Way(or_(*(each.condition for each in walked)), WHOLE, short=False))
    return found


class _Known:
    """What is described of the log, as one search reads it: whatever it may want to know, by two statements."""

    def __init__(self, rows: UnitOfWork, alternatives: Sequence[Terms]) -> None:
        every = (term for terms in alternatives for term in terms)
        wanted = list(dict.fromkeys(term for term in every if isinstance(term, Term) and term.field in NAMED))
        tests = [(str(term.field), term.test) for term in wanted]
        found = stretches.holding(rows, tests, stretches.described(rows)) if tests else ()
        self._found = dict(zip(wanted, found, strict=True))

    def where(self, term: Term) -> Stretches | None:
        """Where it may be found; None for anywhere."""
        return self._found.get(term)


def _way(known: _Known, terms: Terms, fields: LogFields) -> _Way:
    where: Stretches | None = None
    exact = {term.field for term in terms if isinstance(term, Term) and isinstance(term.test, Exact)}
    for term in terms:
        if isinstance(term, Term):
            where = stretches.both(where, known.where(term))
    condition = and_(*(search.condition(term, fields) for term in terms))
    by_index = not exact.isdisjoint(BY_INDEX) or any(isinstance(each, Term) and each.field == "date" for each in terms)
    if where is None or not exact.isdisjoint(OF_FEW):
        return _Way(condition, WHOLE, short=by_index)
    return _Way(condition, where, short=True)


def _alternatives(node: Node) -> list[Terms] | None:
    """The query as alternatives of what has to hold together; None where there would be too many."""
    match node:
        case Or(nodes):
            parts = [_alternatives(each) for each in nodes]
            made = [terms for part in parts if part is not None for terms in part]
            return made if None not in parts and len(made) <= MOST_WAYS else None
        case And(nodes):
            return _together(nodes)
        case Term(None, test):
            return [(Term(name, test),) for name in BARE]
        case _:
            return [(node,)]


def _together(nodes: Sequence[Node]) -> list[Terms] | None:
    made: list[Terms] = [()]
    for node in nodes:
        more = _alternatives(node)
        if more is None or len(made) * len(more) > MOST_WAYS:
            return None
        made = [(*some, *others) for some in made for others in more]
    return made
