"""What is deleted once nobody can need it any more; each feature declares the purges of its own tables (security.md
RL23). A house test asks every table for one, or for the reason why it does not grow with use.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Delete, Select, bindparam, delete, func, select, tuple_
from sqlalchemy.sql import ColumnElement

BEFORE: Any = bindparam("before")
"""The moment (ms) a purge compares with: ``keep_ms`` ago."""
HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS


@dataclass(frozen=True)
class Purge:
    """Rows of ``model`` for which ``expired`` holds, :data:`BEFORE` being ``keep_ms`` ago.

    ``of`` is (model, condition that joins it) where ``expired`` is about the rows that these belong to; such a purge
    stands before that of their owners. ``label`` tells several purges of a table apart. An index finds what is expired:
    a test asks both stores for their plans.
    """

    model: Any
    expired: ColumnElement[bool]
    keep_ms: int = 0
    of: tuple[Any, ColumnElement[bool]] | None = None
    label: str = ""

    @property
    def table(self) -> str:
        """The table."""
        return str(self.model.__tablename__)

    @property
    def name(self) -> str:
        """The purge."""
        return f"{self.table}_{self.label}" if self.label else self.table

    def statement(self) -> Delete:
        """Delete one batch. Each row is named by its whole key, which says to which tenant it belongs."""
        keys = list(self.model.__table__.primary_key.columns)
        found = select(*keys).correlate(None)
        if self.of is not None:
            found = found.join(*self.of)
        return delete(self.model).where(tuple_(*keys).in_(found.where(self.expired).limit(bindparam("amount"))))


@dataclass(frozen=True)
class Retention:
    """Rows of ``model`` that a tenant keeps for as long as it says: until ``days`` of its settings have passed since
    ``moment`` (a column in ms), or for ever where that is 0.
    """

    model: Any
    moment: Any
    days: Callable[[Any], int]

    @property
    def table(self) -> str:
        """The table."""
        return str(self.model.__tablename__)

    def statement(self) -> Delete:
        """Delete one batch of a tenant's, oldest first."""
        keys = list(self.model.__table__.primary_key.columns)
        oldest = select(*keys).where(*self._over()).order_by(self.moment).limit(bindparam("amount"))
        return delete(self.model).where(self.model.tenant_id == bindparam("tenant"), tuple_(*keys).in_(oldest))

    def count(self) -> Select[int]:
        """How many rows of a tenant are over."""
        return select(func.count()).select_from(self.model).where(*self._over())

    def _over(self) -> tuple[ColumnElement[bool], ...]:
        return self.model.tenant_id == bindparam("tenant"), self.moment < BEFORE
