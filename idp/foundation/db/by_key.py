"""Joins that always go one way: from the rows that a statement names to those that belong to them.

A hot statement is planned once per connection, often while its tables are nearly empty. Then both ways of a join look
alike, and the one that begins with every row of the tenant may stay for as long as the connection does
(docs/decisions/0119).
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Join
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.expression import ColumnElement

from idp.foundation.db.base import Base


class ByKey(Join):
    """``left``, and for each of its rows those of ``right`` that the condition ties to it, looked up by an index."""

    inherit_cache = True


def by_key(left: type[Base] | Join, right: type[Base], condition: ColumnElement[bool]) -> ByKey:
    """What a statement selects from: ``select(...).select_from(by_key(Token, User, condition)).where(...)``.

    ``condition`` names an index of ``right``, and so does what the statement says of ``left``. Conditions on ``right``
    in the statement itself are checked afterwards and find nothing.
    """
    first: Any = left if isinstance(left, Join) else left.__table__
    return ByKey(first, right.__table__, condition)


@compiles(ByKey, "postgresql")
def _lateral(element: ByKey, compiler: SQLCompiler, **options: Any) -> str:
    """A subquery that Postgres must neither flatten nor run before ``left``: ``OFFSET 0`` fences it. The planner drops
    the columns that nobody asks for; ``ctid`` is for purges.
    """
    left, right, condition = _parts(element, compiler, options)
    return f"{left} CROSS JOIN LATERAL (SELECT ctid, * FROM {right} WHERE {condition} OFFSET 0) AS {right}"  # noqa: S608 - names of tables


@compiles(ByKey, "sqlite")
def _cross(element: ByKey, compiler: SQLCompiler, **options: Any) -> str:
    """SQLite walks the tables of a ``CROSS JOIN`` in the order in which they stand."""
    left, right, condition = _parts(element, compiler, options)
    return f"{left} CROSS JOIN {right} ON {condition}"


def _parts(element: ByKey, compiler: SQLCompiler, options: dict[str, Any]) -> tuple[str, str, str]:
    """The texts of both sides and of the condition."""
    options.pop("from_linter", None)
    tables: dict[str, Any] = {**options, "asfrom": True}
    condition: Any = element.onclause
    return (
        compiler.process(element.left, **tables),
        compiler.process(element.right, **tables),
        compiler.process(condition, **options),
    )
