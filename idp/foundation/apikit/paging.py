"""The three styles of lists (spec/00-conventions.md, "Pagination"): plain array, totals, checkpoint."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Generic, Protocol, TypeVar

from idp.foundation.apikit import cursor
from idp.foundation.apikit.query import flag, single
from idp.foundation.kernel.errors import BadRequest
from idp.foundation.kernel.faults import QUERY, fault

RowT = TypeVar("RowT")
ViewT = TypeVar("ViewT")
DEFAULT_SIZE = 50
MAX_SIZE = 100
MAX_ROWS = 1000


class Style(StrEnum):
    """How the answer of a list is wrapped."""

    PLAIN = "plain"
    TOTALS = "totals"
    CHECKPOINT = "checkpoint"
    COUNTED = "counted"


@dataclass(frozen=True)
class Paging:
    """How one endpoint lists. Make one with :meth:`by_offset`, :meth:`by_checkpoint`, :meth:`by_either` or
    :meth:`counted`.
    """

    items: str
    offset: bool = False
    checkpoint: bool = False
    always_counted: bool = False
    length: bool = False
    zero_size: bool = False
    max_rows: int | None = MAX_ROWS
    default_size: int = DEFAULT_SIZE

    @staticmethod
    def by_offset(
        items: str, *, length: bool = False, zero_size: bool = False, max_rows: int | None = MAX_ROWS
    ) -> Paging:
        """``page``/``per_page``; ``length`` adds that member to totals, ``zero_size`` allows ``per_page=0``."""
        return Paging(items, offset=True, length=length, zero_size=zero_size, max_rows=max_rows)

    @staticmethod
    def by_checkpoint(items: str) -> Paging:
        """``from``/``take``; the answer is always wrapped."""
        return Paging(items, checkpoint=True)

    @staticmethod
    def by_either(items: str, *, length: bool = False, max_rows: int | None = MAX_ROWS) -> Paging:
        """Both; ``take`` or ``from`` wins over ``include_totals``."""
        return Paging(items, offset=True, checkpoint=True, length=length, max_rows=max_rows)

    @staticmethod
    def counted(items: str) -> Paging:
        """The Actions family: always ``{total, page, per_page, <items>}``."""
        return Paging(items, offset=True, always_counted=True)


@dataclass(frozen=True)
class PageRequest:
    """The part of a list that is wanted. ``limit`` rows from ``start`` (offset) or after ``after`` (checkpoint)."""

    style: Style = Style.PLAIN
    page: int = 0
    limit: int = DEFAULT_SIZE
    after: cursor.Key | None = None

    @property
    def start(self) -> int:
        """Rows to skip in the offset styles."""
        return self.page * self.limit

    @property
    def wants_total(self) -> bool:
        """Whether the answer carries the number of all rows; do not count otherwise."""
        return self.style in {Style.TOTALS, Style.COUNTED}

    @property
    def is_checkpoint(self) -> bool:
        """Whether rows after ``after`` are wanted instead of a numbered page."""
        return self.style is Style.CHECKPOINT


class Rows(Protocol):
    """A page as a store answers it (:class:`idp.foundation.db.paging.Rows` is one)."""

    @property
    def total(self) -> int | None:
        """The number of all rows, where one was asked for."""

    @property
    def next(self) -> cursor.Key | None:
        """The key of the last row, where more follow."""


@dataclass(frozen=True)
class Page(Generic[RowT]):
    """One part of a list: its rows, the number of all rows where asked, the key to continue after where more follow."""

    items: Sequence[RowT]
    total: int | None = None
    next: cursor.Key | None = None
    extra: dict[str, object] = field(default_factory=dict)

    @staticmethod
    def of(rows: Rows, views: Iterable[ViewT]) -> Page[ViewT]:
        """The page of ``rows`` of a store, shown as ``views``."""
        return Page(list(views), rows.total, rows.next)


def parse(values: dict[str, list[str]], paging: Paging) -> PageRequest:
    """The paging parameters of a request.

    :raises BadRequest: ``invalid_query_string`` for a value out of range, ``invalid_paging`` beyond 1,000 rows or for a
    bad cursor.
    """
    if paging.checkpoint and (not paging.offset or "take" in values or "from" in values):
        key = single("from", values["from"]) if values.get("from", [""]) != [""] else None
        return PageRequest(
            Style.CHECKPOINT,
            limit=_integer(values, "take", paging.default_size, 1, MAX_SIZE),
            after=None if key is None else cursor.decode(key),
        )
    page = _integer(values, "page", 0, 0, 2**31)
    limit = _integer(values, "per_page", paging.default_size, 0 if paging.zero_size else 1, MAX_SIZE)
    if paging.max_rows is not None and (page + 1) * limit > paging.max_rows:
        raise BadRequest(f"You can only page through the first {paging.max_rows} records.", "invalid_paging")
    return PageRequest(_offset_style(values, paging), page=page, limit=limit)


def _offset_style(values: dict[str, list[str]], paging: Paging) -> Style:
    if paging.always_counted:
        return Style.COUNTED
    wanted = "include_totals" in values and flag("include_totals", values["include_totals"])
    return Style.TOTALS if wanted else Style.PLAIN


def _integer(values: dict[str, list[str]], name: str, default: int, least: int, most: int) -> int:
    if name not in values:
        return default
    text = single(name, values[name])
    if re.fullmatch(r"-?[0-9]{1,10}", text) is None:
        raise fault(QUERY, f"Expected type integer but found {text[:40]!r}".replace("'", ""), name)
    number = int(text)
    if number < least:
        raise fault(QUERY, f"Value {number} is less than minimum {least}", name)
    if number > most:
        raise fault(QUERY, f"Value {number} is greater than maximum {most}", name)
    return number


def envelope(page: Page[Any], items: list[Any], request: PageRequest, paging: Paging) -> Any:
    """The answer in the style asked for; ``items`` are the page's rows as plain data."""
    match request.style:
        case Style.PLAIN:
            return items
        case Style.CHECKPOINT:
            following = {} if page.next is None else {"next": cursor.encode(page.next)}
            return {paging.items: items, **following, **page.extra}
        case Style.COUNTED:
            return {
                paging.items: items,
                "total": page.total or 0,
                "page": request.page,
                "per_page": request.limit,
                **page.extra,
            }
        case Style.TOTALS:
            length = {"length": len(items)} if paging.length else {}
            counts = {"start": request.start, "limit": request.limit, **length, "total": page.total or 0}
            return {**counts, paging.items: items, **page.extra}


def slice_page(rows: Sequence[RowT], request: PageRequest) -> Page[RowT]:
    """A page of rows that are all in memory; only for lists that are small by nature (keys, permissions, identities).

    In checkpoint style the key is the position, so rows must keep their order between calls.
    """
    first = request.start
    if request.is_checkpoint:
        first = request.after[0] if request.after and isinstance(request.after[0], int) else 0
    chunk = rows[first : first + request.limit]
    more = request.is_checkpoint and first + len(chunk) < len(rows)
    return Page(chunk, total=len(rows), next=(first + len(chunk),) if more else None)
