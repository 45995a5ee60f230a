"""What is deleted once nobody can need it any more; each feature declares the purges of its own tables (security.md
RL23). A house test asks every table for one, or for the reason why it does not grow with use.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Delete, Select, Update, and_, bindparam, delete, func, select, update
from sqlalchemy.sql import ColumnElement

from idp.foundation.db.by_key import by_key
from idp.foundation.db.picked import picked

BEFORE: Any = bindparam("before")
"""The moment (ms) a purge compares with: ``keep_ms`` ago."""
TENANT: Any = bindparam("tenant")
"""The tenant whose rows are over."""
HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS


@dataclass(frozen=True)
class Purge:
    """Rows of ``model`` for which ``expired`` holds, :data:`BEFORE` being ``keep_ms`` ago.

    ``of`` is (model, condition that joins it) where ``expired`` is about the rows that these belong to; such a purge
    stands before that of their owners. ``label`` tells several purges of a table apart. An index finds what is expired:
    a test asks both stores for their plans. With ``then`` rows stay and are changed: a row that says when to look at it
    and still lives then says when to look again, so that whatever makes it live longer writes to no index.
    """

    model: Any
    expired: ColumnElement[bool]
    keep_ms: int = 0
    of: tuple[Any, ColumnElement[bool]] | None = None
    label: str = ""
    then: Mapping[Any, Any] | None = None

    @property
    def table(self) -> str:
        """The table."""
        return str(self.model.__tablename__)

    @property
    def name(self) -> str:
        """The purge."""
        return f"{self.table}_{self.label}" if self.label else self.table

    def statement(self) -> Delete | Update:
        """One batch, of whatever tenant."""
        rows = self.model.__table__ if self.of is None else by_key(self.of[0], self.model, self.of[1])
        these = picked(self.model, rows, self.expired, amount=bindparam("amount"))
        return (
            delete(self.model).where(these) if self.then is None else update(self.model).where(these).values(self.then)
        )


@dataclass(frozen=True)
class Retention:
    """Rows of ``model`` that a tenant keeps for as long as it says: until ``days`` of its settings have passed since
    ``moment`` (a column in ms), or for ever where that is 0.

    ``found_by`` follows from being over and holds for the first rows in the order of ``order``: by it an index finds
    them. :data:`TENANT` and :data:`BEFORE` are bound.
    """

    model: Any
    moment: Any
    days: Callable[[Any], int]
    order: Any
    found_by: ColumnElement[bool]

    @property
    def table(self) -> str:
        """The table."""
        return str(self.model.__tablename__)

    def statement(self) -> Delete:
        """Delete one batch of a tenant's, oldest first."""
        over = and_(*self._over())
        oldest = picked(self.model, self.model.__table__, over, self.order, amount=bindparam("amount"))
        return delete(self.model).where(oldest)

    def count(self) -> Select[int]:
        """How many rows of a tenant are over."""
        return select(func.count()).select_from(self.model).where(*self._over())

    def _over(self) -> tuple[ColumnElement[bool], ...]:
        return self.model.tenant_id == TENANT, self.moment < BEFORE, self.found_by
