"""Statements for the paths that must be cheap: written in SQLAlchemy Core, compiled once, sent straight to the driver.

Core's own execution costs 35 us (SQLite) to 100 us (Postgres) a statement over the bare driver, which is most of the budget of
`/userinfo` (docs/performance.md). A :class:`Statement` keeps Core's spelling and both dialects and pays for compilation once.
Tenancy is explicit here: each statement names ``tenant_id`` (a test walks them all).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar, Self

from sqlalchemy import Engine
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.sql.expression import ClauseElement

from idp.kernel.errors import StoreUnavailable

Row = tuple[Any, ...]
_DIALECTS: dict[str, Dialect] = {}


class UniqueViolation(Exception):
    """A row with that key exists already."""


class Statement:
    """One Core statement with named bind parameters.

    ``Statement("name", select(...))``; parameters are ``bindparam("tenant")`` and the like, given by keyword when it runs.
    Values pass to the driver untouched: JSON columns take and return text, booleans may come back as 0 and 1 from SQLite.
    """

    registry: ClassVar[dict[str, Statement]] = {}

    def __init__(self, name: str, clause: ClauseElement) -> None:
        if name in Statement.registry:
            raise ValueError(f"two statements are called {name}")
        Statement.registry[name] = self
        self.name = name
        self.clause = clause
        self._sql: dict[str, tuple[str, dict[str, Any]]] = {}

    def sql(self, dialect: str) -> tuple[str, dict[str, Any]]:
        """The text for ``sqlite`` or ``postgresql`` and the values that are part of the statement itself."""
        found = self._sql.get(dialect)
        if found is None:
            compiled = self.clause.compile(dialect=_dialect(dialect), compile_kwargs={"render_postcompile": True})
            fixed = {key: value for key, value in compiled.params.items() if value is not None}
            found = self._sql[dialect] = (str(compiled), fixed)
        return found


def _dialect(name: str) -> Dialect:
    if name not in _DIALECTS:
        made: Dialect = sqlite.dialect(paramstyle="named") if name == "sqlite" else postgresql.psycopg.dialect()  # type: ignore[no-untyped-call]
        _DIALECTS[name] = made
    return _DIALECTS[name]


class HotConnection:
    """A bare connection in autocommit, checked out for one request. Use it as a context manager."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._dialect = engine.dialect.name
        self._pooled: Any = None
        self._cursor: Any = None
        self._fresh = True
        self.in_transaction = False

    def __enter__(self) -> Self:
        self._open()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def run(self, statement: Statement, **values: Any) -> int:
        """Execute; answers the number of rows that changed."""
        return int(self._execute(statement, values).rowcount)

    def one(self, statement: Statement, **values: Any) -> Row | None:
        """The first row, or None."""
        row: Row | None = self._execute(statement, values).fetchone()
        return row

    def all(self, statement: Statement, **values: Any) -> list[Row]:
        """Every row."""
        return list(self._execute(statement, values).fetchall())

    def many(self, statement: Statement, rows: Sequence[Mapping[str, Any]]) -> None:
        """Execute once per mapping of ``rows``. Raises StoreUnavailable like the others, but never tries a second time."""
        sql, fixed = statement.sql(self._dialect)
        try:
            self._cursor.executemany(sql, [{**fixed, **row} for row in rows])
        except Exception as error:
            if type(error).__name__ not in _OUTAGE:
                raise
            self._pooled.invalidate()
            self._pooled = None
            raise outage(error) from error

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """``BEGIN IMMEDIATE`` on SQLite, ``BEGIN`` on Postgres; commits on leaving, rolls back when an exception passes."""
        self._send("BEGIN IMMEDIATE" if self._dialect == "sqlite" else "BEGIN", None)
        self.in_transaction = True
        try:
            yield
            self._send("COMMIT", None)
        except BaseException:
            self._roll_back()
            raise
        finally:
            self.in_transaction = False

    def close(self) -> None:
        """Back to the pool."""
        if self._pooled is not None:
            self._pooled.close()
            self._pooled = self._cursor = None

    def _open(self) -> None:
        try:
            self._pooled = self._engine.raw_connection()
            self._cursor = self._pooled.cursor()
        except Exception as error:
            raise outage(error) from error

    def _roll_back(self) -> None:
        if self._pooled is None:  # an outage took the connection, and with it the transaction
            return
        try:
            self._cursor.execute("ROLLBACK")
        except Exception:  # noqa: BLE001 - the connection is gone or the server ended the transaction: nothing was written
            self._pooled.invalidate()

    def _execute(self, statement: Statement, values: dict[str, Any]) -> Any:
        sql, fixed = statement.sql(self._dialect)
        return self._send(sql, {**fixed, **values} if fixed else values)

    def _send(self, sql: str, values: dict[str, Any] | None) -> Any:
        try:
            answer = self._cursor.execute(sql, values or ())
        except Exception as error:
            if type(error).__name__ in _DUPLICATE and _is_duplicate(error):
                raise UniqueViolation(str(error)) from error
            if type(error).__name__ not in _OUTAGE:
                raise
            answer = self._once_more(sql, values, error)
        self._fresh = False
        return answer

    def _once_more(self, sql: str, values: dict[str, Any] | None, error: Exception) -> Any:
        """A pooled Postgres connection dies with a restart of the server: the first statement gets a second try."""
        self._pooled.invalidate()
        if self._dialect == "sqlite" or not self._fresh or self.in_transaction:
            self._pooled = None
            raise outage(error) from error
        self._engine.dispose()
        self._open()
        self._fresh = False
        return self._send(sql, values)


_DUPLICATE = frozenset({"IntegrityError", "UniqueViolation"})
_OUTAGE = frozenset(
    {"OperationalError", "InterfaceError", "AdminShutdown", "CrashShutdown", "CannotConnectNow", "DiskFull"}
)


def _is_duplicate(error: Exception) -> bool:
    return getattr(error, "sqlite_errorname", None) in {"SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY"} or (
        getattr(error, "sqlstate", None) == "23505"
    )


def outage(error: Exception) -> StoreUnavailable:
    """The store's own error as the domain's, its text kept for the log only."""
    return StoreUnavailable(detail=f"{type(error).__name__}: {error}")
