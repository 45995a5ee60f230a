"""Lists: rows behind a key, filters and a search in the query, a count that ends at a thousand.

Two statements a page, whatever the number of rows: the rows (behind the last one seen, in the order of the chosen
column), and how many there are, which is asked only for the first page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, literal, select, tuple_, union_all

from idp.admin.desk.numbers import whole
from idp.admin.desk.resource import Cell, Column, Filter, Listing
from idp.foundation.apikit import cursor
from idp.foundation.db import paging
from idp.foundation.kernel.errors import BadRequest
from idp.foundation.tenancy.work import Work

SIZES = (25, 10, 50, 100)
"""Rows of a page, the usual number first."""
MOST_COUNTED = 1_000
MAX_QUERY = 200
OWN = frozenset({"q", "sort", "after", "rows", "cols", "done", "language"})
"""Parameters of a list that are no filters."""


@dataclass(frozen=True)
class Asked:
    """What the address asks of a list; whatever it says that the list does not know counts as not said."""

    q: str
    filters: Mapping[str, str]
    column: Column
    descending: bool
    after: cursor.Key | None
    size: int
    columns: Sequence[Column]

    @property
    def narrowed(self) -> bool:
        """Whether some rows are left out on purpose."""
        return bool(self.q or self.filters)

    @property
    def sort(self) -> str:
        """As the address says it."""
        return f"-{self.column.name}" if self.descending else self.column.name


@dataclass(frozen=True)
class Row:
    """One object: its id, and a cell for each column."""

    key: str
    cells: Sequence[Cell]


@dataclass(frozen=True)
class Found:
    """A page of rows. ``total`` is None behind the first page; ``next`` is the cursor behind the last row."""

    rows: Sequence[Row]
    total: int | None
    next: str | None
    compiled: str = ""
    """The query that search and filters come to, where there is a language for it."""
    problem: str = ""
    """What is wrong with it."""


def asked(listing: Listing, query: Mapping[str, str], kept: Sequence[str] = ()) -> Asked:
    """What ``query`` asks; ``kept`` are columns that this person picked before."""
    sortable = {each.name: each for each in listing.columns if each.sort is not None}
    named = query.get("sort", "").removeprefix("-")
    sort = query["sort"] if named in sortable else listing.order
    names = query["cols"].split(",") if "cols" in query else list(kept)
    picked = {each.name for each in listing.columns if each.name in names} or {
        each.name for each in listing.columns if not each.optional
    }
    size = whole(query.get("rows", "")) or SIZES[0]
    return Asked(
        q=query.get("q", "").strip()[:MAX_QUERY],
        filters={each.name: query[each.name] for each in listing.filters if query.get(each.name) in each.choices},
        column=sortable[sort.removeprefix("-")],
        descending=sort.startswith("-"),
        after=_cursor(query.get("after", "")),
        size=size if size in SIZES else SIZES[0],
        columns=[each for each in listing.columns if each.name in picked or each.name == listing.title],
    )


def _cursor(text: str) -> cursor.Key | None:
    try:
        key = cursor.decode(text) if text else None
    except BadRequest:  # somebody typed it: the first page is the answer
        return None
    return key if key is not None and len(key) == 2 else None


def found(work: Work, listing: Listing, wanted: Asked) -> Found:
    """The page that is wanted."""
    statement = _narrowed(paging.of_tenant(work.rows, listing.model).where(*listing.mine(work)), listing, wanted)
    total = _total(work, listing, statement) if wanted.after is None else None
    place, key = wanted.column.sort, listing.key
    order = [place.desc(), key.desc()] if wanted.descending else [place.asc(), key.asc()]
    if wanted.after is not None and _fits(wanted.after, place, key):
        here = tuple_(place, key)
        statement = statement.where(here < wanted.after if wanted.descending else here > wanted.after)
    also = [each for each in wanted.columns if each.also is not None]
    more = (each.also(work) if callable(each.also) else each.also for each in also)
    chosen = statement.add_columns(place.label("place"), *more)
    rows = list(work.rows.execute(chosen.order_by(*order).limit(wanted.size + 1)))
    shown = [(row, at, dict(zip((each.name for each in also), more, strict=True))) for row, at, *more in rows]
    shown = shown[: wanted.size]
    last = next(((at, getattr(row, key.key)) for row, at, _ in shown[-1:]), None) if len(rows) > wanted.size else None
    return Found(
        [
            Row(
                str(getattr(row, key.key)),
                [
                    column.cell(more[column.name]) if column.name in more else column.cell(row)
                    for column in wanted.columns
                ],
            )
            for row, _, more in shown
        ],
        total,
        None if last is None else cursor.encode(last),
    )


def _fits(after: cursor.Key, place: Any, key: Any) -> bool:
    return all(isinstance(value, each.type.python_type) for value, each in zip(after, (place, key), strict=True))


def _narrowed(statement: Select[Any], listing: Listing, wanted: Asked) -> Select[Any]:
    conditions = [
        *listing.always,
        *(_condition(each, wanted) for each in listing.filters if each.name in wanted.filters),
    ]
    if wanted.q and listing.search is not None:
        conditions.append(listing.search(wanted.q))
    return statement.where(*conditions)


def _condition(each: Filter, wanted: Asked) -> Any:
    return each.condition(wanted.filters[each.name])


def _total(work: Work, listing: Listing, statement: Select[Any]) -> int:
    counted = statement.with_only_columns(listing.key).limit(MOST_COUNTED + 1).subquery()
    return int(work.rows.scalar(select(func.count()).select_from(counted)) or 0)


def counted(model: Any, *conditions: Any, of: Any) -> Any:
    """How many rows of ``model`` belong to a row of ``of``, as part of its list: counting ends behind a thousand."""
    inner = select(model.tenant_id).where(*conditions).limit(MOST_COUNTED + 1).correlate(of).subquery()
    return select(func.count()).select_from(inner).correlate(of).scalar_subquery()


def number(count: int) -> Cell:
    """A count of :func:`counted`."""
    return Cell(f"{MOST_COUNTED:,}+" if count > MOST_COUNTED else str(count), "number")


def holds(column: Any, text: str) -> Any:
    """The condition that a text column has ``text`` in it, whatever the case of its letters."""
    return func.lower(column).contains(text.lower(), autoescape=True)


def suggestions(
    work: Work, listings: Mapping[str, Listing], text: str, most: int
) -> Mapping[str, Sequence[tuple[str, str]]]:
    """Ids and titles of the first few that a search finds in each list, for the palette: one statement for all of
    them.
    """
    parts = [_suggested(work, name, each, text, most) for name, each in listings.items() if each.search is not None]
    found: dict[str, list[tuple[str, str]]] = {name: [] for name in listings}
    for row in work.rows.execute(union_all(*parts)) if parts else ():
        found[row.kind].append((str(row.key), str(row.title or "")))
    return found


def _suggested(work: Work, name: str, listing: Listing, text: str, most: int) -> Select[Any]:
    title = getattr(listing.model, listing.title)
    conditions = [*listing.always, *listing.mine(work), *([listing.search(text)] if listing.search else [])]
    chosen = paging.of_tenant(work.rows, listing.model).with_only_columns(
        literal(name).label("kind"), listing.key.label("key"), title.label("title")
    )
    return select(chosen.where(*conditions).order_by(listing.key).limit(most).subquery())
