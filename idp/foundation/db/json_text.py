"""Reaching into JSON documents that are text, alike on SQLite and Postgres."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Boolean, String, literal
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


class json_matches(GenericFunction[Any]):  # noqa: N801 - SQL functions are written in lower case
    """Whether a JSON document (text) has, at a path of member names, a value that ``exists`` or is ``equal`` to a
    scalar.

    Arrays on the way and at the end are looked through. ``exists`` does not count null, ``[]`` and ``{}``. Everything
    is bound.
    """

    type = Boolean()
    inherit_cache = True
    name = "json_matches"

    def __init__(self, document: Any, path: Sequence[str], how: str, value: str | float | bool | None) -> None:
        steps = "".join(f".{json.dumps(step)}" for step in path)
        super().__init__(
            document,
            literal(json.dumps({"path": list(path), "how": how, "value": value})),
            literal(f"lax ${steps} ? ({_TESTS[how]})"),
            literal(json.dumps(value)),
        )


_TESTS = {
    "equal": "@ == $v",
    "exists": '@.type() != "null" && (@.type() != "object" || exists(@.keyvalue()))',
}


@compiles(json_matches, "sqlite")
def _matches_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    document, wanted, *_ = [compiler.process(clause, **options) for clause in element.clauses]
    return f"gatehouse_json_matches({document}, {wanted})"


@compiles(json_matches, "postgresql")
def _matches_postgresql(element: Any, compiler: Any, **options: Any) -> str:
    document, _, path, value = [compiler.process(clause, **options) for clause in element.clauses]
    variables = f"jsonb_build_object('v', CAST({value} AS jsonb))"
    return f"jsonb_path_exists(CAST({document} AS jsonb), CAST({path} AS jsonpath), {variables})"


def teach(connection: sqlite3.Connection) -> None:
    """SQLite has no JSON path filters: one function stands in for them. Every connection is taught when it is opened
    (:mod:`idp.foundation.db.engine`), whoever opened it.
    """
    connection.create_function("gatehouse_json_matches", 2, _matches, deterministic=True)


def _matches(document: str | None, wanted: str) -> bool:
    if document is None:
        return False
    question = _question(wanted)
    found = _at(json.loads(document), question["path"])
    if question["how"] == "exists":
        return any(item is not None and item != {} for item in found)
    value = question["value"]
    return any(item == value and isinstance(item, bool) is isinstance(value, bool) for item in found)


@lru_cache(maxsize=256)
def _question(wanted: str) -> dict[str, Any]:
    question: dict[str, Any] = json.loads(wanted)
    return question


def _at(value: Any, path: Sequence[str]) -> Iterator[Any]:
    if isinstance(value, list):
        for item in value:
            yield from _at(item, path)
    elif not path:
        yield value
    elif isinstance(value, dict) and path[0] in value:
        yield from _at(value[path[0]], path[1:])
