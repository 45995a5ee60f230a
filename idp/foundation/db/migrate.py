"""Bring the database to the schema of this code: at start-up, by ``idp migrate``, once however many processes start at
a time.

A database that is at head costs one small read and does not import Alembic.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from idp.foundation.db import online_indexes
from idp.foundation.db.engine import open_engine
from idp.foundation.db.hot import outage
from idp.foundation.db.migrations import HEAD

MIGRATIONS = Path(__file__).parent / "migrations"
_ADVISORY_LOCK = 0x6761_7465
"""Key of the Postgres advisory lock that lets one process migrate at a time ("gate")."""


def upgrade(database_url: str) -> bool:
    """Migrate to head; True when something was done. Raises StoreUnavailable when the database does not answer.

    Revisions run in one transaction: another process waits at its beginning, and a failure leaves the schema as it was.
    Indexes of large tables follow, beside the traffic (:mod:`idp.foundation.db.online_indexes`).
    """
    engine = open_engine(database_url, pool_size=1)
    try:
        moved = stored_revision(engine) != HEAD and _upgrade(engine)
        return online_indexes.build(engine) or moved
    except (OperationalError, InterfaceError) as error:
        raise outage(error) from error
    finally:
        engine.dispose()


def _upgrade(engine: Engine) -> bool:
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
        before = _read_revision(connection)
        if before == HEAD:
            return False
        _run(connection, "upgrade", HEAD)
        if before is None:
            online_indexes.build_in(connection)
        return True


def downgrade(database_url: str, revision: str) -> None:
    """Go back to ``revision`` (``base`` empties the database): for rehearsing a release, never at start-up."""
    engine = open_engine(database_url, pool_size=1)
    try:
        with engine.begin() as connection:
            _run(connection, "downgrade", revision)
    finally:
        engine.dispose()


def stored_revision(engine: Engine) -> str | None:
    """The revision the database is at; None where it has no tables yet. Raises StoreUnavailable."""
    try:
        with engine.execution_options(**_reading(engine)).connect() as connection:
            return _read_revision(connection)
    except (OperationalError, InterfaceError, PoolTimeout) as error:
        raise outage(error) from error


def configuration(connection: Connection | None = None) -> Any:
    """Alembic's configuration without its ini file. Imports Alembic."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config


def _reading(engine: Engine) -> dict[str, Any]:
    return {"read_only": True} if engine.dialect.name == "sqlite" else {"isolation_level": "AUTOCOMMIT"}


def _read_revision(connection: Connection) -> str | None:
    # the catalog is read: to_regclass() may answer from this session's cache that there is no such table, although
    # whoever migrated first has made it meanwhile
    query = (
        "SELECT count(*) FROM pg_catalog.pg_class WHERE relname = 'alembic_version' AND pg_table_is_visible(oid)"
        if connection.dialect.name == "postgresql"
        else "SELECT count(*) FROM sqlite_master WHERE name = 'alembic_version'"
    )
    if not connection.execute(text(query)).scalar():
        return None
    found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return found


def _run(connection: Connection, direction: str, revision: str) -> None:
    from alembic import command

    getattr(command, direction)(configuration(connection), revision)
