"""What is deleted once nobody can need it any more; each feature declares the purges of its own tables (security.md
RL23).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Delete, bindparam, delete, select, tuple_
from sqlalchemy.sql import ColumnElement

BEFORE: Any = bindparam("before")
"""The moment (ms) a purge compares with: ``keep_ms`` ago."""
HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS


@dataclass(frozen=True)
class Purge:
    """Rows of ``model`` for which ``expired`` holds, :data:`BEFORE` being ``keep_ms`` ago."""

    model: Any
    expired: ColumnElement[bool]
    keep_ms: int = 0

    @property
    def name(self) -> str:
        """The table."""
        return str(self.model.__tablename__)

    def statement(self) -> Delete:
        """Delete one batch. Primary keys begin with the tenant, so each row is named with the tenant it belongs to."""
        keys = list(self.model.__table__.primary_key.columns)
        return delete(self.model).where(tuple_(*keys).in_(select(*keys).where(self.expired).limit(bindparam("amount"))))
