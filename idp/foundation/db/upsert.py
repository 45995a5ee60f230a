"""``INSERT … ON CONFLICT`` for both stores by one construct.

SQLAlchemy has one per dialect; they differ in nothing that is used here, and Postgres's brings three drivers' dialects
along, 3 MiB that a process on SQLite does not need (decision 0263). ``tests/foundation/db/test_upsert.py`` compares the
texts.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy.dialects.sqlite.dml import Insert, OnConflictClause

_INSTEAD_OF_COLUMNS = "constraint_target"
setattr(OnConflictClause, _INSTEAD_OF_COLUMNS, None)  # where Postgres looks for the name of a constraint


def insert(table: Any) -> Insert:
    """An insertion with ``on_conflict_do_update`` and ``on_conflict_do_nothing``, for SQLite and Postgres."""
    return Insert(table)
