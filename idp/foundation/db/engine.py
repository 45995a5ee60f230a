"""Engines and the pool of bare connections behind hot paths.

SQLite runs in WAL mode; its writers begin with ``BEGIN IMMEDIATE`` so that a transaction never has to upgrade
(architecture.md, "Unit of work"). Postgres connections of the hot pool are in autocommit: a single statement is one
round trip.
"""

from __future__ import annotations

import sqlite3
import time
from typing import Any
from urllib.parse import parse_qs

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import Connection, make_url

from idp.foundation.db import json_text

BUSY_TIMEOUT_MS = 15_000
CONNECT_TIMEOUT_S = 5
"""A server that is down refuses at once; this is for one that is busy, whose first connections take a while (0118)."""
CACHE_KIB = 4000
"""Pages of a file that one connection keeps; the machine keeps the rest."""
MOST_PREPARED = 500
"""Statements kept prepared on a connection: more than there are, so that none is prepared twice."""


def open_engine(database_url: str, *, pool_size: int = 5) -> Engine:
    """The engine behind ORM sessions. ``database_url`` is one of :class:`idp.foundation.settings.Settings`."""
    if database_url.startswith("sqlite"):
        return _sqlite_engine(database_url, pool_size)
    engine = create_engine(
        make_url(database_url),
        pool_size=pool_size,
        max_overflow=10,
        pool_timeout=2,
        pool_pre_ping=True,
        hide_parameters=True,
        connect_args={"connect_timeout": CONNECT_TIMEOUT_S},
    )

    @event.listens_for(engine, "connect")
    def look(connection: Any, _record: Any) -> None:
        """Callers shape these statements: each is planned for the very values it asks about."""
        if not _prepare_nothing_through_a_pooler(connection):
            connection.execute(
                "SELECT set_config('plan_cache_mode', 'force_custom_plan', false), set_config('jit', 'off', false)"
            )
        connection.commit()

    return engine


def open_hot_engine(database_url: str, *, most: int) -> Engine:
    """The engine that opens the ``most`` bare autocommit connections of :mod:`idp.foundation.db.slots`."""
    if database_url.startswith("sqlite"):
        return _sqlite_engine(database_url, most, reset=None)
    engine = create_engine(
        make_url(database_url),
        pool_size=most,
        max_overflow=most,  # those of before a disposal may still be at work
        pool_timeout=2,
        pool_reset_on_return=None,
        hide_parameters=True,
        connect_args={"connect_timeout": CONNECT_TIMEOUT_S, "autocommit": True, "prepare_threshold": 1},
    )

    @event.listens_for(engine, "connect")
    def plan_once(connection: Any, _record: Any) -> None:
        """Hot statements look rows up by key: one generic plan fits them all, and planning each time costs more than
        running.

        Without sequential scans, since a plan made while a table had one page would keep reading the whole of it.
        """
        if _prepare_nothing_through_a_pooler(connection):
            return  # nor is anything set: the next transaction may be another server connection's
        from idp.foundation.db.postgres import KeepsPrepared

        KeepsPrepared.on(connection, MOST_PREPARED)
        connection.execute(
            "SELECT set_config('plan_cache_mode', 'force_generic_plan', false), "
            "set_config('enable_seqscan', 'off', false), set_config('jit', 'off', false)",
            prepare=False,
        )

    return engine


def _prepare_nothing_through_a_pooler(connection: Any) -> bool:
    """Whether something stands between: then the process that answers is not the one that said hello, and may be
    another one in each transaction, which knows nothing of what was prepared or set in the one before.
    """
    try:
        row = connection.execute("SELECT pg_backend_pid()", prepare=False).fetchone()
    except BaseException:
        connection.close()  # nobody else knows of it yet
        raise
    through = bool(row != (connection.pgconn.backend_pid,))
    if through:
        connection.prepare_threshold = None
    return through


def _sqlite_engine(database_url: str, pool_size: int, reset: str | None = "rollback") -> Engine:
    bare, _, query = database_url.partition("?")
    synchronous = parse_qs(query).get("synchronous", ["NORMAL"])[0].upper()
    if synchronous not in {"NORMAL", "FULL", "EXTRA"}:
        raise ValueError("synchronous must be NORMAL, FULL or EXTRA")
    engine = create_engine(
        bare,
        pool_size=pool_size,
        max_overflow=8,
        pool_timeout=5,
        pool_reset_on_return=reset,
        hide_parameters=True,  # here and above: what an error says is logged, and rows hold secrets (security.md SEC3)
        connect_args={
            "check_same_thread": False,
            "timeout": BUSY_TIMEOUT_MS / 1000,
            "cached_statements": MOST_PREPARED,
        },
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _record: Any) -> None:
        connection.isolation_level = None
        json_text.teach(connection)
        _write_ahead(connection)
        for pragma in (
            f"synchronous={synchronous}",
            f"busy_timeout={BUSY_TIMEOUT_MS}",
            "foreign_keys=ON",
            "temp_store=MEMORY",
            "case_sensitive_like=ON",
            "wal_autocheckpoint=4000",
            f"cache_size=-{CACHE_KIB}",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        if not connection.get_execution_options().get("read_only"):
            connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Switch the file to WAL. While others do the same to a fresh file, SQLite answers "locked" at once whatever the
    busy timeout is, and several processes may start together.
    """
    end = time.monotonic() + BUSY_TIMEOUT_MS / 1000
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError:
            if time.monotonic() > end:
                raise
            time.sleep(0.01)
