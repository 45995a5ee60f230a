"""Pages of users: in the order of an index, with totals that cost little however many there are
(docs/decisions/0125-0127).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, func, literal_column, select, text, tuple_

from idp.directory.users.models import FOLDED, User, UserActivity, UserCount
from idp.directory.users.search.compile import ACTIVITY, USERS, condition, is_narrowed
from idp.foundation.db.code_points import by_code_point
from idp.foundation.db.paging import Rows, Wanted
from idp.foundation.db.session import UnitOfWork
from idp.foundation.kernel.errors import BadRequest
from idp.foundation.kernel.folding import fold

FEW = 1_000
"""So many finds are put in order by themselves; where there are more, an index in that order soon meets a page of them,
or the database knows better.
"""
NEAR = 1_000
"""So many users are looked at one after the other before an index is asked."""
SOME, SOON = 250, 3_000
"""Postgres does not fetch all few at once where it finds them by documents or parts of texts: behind so many finds, so
many users are looked at in the order of the page first (docs/decisions/0412).
"""
NEAR_ENOUGH = 6_000
"""Where there are more than a few, so many users are looked at in the order of the page ..."""
MANY = 20_000
"""... and where those did not fill it, hardly anybody is found: that many at most are put in order by themselves. Of a
million users either costs about as much, whatever is sought.
"""
MOST_COUNTED = 3_000
"""Totals of searches end here; all users of a tenant are counted exactly."""
MOST_OF_EMAIL = 100


@dataclass(frozen=True)
class _Stretch:
    """Users that follow each other in one index: those of whom ``where`` holds, by ``keys``."""

    keys: Sequence[Any]
    where: ColumnElement[bool] | None = None


def page(rows: UnitOfWork, wanted: Wanted, *, query: str | None, sort: str | None, extended: bool = False) -> Rows:
    """The users that ``query`` finds, as ``sort`` (``field:1`` or ``field:-1``) says, else the oldest first; ties are
    broken by user id, and whoever lacks the field comes last either way. ``extended``: see
    :func:`~idp.directory.users.search.compile.condition`.

    :raises BadRequest: ``invalid_query_string`` for a query or an order that there is not.
    """
    name, descending = _order(sort)
    users = _users(rows, name)
    if not query:
        total = all_of_tenant(rows) if wanted.wants_total else None
        return Rows(_along(rows, users, name, wanted, descending=descending) if wanted.limit else [], total)
    found = users.where(condition(query, rows.tenant_id, extended=extended))
    by_index = not _on_sqlite(rows)
    one_by_one = users.where(condition(query, rows.tenant_id, by_index=by_index, extended=extended))
    narrowed = is_narrowed(query, rows.tenant_id, extended=extended)
    # SQLite counts whom another index finds before it looks at one of them: that takes long where many are found
    if _on_sqlite(rows) and narrowed and wanted.limit and not wanted.wants_total:
        near = _near(rows, users, one_by_one, name, wanted, descending=descending, amount=NEAR)
        if near is not None:
            return Rows(near)
    # pages behind the first finds, and totals, want all few
    bit_by_bit = narrowed and not _on_sqlite(rows) and not wanted.wants_total and wanted.start + wanted.limit <= SOME
    most = SOME if bit_by_bit else FEW
    few = _few(rows, found, name, wanted, descending=descending, most=most)
    if few.total is None or few.total <= most:
        return few
    total = _count(rows, one_by_one, MOST_COUNTED) if wanted.wants_total else None
    if not wanted.limit:
        return Rows([], total)
    if narrowed:
        steps = ((SOON, FEW), (NEAR_ENOUGH, MANY)) if bit_by_bit else ((NEAR, None), (NEAR_ENOUGH, MANY))
        return Rows(_of_many(rows, users, one_by_one, found, name, wanted, steps, descending=descending), total)
    return Rows(_along(rows, one_by_one, name, wanted, descending=descending), total)


def _of_many(
    rows: UnitOfWork,
    users: Select[User],
    one_by_one: Select[User],
    found: Select[User],
    name: str,
    wanted: Wanted,
    steps: Iterable[tuple[int, int | None]],
    *,
    descending: bool,
) -> Sequence[User]:
    """The page of more than a few, who may stand anywhere in its order: most are soon met, and where they are not, they
    are not so many that putting them all in order would take long. Each of ``steps`` says among how many users the page
    is looked for, and up to how many finds are put in order after that.
    """
    for amount, most in steps:
        with _one_by_one(rows):
            near = _near(rows, users, one_by_one, name, wanted, descending=descending, amount=amount)
        if near is not None:
            return near
        if most is not None:
            some = _few(rows, found, name, wanted, descending=descending, most=most)
            if some.total is not None and some.total <= most:
                return some.items
    return _along(rows, one_by_one, name, wanted, descending=descending)


@contextmanager
def _one_by_one(rows: UnitOfWork) -> Iterator[None]:
    """Postgres walks an index of the order and looks at each row. It would rather read all entries of whom the query
    finds anywhere, to look at fewer rows: that takes ten times as long where many are found. Where its estimate of
    how many are found is low, it would read the whole table instead, and put that in order (decision 0226).
    """
    if _on_sqlite(rows):
        yield
        return
    # bound to the open transaction, as its time limit is; without one it says nothing
    plans = text("SELECT set_config('enable_bitmapscan', :setting, true), set_config('enable_seqscan', :setting, true)")
    rows.execute(plans, {"setting": "off"})
    yield
    rows.execute(plans, {"setting": "on"})


def _order(sort: str | None) -> tuple[str, bool]:
    name, _, direction = (sort or "created_at:1").partition(":")
    if name not in USERS or direction not in {"1", "-1"}:
        raise BadRequest(
            "Query validation error: 'Sort must be field:1 or field:-1' on property sort.", "invalid_query_string"
        )
    return name, direction == "-1"


def _users(rows: UnitOfWork, name: str) -> Select[User]:
    statement = select(User).where(by_code_point(User.tenant_id) == rows.tenant_id)
    if name not in ACTIVITY:
        return statement
    mine = and_(UserActivity.tenant_id == User.tenant_id, UserActivity.user_id == User.user_id)
    return statement.join(UserActivity, mine).where(by_code_point(UserActivity.tenant_id) == rows.tenant_id)


def _near(
    rows: UnitOfWork,
    users: Select[User],
    found: Select[User],
    name: str,
    wanted: Wanted,
    *,
    descending: bool,
    amount: int,
) -> Sequence[User] | None:
    """The page, where the first ``amount`` of all users in its order have enough of whom is ``found``."""
    first = _stretches(name, descending=descending)[0]
    order = _directed(first.keys, descending=descending)
    within = () if first.where is None else (first.where,)
    keys = users.where(*within).with_only_columns(*first.keys).order_by(*order).limit(1).offset(amount)
    end = rows.execute(keys).first()
    if end is not None:
        stretch, last = tuple_(*first.keys), tuple_(*(bindparam(None, each) for each in end))
        within = (*within, stretch > last if descending else stretch < last)
    page = rows.scalars(found.where(*within).order_by(*order).limit(wanted.limit).offset(wanted.start)).all()
    return page if len(page) == wanted.limit else None


def _on_sqlite(rows: UnitOfWork) -> bool:
    return rows.get_bind().dialect.name == "sqlite"


def _few(rows: UnitOfWork, users: Select[User], name: str, wanted: Wanted, *, descending: bool, most: int) -> Rows:
    """The page of what is found, put in order by itself: no order tempts the database to read all users in it. Where
    there are more than ``most``, the total says so and the page means nothing.
    """
    found = users.with_only_columns(User.user_id, USERS[name].of.label("key")).limit(most + 1).cte("found")
    order = (found.c.key.is_(None), *_directed((found.c.key, by_code_point(found.c.user_id)), descending=descending))
    place, total = func.row_number().over(order_by=order), func.count().over()
    placed = select(found.c.user_id, total.label("total"), place.label("place")).order_by("place")
    some = placed.limit(wanted.limit).offset(wanted.start).subquery()
    statement = select(User, some.c.total).join(some, some.c.user_id == User.user_id).order_by(some.c.place)
    answer = rows.execute(statement).all()
    if answer or not wanted.wants_total:
        return Rows([row.User for row in answer], answer[0].total if answer else 0)
    return Rows([], int(rows.scalar(select(func.count()).select_from(found)) or 0))


def _along(rows: UnitOfWork, users: Select[User], name: str, wanted: Wanted, *, descending: bool) -> list[User]:
    """The page in the order of an index: out of one stretch of it, or the end of one and the beginning of the next.
    Where a page lies behind a whole stretch, that one has no more rows than are skipped.
    """
    page: list[User] = []
    skip = wanted.start
    stretches = _stretches(name, descending=descending)
    for stretch in stretches:
        part = users if stretch.where is None else users.where(stretch.where)
        order = _directed(stretch.keys, descending=descending)
        page += rows.scalars(part.order_by(*order).limit(wanted.limit - len(page)).offset(skip)).all()
        if len(page) == wanted.limit or stretch is stretches[-1]:
            break
        skip = 0 if page else skip - _count(rows, part, skip)
    return page


def _stretches(name: str, *, descending: bool) -> list[_Stretch]:
    column, user = USERS[name].of, by_code_point(User.user_id)
    source = getattr(UserActivity if name in ACTIVITY else User, name)
    if name == "user_id":
        return [_Stretch([user])]
    if name == "blocked":  # hardly anybody is: only they have an index
        return [_Stretch([user], source == descending), _Stretch([user], source == (not descending))]
    keys = [column, by_code_point(UserActivity.user_id) if name in ACTIVITY else user]
    if not source.expression.nullable:
        return [_Stretch(keys)]
    kept = getattr(User, FOLDED[name]) if name in FOLDED else source
    return [_Stretch(keys, kept.is_not(None)), _Stretch([user], kept.is_(None))]


def _directed(keys: Iterable[Any], *, descending: bool) -> list[Any]:
    return [key.desc() if descending else key.asc() for key in keys]


def all_of_tenant(rows: UnitOfWork) -> int:
    """How many users a tenant has."""
    of_tenant = UserCount.tenant_id == rows.tenant_id
    return int(rows.scalar(select(func.coalesce(func.sum(UserCount.amount), 0)).where(of_tenant)) or 0)


def _count(rows: UnitOfWork, users: Select[User], most: int) -> int:
    """How many there are, ``most`` at most."""
    some: Select[Any] = users.with_only_columns(literal_column("1").label("found"), maintain_column_froms=True).limit(
        most
    )
    return int(rows.scalar(select(func.count()).select_from(some.subquery())) or 0)


def with_email(rows: UnitOfWork, email: str) -> Sequence[User]:
    """Users with exactly that address, the oldest first; a hundred at most."""
    same = and_(by_code_point(User.tenant_id) == rows.tenant_id, User.email_folded == fold(email), User.email == email)
    return rows.scalars(select(User).where(same).order_by(User.created_at, User.user_id).limit(MOST_OF_EMAIL)).all()
