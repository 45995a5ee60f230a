"""Ids of log entries: the moment they were written and a number, as digits that sort as numbers do
(docs/decisions/0100).
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import String
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction

PER_MS = 1_000_000
"""Positions in a millisecond: ids begin with the moment, and go on counting where there are more, or where the clock of
one machine is behind another's."""

DIGITS = 20


def log_id(position: int) -> str:
    """The id of the entry with that number: digits that sort as numbers do, and behind those of earlier releases."""
    return f"{position:0{DIGITS}d}"


def is_log_id(text: str) -> bool:
    """Whether an entry could have that id."""
    return len(text) == DIGITS and text.isascii() and text.isdigit()


class first_log_id(GenericFunction[Any]):  # noqa: N801 - SQL functions are written in lower case
    """Text that sorts before every id of a moment (ms) and behind those of the moment before: ``first_log_id(ms)``."""

    type = String()
    inherit_cache = True
    name = "first_log_id"


@compiles(first_log_id, "sqlite")
def _sqlite(element: Any, compiler: Any, **options: Any) -> str:
    (moment,) = element.clauses
    return f"printf('%014d', {compiler.process(moment, **options)})"


@compiles(first_log_id, "postgresql")
def _postgresql(element: Any, compiler: Any, **options: Any) -> str:
    (moment,) = element.clauses
    return f"lpad(CAST({compiler.process(moment, **options)} AS text), 14, '0')"
