"""A batch of rows, found by one index and named by where they lie: whatever the planner thinks of the table's size, it
goes to these rows and to no others.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import FromClause, Select, Table, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.expression import ColumnElement
from sqlalchemy.types import NullType

from idp.foundation.db.base import Base


class _Place(ColumnElement[Any]):
    """Where a row of ``table`` lies: ``ctid`` of Postgres, ``rowid`` of SQLite."""

    inherit_cache = False
    type = NullType()

    def __init__(self, table: Table) -> None:
        self.table_name = table.name


class _Among(ColumnElement[bool]):
    """Whether a row is one of those whose places ``found`` selects."""

    inherit_cache = False
    type = NullType()  # type: ignore[assignment] # a Boolean would be compared with 1 on SQLite

    def __init__(self, place: _Place, found: Select[Any]) -> None:
        self.place, self.found = place, found


def picked(
    model: type[Base], rows: FromClause, condition: ColumnElement[bool], *order: Any, amount: Any, behind: int = 0
) -> Any:
    """Condition of an UPDATE or DELETE on ``model``: the row is one of the first ``amount`` that ``condition`` finds
    among ``rows`` (the table itself, or a :func:`~idp.foundation.db.by_key.by_key` that ends with it), those ``behind``
    so many others.
    """
    place = _Place(model.__table__)  # type: ignore[arg-type]
    found = select(place).select_from(rows).where(condition).order_by(*order).limit(amount).offset(behind or None)
    return _Among(place, found.correlate(None))


@compiles(_Place)
def _rowid(element: _Place, _compiler: SQLCompiler, **_options: Any) -> str:
    return f"{element.table_name}.rowid"


@compiles(_Place, "postgresql")
def _ctid(element: _Place, _compiler: SQLCompiler, **_options: Any) -> str:
    return f"{element.table_name}.ctid"


@compiles(_Among)
def _in(element: _Among, compiler: SQLCompiler, **options: Any) -> str:
    return f"{compiler.process(element.place, **options)} IN ({compiler.process(element.found, **options)})"


@compiles(_Among, "postgresql")
def _any(element: _Among, compiler: SQLCompiler, **options: Any) -> str:
    """The subquery runs once, before anything else; its places are then read one by one."""
    found = compiler.process(element.found, **options)
    return f"{compiler.process(element.place, **options)} = ANY (ARRAY({found}))"
