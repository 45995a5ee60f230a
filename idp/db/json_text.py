"""Reaching into JSON documents that are text, alike on SQLite and Postgres."""

from __future__ import annotations

from typing import Any

from sqlalchemy import String, literal
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.functions import GenericFunction


class json_member(GenericFunction[Any]):  # noqa: N801 - SQL functions are written in lower case
    """The scalar at a path, as text: ``json_member(column, "a", "b")``. Path steps are bound, never part of the SQL."""

    type = String()
    inherit_cache = True
    name = "json_member"

    def __init__(self, column: InstrumentedAttribute[Any], *path: str) -> None:
        super().__init__(column, *(literal(step) for step in path))


@compiles(json_member, "sqlite")
def _sqlite(element: Any, compiler: Any, **options: Any) -> str:
    column, *path = [compiler.process(clause, **options) for clause in element.clauses]
    steps = " || ".join(f"'.\"' || {step} || '\"'" for step in path)
    return f"json_extract({column}, '$' || {steps})"


@compiles(json_member, "postgresql")
def _postgresql(element: Any, compiler: Any, **options: Any) -> str:
    column, *path = [compiler.process(clause, **options) for clause in element.clauses]
    return f"jsonb_extract_path_text(CAST({column} AS jsonb), {', '.join(path)})"
