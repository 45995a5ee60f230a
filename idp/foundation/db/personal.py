"""Which rows are somebody's: each feature says it of its tables (:class:`idp.foundation.feature.Feature`), once for
everything that privacy asks of them: showing a person what is stored of them, and proving that it is gone
(spec/privacy.md, docs/decisions/0201).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement


@dataclass(frozen=True)
class Whose:
    """By what rows name a person: their id, their accounts as (connection, account), and what they are known by when
    they sign in, as it is compared. As of one moment: a deleted person has none of these any more.
    """

    user_id: str
    accounts: tuple[tuple[str, str], ...] = ()
    identifiers: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Personal:
    """A table with rows of people. ``of`` finds one person's.

    ``hidden``: columns that an archive does not show, because they prove something to us (hashes) or only help to find
    the row; sealed ones never are. ``archived``: whether an archive shows the table at all. ``stays``: why the rows
    stay when the person is erased.
    """

    model: Any
    of: Callable[[Whose], ColumnElement[bool]]
    hidden: frozenset[str] = field(default_factory=frozenset)
    archived: bool = True
    stays: str = ""

    @property
    def table(self) -> str:
        """Its name."""
        return str(self.model.__tablename__)


def by_user_id(model: Any) -> Callable[[Whose], ColumnElement[bool]]:
    """Rows that name the person by ``user_id``."""

    def of(whose: Whose) -> ColumnElement[bool]:
        found: ColumnElement[bool] = model.user_id == whose.user_id
        return found

    return of
