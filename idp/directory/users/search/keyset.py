"""Pages of users behind the last one seen: for lists that people leaf through while others are made and deleted.

The same ways as :mod:`.listing`: what finds few is put in order by itself, everything else goes along the index of the
order. Two statements, or three where a page ends among those who lack the attribute.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, ColumnElement, Select, func, or_, select, tuple_
from sqlalchemy.sql.util import ClauseAdapter
from sqlalchemy.sql.visitors import iterate

from idp.directory.users.models import FOLDED, UNVERIFIED, User
from idp.directory.users.search.compile import USERS, asks_who_is_unverified, condition
from idp.directory.users.search.listing import FEW, MANY, _directed, _order, _stretches, _users
from idp.foundation.db.code_points import by_code_point
from idp.foundation.db.session import UnitOfWork

NEAR = 5_000
"""So many users are looked at one after the other where a search finds more than a few."""
IN_INDEX = 100_000
"""So many entries of the index of the order are looked at where they alone say whom a search finds: an entry is read
several times as fast as a row.
"""
Key = tuple[Any, str]
"""What the order goes by, of the last user seen (None where they lack it), and their id."""


@dataclass(frozen=True)
class Page:
    """Some users, and the key to go on behind where more follow. ``few`` is how many a search finds, where these are
    not more than :data:`~.listing.FEW`.
    """

    users: Sequence[User]
    next: Key | None
    few: int | None = None


def page(
    rows: UnitOfWork, *, query: str | None, sort: str, after: Key | None, limit: int, extended: bool = False
) -> Page:
    """The users behind ``after`` that ``query`` finds, as ``sort`` (``field:1`` or ``field:-1``) says. Whoever lacks
    the field comes last either way.

    :raises BadRequest: ``invalid_query_string`` for a query or an order that there is not.
    """
    name, descending = _order(sort)
    users = _users(rows, name).add_columns(USERS[name].of.label("place"))
    if not query:
        return _cut(_along(rows, users, name, after, limit, descending=descending), limit)
    found = users.where(condition(query, rows.tenant_id, extended=extended))
    few = _few(rows, found, after, limit, descending=descending)
    if few is not None:
        return few
    wanted = condition(query, rows.tenant_id, by_index=False, extended=extended)
    one_by_one = users.where(wanted)
    if name in UNVERIFIED and asks_who_is_unverified(query, extended=extended):  # they have an index in that order
        return _cut(_along(rows, one_by_one, name, after, limit, descending=descending), limit)
    near = (
        _in_index(rows, users, wanted, name, after, limit, descending=descending)
        if _is_in_index(wanted, name)
        else _near(rows, users, one_by_one, name, after, limit, descending=descending)
    )
    if near is not None:
        return _cut(near, limit)
    some = _few(rows, found, after, limit, descending=descending, most=MANY)
    if some is not None:
        return Page(some.users, some.next)
    return _cut(_along(rows, one_by_one, name, after, limit, descending=descending), limit)


def _is_in_index(wanted: ColumnElement[bool], name: str) -> bool:
    """Whether the entries of the index of that order say whether it holds: nothing else is asked than the attribute
    itself. Of texts, since yes and no have orders of their own.
    """
    asked = {each.name for each in iterate(wanted) if isinstance(each, Column)}
    return name in FOLDED and asked <= {"tenant_id", FOLDED[name]}


def _in_index(
    rows: UnitOfWork,
    users: Select[Any],
    wanted: ColumnElement[bool],
    name: str,
    after: Key | None,
    limit: int,
    *,
    descending: bool,
) -> list[tuple[User, Any]] | None:
    """The page, where the next :data:`IN_INDEX` entries of the index of that order have enough of whom is ``wanted``.
    Rows are read of these alone.
    """
    first = _stretches(name, descending=descending)[0]
    if after is not None and after[0] is None:
        return None
    order, within = _directed(first.keys, descending=descending), [] if first.where is None else [first.where]
    if after is not None:
        here = tuple_(*first.keys)
        within.append(here < after if descending else here > after)
    column: Any = getattr(User, FOLDED[name])
    place, user = (each.label(f"key_{number}") for number, each in enumerate(first.keys))
    entries = select(User.tenant_id, column, User.user_id, place, user)
    of_tenant = entries.where(by_code_point(User.tenant_id) == rows.tenant_id, *within)
    next_ones = of_tenant.order_by(*order).limit(IN_INDEX).subquery("next_ones")
    found = select(next_ones.c.user_id).where(ClauseAdapter(next_ones).traverse(wanted))
    in_order = _directed((next_ones.c.key_0, next_ones.c.key_1), descending=descending)
    ids = found.order_by(*in_order).limit(limit + 1).subquery("found")
    page = users.join(ids, ids.c.user_id == User.user_id).order_by(*order)
    read = [(row.User, row.place) for row in rows.execute(page)]
    return read if len(read) > limit else None


def _near(
    rows: UnitOfWork,
    users: Select[Any],
    found: Select[Any],
    name: str,
    after: Key | None,
    limit: int,
    *,
    descending: bool,
) -> list[tuple[User, Any]] | None:
    """The page, where the next :data:`NEAR` of all users in the order have enough of whom is ``found``; None also where
    there are not so many.
    """
    first = _stretches(name, descending=descending)[0]
    if after is not None and (after[0] is None or len(first.keys) < 2):
        return None
    order, within = _directed(first.keys, descending=descending), [] if first.where is None else [first.where]
    if after is not None:
        here = tuple_(*first.keys)
        within.append(here < after if descending else here > after)
    ends = [each.label(f"end_{number}") for number, each in enumerate(first.keys)]
    end = users.where(*within).with_only_columns(*ends).order_by(*order).limit(1).offset(NEAR).cte("last")
    here, last = tuple_(*first.keys), tuple_(*(select(each).scalar_subquery() for each in end.c))
    mine = found.where(*within, here > last if descending else here < last)
    page = [(row.User, row.place) for row in rows.execute(mine.order_by(*order).limit(limit + 1))]
    return page if len(page) > limit else None


def _few(
    rows: UnitOfWork, found: Select[Any], after: Key | None, limit: int, *, descending: bool, most: int = FEW
) -> Page | None:
    """The page, where a search finds few: all of them are put in order; None where there are more."""
    some = found.with_only_columns(User.user_id, found.selected_columns.place).limit(most + 1).cte("found")
    total = select(func.count()).select_from(some).scalar_subquery()
    place, user = some.c.place, by_code_point(some.c.user_id)
    order = (place.is_(None), *_directed((place, user), descending=descending))
    statement = select(User, place.label("place"), total.label("total")).join(some, some.c.user_id == User.user_id)
    if after is not None:
        statement = statement.where(_behind(place, user, after, descending=descending))
    answer = rows.execute(statement.order_by(*order).limit(limit + 1)).all()
    counted = int(answer[0].total) if answer else 0
    if counted > most:
        return None
    if not answer and after is not None:
        counted = int(rows.scalar(select(func.count()).select_from(some)) or 0)
        if counted > most:
            return None
    return _cut([(row.User, row.place) for row in answer], limit, counted)


def _behind(place: Any, user: Any, after: Key, *, descending: bool) -> Any:
    if after[0] is None:
        return place.is_(None) & (user < after[1] if descending else user > after[1])
    here = tuple_(place, user)
    return or_(here < after if descending else here > after, place.is_(None))


def _along(
    rows: UnitOfWork, users: Select[Any], name: str, after: Key | None, limit: int, *, descending: bool
) -> list[tuple[User, Any]]:
    """Out of one stretch of the index, or the end of one and the beginning of the next."""
    page: list[tuple[User, Any]] = []
    stretches = _stretches(name, descending=descending)
    for number, stretch in enumerate(stretches):
        part = users if stretch.where is None else users.where(stretch.where)
        if after is not None and number == 0 and len(stretches) > 1 and after[0] is None:
            continue  # those who have the attribute were all seen
        if after is not None and (number == 0 or after[0] is None):
            key = after if len(stretch.keys) > 1 else (after[1],)
            here, last = tuple_(*stretch.keys), key
            part = part.where(here < last if descending else here > last)
        order = _directed(stretch.keys, descending=descending)
        page += [(row.User, row.place) for row in rows.execute(part.order_by(*order).limit(limit + 1 - len(page)))]
        if len(page) > limit:
            break
    return page


def _cut(found: list[tuple[User, Any]], limit: int, few: int | None = None) -> Page:
    shown = [user for user, _ in found[:limit]]
    last = found[limit - 1] if len(found) > limit else None
    return Page(shown, None if last is None else (last[1], last[0].user_id), few)
