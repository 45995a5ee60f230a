"""Text compared by its code points, on both stores alike."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, String, and_
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction

LAST = 0x10FFFF
_BEFORE_SURROGATES, _BEHIND_SURROGATES = 0xD7FF, 0xE000


class by_code_point(GenericFunction[Any]):  # noqa: N801 - SQL functions are written in lower case
    """``column`` as SQLite compares it anyway. On Postgres the indexes of lists are in this order, whatever language
    the database sorts by, and no other statement can be planned on them (docs/decisions/0125).
    """

    type = String()
    inherit_cache = True
    name = "by_code_point"

    def __init__(self, column: Any) -> None:
        super().__init__(column)


@compiles(by_code_point)
def _as_it_is(element: Any, compiler: Any, **options: Any) -> str:
    (column,) = element.clauses
    return str(compiler.process(column, **options))


@compiles(by_code_point, "postgresql")
def _collated(element: Any, compiler: Any, **options: Any) -> str:
    (column,) = element.clauses
    return f'({compiler.process(column, **options)} COLLATE "C")'


def begins_with(column: Any, prefix: str) -> ColumnElement[bool]:
    """``column``, which compares by code points, begins with ``prefix``: a stretch of its index on either store."""
    behind = _behind(prefix)
    return column >= prefix if behind is None else and_(column >= prefix, column < behind)


def _behind(prefix: str) -> str | None:
    """The least text behind all that begin with ``prefix``; None where there is none."""
    kept = prefix.rstrip(chr(LAST))
    if not kept:
        return None
    last = ord(kept[-1])
    return kept[:-1] + chr(_BEHIND_SURROGATES if last == _BEFORE_SURROGATES else last + 1)
