"""The levels a database connection chooses from for its passwords (``passwordPolicy``; spec/account-lifecycle.md).

Facts alone: :mod:`idp.directory.users.password_policy` checks passwords by them, pages list them as rules.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Level:
    """``needs`` of ``classes`` must occur; ``max_repeat`` identical characters in a row at most."""

    min_length: int
    classes: tuple[str, ...] = ()
    needs: int = 0
    max_repeat: int | None = None


LEVELS: Mapping[str, Level] = {
    "none": Level(1),
    "low": Level(6),
    "fair": Level(8, ("lower", "upper", "number"), 3),
    "good": Level(8, ("lower", "upper", "number", "special"), 3),
    "excellent": Level(10, ("lower", "upper", "number", "special"), 3, 2),
}
DEFAULT_LEVEL = "good"
