"""Statements for the paths that must be cheap: written in SQLAlchemy Core and compiled once.

Core's own execution costs 35 us (SQLite) to 100 us (Postgres) a statement over the bare driver, which is most of the
budget of `/userinfo` (docs/performance.md). A :class:`Statement` keeps Core's spelling and both dialects and pays for
compilation once. Tenancy is explicit here: each statement names ``tenant_id`` (a test walks them all).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, Generic, NamedTuple, Never, TypeVar, overload

from sqlalchemy.engine import Dialect
from sqlalchemy.sql.expression import ClauseElement

from idp.foundation.db import typed_rows

R = TypeVar("R")
_DIALECTS: dict[str, Dialect] = {}


class Statement(Generic[R]):
    """One Core statement with named bind parameters, and the type of the rows that it answers.

    ``Statement("name", select(...), row=LiveSession)``; parameters are ``bindparam("tenant")`` and the like, given by
    keyword when it runs, and pass to the driver untouched: JSON columns take text. How rows are read is declared by
    their type (:mod:`idp.foundation.db.typed_rows`). A statement without ``row`` only changes rows.

    :raises RowMismatch: the fields of ``row`` are not the statement's columns; while the module is imported.
    """

    registry: ClassVar[dict[str, Statement[Any]]] = {}

    @overload
    def __init__(self: Statement[Never], name: str, clause: ClauseElement) -> None: ...

    @overload
    def __init__(self, name: str, clause: ClauseElement, *, row: type[R]) -> None: ...

    def __init__(self, name: str, clause: ClauseElement, *, row: type[R] | None = None) -> None:
        if name in Statement.registry:
            raise ValueError(f"two statements are called {name}")
        columns = [str(column.key) for column in getattr(clause, "exported_columns", ())]
        if row is None and columns:
            raise typed_rows.RowMismatch(f"{name} answers {columns}: say of what type its rows are")
        self.name = name
        self.clause = clause
        self.make: Callable[[typed_rows.Raw], R] = self._answers_nothing if row is None else self._maker(row, columns)
        self._sql: dict[str, tuple[str, dict[str, Any]]] = {}
        self._numbered: Numbered | None = None
        Statement.registry[name] = self

    def _maker(self, row: type[R], columns: list[str]) -> Callable[[typed_rows.Raw], R]:
        try:
            return typed_rows.maker(row, columns)
        except typed_rows.RowMismatch as error:
            raise typed_rows.RowMismatch(f"{self.name}: {error}") from error

    def _answers_nothing(self, _raw: typed_rows.Raw) -> R:
        raise TypeError(f"{self.name} answers no rows")

    def sql(self, dialect: str) -> tuple[str, dict[str, Any]]:
        """The text for ``sqlite`` or ``postgresql`` and the values that are part of the statement itself."""
        found = self._sql.get(dialect)
        if found is None:
            compiled = self.clause.compile(dialect=_dialect(dialect), compile_kwargs={"render_postcompile": True})
            fixed = {key: value for key, value in compiled.params.items() if value is not None}
            found = self._sql[dialect] = (str(compiled), fixed)
        return found

    def numbered(self) -> Numbered:
        """The text for the protocol of Postgres itself, whose parameters have numbers."""
        if self._numbered is None:
            compiled = self.clause.compile(dialect=_dialect("numbered"), compile_kwargs={"render_postcompile": True})
            fixed = {key: value for key, value in compiled.params.items() if value is not None}
            names = tuple(compiled.positiontup or ())  # type: ignore[attr-defined]
            self._numbered = Numbered(self.name.encode(), str(compiled).encode(), names, fixed)
        return self._numbered


class Numbered(NamedTuple):
    """A statement as Postgres prepares it."""

    name: bytes
    text: bytes
    parameters: tuple[str, ...]
    """The names of ``$1``, ``$2`` and so on."""
    fixed: dict[str, Any]
    """Values that are part of the statement itself."""


def _dialect(name: str) -> Dialect:
    """A process has one store, and loads its dialect alone."""
    if name not in _DIALECTS:
        _DIALECTS[name] = _sqlite() if name == "sqlite" else _postgresql(name)
    return _DIALECTS[name]


def _sqlite() -> Dialect:
    from sqlalchemy.dialects import sqlite

    made: Dialect = sqlite.dialect(paramstyle="named")
    return made


def _postgresql(name: str) -> Dialect:
    from sqlalchemy.dialects.postgresql import asyncpg, psycopg

    made: Dialect = asyncpg.dialect() if name == "numbered" else psycopg.dialect()  # type: ignore[no-untyped-call]
    return made
