"""Writes very many rows into a database: COPY on Postgres, batches on SQLite; all of it is one transaction.

Indexes of tables that get more rows than they have are dropped first and built afterwards, in the same transaction:
whatever fails, or is stopped, leaves the database as it was.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any, Protocol

import psycopg
from psycopg import sql
from sqlalchemy import Engine, Table

BATCH = 5_000
"""Rows between two reports of progress."""
MANY = 20_000
"""Fewer rows than this never drop an index."""
Told = Callable[[int], None]
"""Hears how many more rows were written."""


class Store(Protocol):
    """An open transaction."""

    def drop_indexes(self, table: Table) -> None:
        """Until :meth:`build_indexes`."""

    def write(self, table: Table, rows: Iterable[Sequence[Any]], told: Told) -> None:
        """Write rows, whose values are in the order of the table's columns."""

    def indexes(self) -> list[tuple[str, str]]:
        """Names and statements of what was dropped."""

    def build_index(self, statement: str) -> None:
        """Build one of them."""


@contextmanager
def opened(engine: Engine) -> Iterator[Store]:
    """A transaction on a connection of the product's own, which commits at the end."""
    pooled = engine.raw_connection()
    try:
        driver = pooled.driver_connection
        if isinstance(driver, sqlite3.Connection):
            with _on_sqlite(driver) as store:
                yield store
        else:
            with _on_postgres(driver) as store:
                yield store
    finally:
        pooled.close()


def batches(rows: Iterable[Sequence[Any]]) -> Iterator[list[Sequence[Any]]]:
    """Lists of :data:`BATCH` rows."""
    left = iter(rows)
    while part := list(islice(left, BATCH)):
        yield part


class _Postgres:
    def __init__(self, cursor: psycopg.Cursor[Any]) -> None:
        self._cursor = cursor
        self._dropped: list[tuple[str, str]] = []

    def drop_indexes(self, table: Table) -> None:
        found = self._cursor.execute(
            "SELECT c.relname, pg_get_indexdef(i.indexrelid) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
            " WHERE i.indrelid = %s::regclass"
            " AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = i.indexrelid)",
            (table.name,),
        ).fetchall()
        for name, _ in found:
            self._cursor.execute(sql.SQL("DROP INDEX {}").format(sql.Identifier(name)))
        self._dropped += found

    def write(self, table: Table, rows: Iterable[Sequence[Any]], told: Told) -> None:
        columns = sql.SQL(", ").join(sql.Identifier(column.name) for column in table.columns)
        statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table.name), columns)
        with self._cursor.copy(statement) as copy:
            for part in batches(rows):
                for row in part:
                    copy.write_row(row)
                told(len(part))

    def indexes(self) -> list[tuple[str, str]]:
        return self._dropped

    def build_index(self, statement: str) -> None:
        self._cursor.execute(statement.encode())


@contextmanager
def _on_postgres(driver: Any) -> Iterator[_Postgres]:
    before, driver.autocommit = driver.autocommit, False
    try:
        with driver.transaction(), driver.cursor() as cursor:
            for name, value in {
                "maintenance_work_mem": "512MB",
                "max_parallel_maintenance_workers": "2",
                "synchronous_commit": "off",
                "statement_timeout": "0",
            }.items():
                cursor.execute("SELECT set_config(%s, %s, true)", (name, value))
            yield _Postgres(cursor)
    finally:
        driver.autocommit = before


class _SQLite:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._dropped: list[tuple[str, str]] = []
        self._known: list[tuple[str, str, str]] = []
        """Statistics of the planner that go with the indexes: the product's migrations wrote them."""

    def drop_indexes(self, table: Table) -> None:
        self._known += self._connection.execute(
            "SELECT tbl, idx, stat FROM sqlite_stat1 WHERE tbl = ?", (table.name,)
        ).fetchall()
        found = self._connection.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name = ?",
            (table.name,),
        ).fetchall()
        for name, _ in found:
            self._connection.execute(f'DROP INDEX "{name}"')
        self._dropped += found

    def write(self, table: Table, rows: Iterable[Sequence[Any]], told: Told) -> None:
        columns = ", ".join(f'"{column.name}"' for column in table.columns)
        places = ", ".join("?" * len(table.columns))
        statement = f'INSERT INTO "{table.name}" ({columns}) VALUES ({places})'
        for part in batches(rows):
            self._connection.executemany(statement, part)
            told(len(part))

    def indexes(self) -> list[tuple[str, str]]:
        return self._dropped

    def build_index(self, statement: str) -> None:
        self._connection.execute(statement)

    def restore_statistics(self) -> None:
        """Put back what the planner knew of the indexes that were dropped."""
        for known in self._known:
            self._connection.execute("DELETE FROM sqlite_stat1 WHERE tbl = ? AND idx = ?", known[:2])
            self._connection.execute("INSERT INTO sqlite_stat1 VALUES (?, ?, ?)", known)


@contextmanager
def _on_sqlite(connection: sqlite3.Connection) -> Iterator[_SQLite]:
    connection.execute("PRAGMA cache_size=-200000")
    connection.execute("BEGIN IMMEDIATE")
    try:
        store = _SQLite(connection)
        yield store
        store.restore_statistics()
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
