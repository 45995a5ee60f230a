"""Pages of ORM rows: by offset with a count where one is asked for, or by key behind an opaque cursor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from msgspec import UNSET
from sqlalchemy import ColumnElement, Select, func, inspect, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Session

from idp.foundation.db.base import TenantScoped
from idp.foundation.db.code_points import by_code_point
from idp.foundation.db.session import UnitOfWork

RowT = TypeVar("RowT")


class Wanted(Protocol):
    """The part of a list that is wanted (:class:`idp.foundation.apikit.PageRequest` is one)."""

    @property
    def limit(self) -> int:
        """Rows at most."""

    @property
    def start(self) -> int:
        """Rows to skip."""

    @property
    def after(self) -> tuple[str | int, ...] | None:
        """Key of the last row seen."""

    @property
    def wants_total(self) -> bool:
        """Whether to count all rows."""

    @property
    def is_checkpoint(self) -> bool:
        """Whether to go on behind ``after`` instead of skipping."""


@dataclass(frozen=True)
class Rows:
    """Some rows, the number of all where asked, and the key to go on behind where more follow."""

    items: Sequence[Any]
    total: int | None = None
    next: tuple[str | int, ...] | None = None


def narrowed(
    statement: Select[RowT], *wanted: tuple[ColumnElement[Any] | InstrumentedAttribute[Any], object]
) -> Select[RowT]:
    """``statement`` with a condition for each (column, value) whose value was given: equal, or one of a list."""
    for column, value in wanted:
        if isinstance(value, list):
            statement = statement.where(column.in_(value))
        elif value is not UNSET:
            statement = statement.where(column == value)
    return statement


def of_tenant(session: UnitOfWork, model: type[TenantScoped]) -> Select[Any]:
    """The rows of ``model``, by the indexes that lists have (docs/decisions/0125)."""
    return select(model).where(by_code_point(model.tenant_id) == session.tenant_id)


def fetch(
    session: Session,
    statement: Select[Any],
    wanted: Wanted,
    key: Sequence[InstrumentedAttribute[Any]],
    *,
    descending: bool = False,
    count_at_most: int | None = None,
) -> Rows:
    """The page of ``statement`` (one entity) in the order of ``key``, whose last column must be unique. Counting ends
    at ``count_at_most``.

    A cursor that does not fit the key answers no rows.
    """
    order = [column.desc() if descending else column.asc() for column in key]
    if wanted.is_checkpoint:
        return _checkpoint(session, statement.order_by(*order), wanted, key, descending=descending)
    return numbered(session, statement, wanted, order, count_at_most=count_at_most)


def numbered(
    session: Session,
    statement: Select[Any],
    wanted: Wanted,
    order: Sequence[Any],
    *,
    count_at_most: int | None = None,
) -> Rows:
    """The page of ``statement`` (one entity) by number, in any order that is total. Counting ends at
    ``count_at_most``.
    """
    total = _count(session, statement, count_at_most) if wanted.wants_total else None
    rows = (
        session.scalars(statement.order_by(*order).limit(wanted.limit).offset(wanted.start)).all()
        if wanted.limit
        else []
    )
    return Rows(rows, total)


def _count(session: Session, statement: Select[Any], most: int | None) -> int:
    """How many rows there are, ``most`` at most. Only a key is selected: SQLite would read and copy whole rows, and the
    index alone often has it.
    """
    entity = statement.column_descriptions[0]["entity"]
    mapper = inspect(entity)
    key = getattr(entity, mapper.get_property_by_column(mapper.primary_key[-1]).key)
    counted = statement.order_by(None).with_only_columns(key).limit(most).subquery()
    return int(session.scalar(select(func.count()).select_from(counted)) or 0)


def _checkpoint(
    session: Session,
    statement: Select[Any],
    wanted: Wanted,
    key: Sequence[InstrumentedAttribute[Any]],
    *,
    descending: bool,
) -> Rows:
    if wanted.after is not None:
        if not _fits(wanted.after, key):
            return Rows([])
        behind = tuple_(*key) < tuple_(*wanted.after) if descending else tuple_(*key) > tuple_(*wanted.after)
        statement = statement.where(behind)
    rows = session.scalars(statement.limit(wanted.limit + 1)).all()
    if len(rows) <= wanted.limit:
        return Rows(rows)
    last = rows[wanted.limit - 1]
    return Rows(rows[: wanted.limit], next=tuple(getattr(last, str(column.key)) for column in key))


def _fits(after: tuple[str | int, ...], key: Sequence[InstrumentedAttribute[Any]]) -> bool:
    return len(after) == len(key) and all(
        isinstance(value, column.type.python_type) for value, column in zip(after, key, strict=True)
    )
