"""What an error of a driver means: taken already, given up for another's sake, or no store.

By the names of the exceptions' classes: psycopg is an extra that an installation on SQLite need not have.
"""

from __future__ import annotations

from sqlalchemy import Index
from sqlalchemy.sql.schema import ColumnCollectionConstraint

from idp.foundation.db.base import Base
from idp.foundation.kernel.errors import StoreUnavailable


class UniqueViolation(Exception):
    """A row with that key exists already. ``columns`` are those whose values are taken."""

    def __init__(self, columns: frozenset[str] = frozenset()) -> None:
        super().__init__(f"taken: {', '.join(sorted(columns))}")
        self.columns = columns


_DUPLICATE = frozenset({"IntegrityError", "UniqueViolation"})
_CONTENTION = frozenset({"DeadlockDetected", "SerializationFailure", "LockNotAvailable"})
"""Postgres gave this transaction up for another one's sake: whoever asks again is served."""
_UNSUPPORTED = frozenset({"FeatureNotSupported", "ObjectNotInPrerequisiteState"})
_FORGOTTEN = frozenset({"FeatureNotSupported", "InvalidSqlStatementName"})
_CANCELED = "57014"  # query_canceled: what ends a statement at its time limit
_OUTAGE = frozenset(
    {"OperationalError", "InterfaceError", "AdminShutdown", "CrashShutdown", "CannotConnectNow", "DiskFull"}
)


def is_duplicate(error: Exception) -> bool:
    """Whether a row with that key exists already."""
    return type(error).__name__ in _DUPLICATE and (
        getattr(error, "sqlite_errorname", None) in {"SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY"}
        or getattr(error, "sqlstate", None) == "23505"
    )


def is_contention(error: Exception) -> bool:
    """Whether this transaction was given up for another one's sake: whoever asks again is served."""
    return type(error).__name__ in _CONTENTION


def is_outage(error: Exception) -> bool:
    """Whether the store does not answer, or the connection to it has died."""
    return type(error).__name__ in _OUTAGE


def taken(error: Exception) -> frozenset[str]:
    """The columns of the violated constraint. Postgres names the constraint; SQLite has a text and nothing else, which
    ends with the columns.
    """
    diagnosis = getattr(error, "diag", None)
    if diagnosis is None:
        return frozenset(name.rpartition(".")[2] for name in str(error).rpartition(": ")[2].split(", "))
    table = Base.metadata.tables.get(diagnosis.table_name)
    for key in (*table.constraints, *table.indexes) if table is not None else ():
        if isinstance(key, ColumnCollectionConstraint | Index) and key.name == diagnosis.constraint_name:
            return frozenset(key.columns.keys())
    return frozenset()


def is_unsupported(error: Exception) -> bool:
    """Whether the server has no such function, or does not run it as it is set up: another product than Postgres."""
    return type(error).__name__ in _UNSUPPORTED


def is_forgotten(error: Exception) -> bool:
    """Whether the server has another idea of a prepared statement: somebody discarded it, or a migration changed its
    columns.
    """
    return type(error).__name__ in _FORGOTTEN


def took_too_long(error: StoreUnavailable) -> bool:
    """Whether a statement was ended at its time limit, and not by what happens to the store."""
    return getattr(error.__cause__, "sqlstate", None) == _CANCELED


def outage(error: Exception) -> StoreUnavailable:
    """The store's own error as the domain's, its text kept for the log only."""
    return StoreUnavailable(detail=f"{type(error).__name__}: {error}")
