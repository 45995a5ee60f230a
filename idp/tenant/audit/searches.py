"""Pages of the log that a query finds: each alternative of it by the way that is short, and the newest of all together.

A word without a field may stand in nine members. As one condition that is a walk of the whole log for whatever nobody
wrote; member by member it is the end of an index, or the few stretches that have such a name
(docs/decisions/0181).
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeGuard

from sqlalchemy import ColumnElement, Subquery, and_, literal, or_, select, union_all

from idp.foundation import search
from idp.foundation.db.paging import Rows, Wanted
from idp.foundation.db.session import UnitOfWork
from idp.foundation.kernel.errors import StoreUnavailable
from idp.foundation.search.tree import And, Exact, Node, Or, Term, Wildcard
from idp.tenant.audit import stretches
from idp.tenant.audit.filters import BARE, LogFields
from idp.tenant.audit.models import SEARCHED_BY, LogEntry
from idp.tenant.audit.stretches import Stretch, Stretches

AT_ONCE = 16
"""Parts of the log that one statement reads."""
MANY = 2 * AT_ONCE
"""Parts of the log that may have a part of a name before the index of the names is the shorter way."""
MOST_WAYS = 64
"""Alternatives that are looked for one by one; a query of more is one condition."""
MOST_TERMS = 256
"""Terms of all alternatives together, likewise: what all of them have in common stands in each."""
BY_INDEX = frozenset({*SEARCHED_BY, "_id", "log_id"})
"""Members of which an exact value is found by an index."""
OF_FEW = BY_INDEX - {"type", "client_id"}
"""Those of which hardly any value has very many entries."""
MOST_BY_NAME = 5_000
"""Entries that are gathered by a part of a name before they are looked at; the rest of more are walked for."""
WHOLE: Stretches = (Stretch(None, None),)
Terms = tuple[Node, ...]
"""What has to hold together."""


@dataclass(frozen=True)
class _Way:
    """A condition, and the parts of the log in which to look."""

    condition: ColumnElement[bool]
    where: Stretches
    member: ColumnElement[bool] | None = None
    """What it says of one member that has an index, where that index does not lead to it: a part of a name. ``where``
    is the newest parts of the log alone then; what is older is found by :func:`_by_names`.
    """


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


def since(rows: UnitOfWork, query: str, host: str, *, after: str, limit: int) -> Sequence[LogEntry]:
    """The next entries behind the id ``after``, the oldest first, that ``query`` finds (all of them without one). Ids
    follow the order in which entries become visible, so that nothing comes in between later.

    :raises BadRequest: ``invalid_query_string`` for bad syntax, or an unknown field.
    """
    statement = select(LogEntry).where(LogEntry.tenant_id == rows.tenant_id, LogEntry.log_id > after)
    if query:
        statement = statement.where(search.condition(search.parse(query), LogFields(rows.tenant_id, host)))
    return rows.scalars(statement.order_by(LogEntry.log_id).limit(limit)).all()


def newest(rows: UnitOfWork) -> str:
    """The id of the newest entry, empty where there is none."""
    last = select(LogEntry.log_id).where(LogEntry.tenant_id == rows.tenant_id).order_by(LogEntry.log_id.desc()).limit(1)
    return rows.scalar(last) or ""


def _newest(rows: UnitOfWork, ways: Sequence[_Way], amount: int, end: float, before: str) -> list[str]:
    """The newest that are found any of these ways: all of them by one statement, and another for each further
    :data:`AT_ONCE` parts of the log that have to be read.
    """
    found: list[set[str]] = [set() for _ in ways]
    left = {number: list(way.where) for number, way in enumerate(ways)}
    while left:
        _in_time(end)
        asked = [(number, part) for number, parts in left.items() for part in parts[:AT_ONCE]]
        made = [_part(rows, ways[number], part, amount, before) for number, part in asked]
        named = [
            select(literal(number).label("way"), each.c.log_id) for (number, _), each in zip(asked, made, strict=True)
        ]
        for number, log_id in rows.execute(union_all(*named)):
            found[number].add(log_id)
        # parts are the newest first: whoever found enough in these finds nothing newer in others
        left = {
            number: parts[AT_ONCE:] for number, parts in left.items() if parts[AT_ONCE:] and len(found[number]) < amount
        }
    for way, some in zip(ways, found, strict=True):
        if way.member is not None and len(some) < amount:
            some.update(_by_names(rows, way, way.member, amount, end, descending=True, before=before))
    return sorted(set().union(*found), reverse=True)[:amount]


def _part(rows: UnitOfWork, way: _Way, part: Stretch, amount: int, before: str) -> Subquery:
    inside = (LogEntry.tenant_id == rows.tenant_id, way.condition, *_within(part), *_older(before))
    return select(LogEntry.log_id).where(*inside).order_by(LogEntry.log_id.desc()).limit(amount).subquery()


def _ids(rows: UnitOfWork, way: _Way, amount: int, end: float, *, descending: bool) -> list[str]:
    """The first ``amount`` that are found this way."""
    if way.member is None:
        return _walked(rows, way, amount, end, descending=descending)
    newest = _walked(rows, way, amount, end, descending=True) if descending else []
    if len(newest) >= amount:
        return newest
    return _by_names(rows, way, way.member, amount, end, descending=descending)


def _by_names(
    rows: UnitOfWork,
    way: _Way,
    member: ColumnElement[bool],
    amount: int,
    end: float,
    *,
    descending: bool,
    before: str = "",
) -> list[str]:
    """The first ``amount``, of the entries whose ids are read out of the member's index alone (docs/decisions/0264),
    in an order that no index has, so that no database walks the list instead. One statement; another where more than
    :data:`MOST_BY_NAME` have such a name and those are not enough.
    """
    _in_time(end)
    of_tenant, order = LogEntry.tenant_id == rows.tenant_id, LogEntry.log_id.concat("")
    named = select(LogEntry.log_id).where(of_tenant, member, *_older(before)).correlate(None)
    named = named.order_by(order.desc() if descending else order.asc()).limit(MOST_BY_NAME)
    statement = select(LogEntry.log_id, way.condition.label("passes")).where(of_tenant, LogEntry.log_id.in_(named))
    some = sorted(rows.execute(statement), key=lambda row: str(row.log_id), reverse=descending)
    found = [row.log_id for row in some if row.passes][:amount]
    if len(found) == amount or len(some) < MOST_BY_NAME:
        return found
    last = some[-1].log_id
    behind = replace(way, where=WHOLE if descending else (Stretch(last, None),))
    more = _walked(rows, behind, amount - len(found), end, descending=descending, before=last if descending else before)
    return found + more


def _walked(rows: UnitOfWork, way: _Way, amount: int, end: float, *, descending: bool, before: str = "") -> list[str]:
    found: list[str] = []
    for part in way.where if descending else reversed(way.where):
        if len(found) >= amount:
            break
        _in_time(end)
        inside = (LogEntry.tenant_id == rows.tenant_id, way.condition, *_within(part), *_older(before))
        order = LogEntry.log_id.desc() if descending else LogEntry.log_id.asc()
        found += rows.scalars(select(LogEntry.log_id).where(*inside).order_by(order).limit(amount - len(found)))
    return found


def _in_time(end: float) -> None:
    if time.monotonic() > end:
        raise StoreUnavailable(detail="a search of the log ran out of time")


def _older(before: str) -> Iterator[ColumnElement[bool]]:
    if before:
        yield LogEntry.log_id < before


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
    if alternatives is None or sum(map(len, alternatives)) > MOST_TERMS:
        return [_Way(search.condition(node, fields), WHOLE)]
    walked = [terms for terms in alternatives if _is_walked(terms)]
    member = _part_of_a_name(walked[0], fields) if len(walked) == 1 else None
    known = _Known(rows, alternatives, by_names=member is not None)
    ways = [_way(known, terms, fields) for terms in alternatives if not _is_walked(terms)]
    found = [each for each in ways if each.where is WHOLE]
    parted = [each for each in ways if each.where is not WHOLE]
    many = [each for each in parted if each.member is not None and len(each.where) > MANY]
    if len(many) == 1:
        found += [replace(each, where=each.where[:AT_ONCE]) for each in many]
        parted = [each for each in parted if each not in many]
    if parted:
        where = stretches.either(each.where for each in parted)
        found.append(_Way(or_(*(each.condition for each in parted)), where))
    if walked:
        condition = or_(*(_condition(terms, fields) for terms in walked))
        if known.newest is None or member is None:
            found.append(_Way(condition, WHOLE))
        else:
            found.append(_Way(condition, (Stretch(known.newest.first, None),), member=member))
    return found


class _Known:
    """What is described of the log, as one search reads it: whatever it may want to know, by one statement.
    ``by_names``: names are going to be read out of an index.
    """

    def __init__(self, rows: UnitOfWork, alternatives: Sequence[Terms], *, by_names: bool) -> None:
        every = (term for terms in alternatives for term in terms)
        wanted = list(dict.fromkeys(term for term in every if _is_known(term)))
        tests = [(str(term.field), term.test) for term in wanted]
        self.newest: Stretch | None = None
        found: Sequence[Stretches] = ()
        if tests or by_names:
            self.newest, found = stretches.holding(rows, tests)
        self._found = dict(zip(wanted, found, strict=True))

    def where(self, term: Term) -> Stretches | None:
        """Where it may be found; None for anywhere."""
        return self._found.get(term)


def _way(known: _Known, terms: Terms, fields: LogFields) -> _Way:
    where: Stretches | None = None
    for term in terms:
        if isinstance(term, Term):
            where = stretches.both(where, known.where(term))
    condition = _condition(terms, fields)
    if where is None or not _exact(terms).isdisjoint(OF_FEW):
        return _Way(condition, WHOLE)
    return _Way(condition, where, member=_part_of_a_name(terms, fields))


def _is_walked(terms: Terms) -> bool:
    """Whether neither an index nor what is described of the log leads to these."""
    some = [term.field for term in terms if isinstance(term, Term)]
    return _exact(terms).isdisjoint(BY_INDEX) and "date" not in some and not any(_is_known(term) for term in terms)


def _is_known(node: Node) -> TypeGuard[Term]:
    return isinstance(node, Term) and stretches.is_known(node.field, node.test)


def _exact(terms: Terms) -> frozenset[str | None]:
    return frozenset(term.field for term in terms if isinstance(term, Term) and isinstance(term.test, Exact))


def _condition(terms: Terms, fields: LogFields) -> ColumnElement[bool]:
    return and_(*(search.condition(term, fields) for term in terms))


def _part_of_a_name(terms: Terms, fields: LogFields) -> ColumnElement[bool] | None:
    for term in terms:
        if isinstance(term, Term) and term.field in SEARCHED_BY and isinstance(term.test, Wildcard):
            # Postgres thinks a third of all to be behind a value that it learns later: else it finds reading the table
            # as dear as reading the index, which is a fifth of it
            return and_(
                getattr(LogEntry, term.field) >= select(literal("")).scalar_subquery(), search.condition(term, fields)
            )
    return None


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
