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
    """Whether a JSON document (a text column) has, at a path of member names, a value that is equal to one of
    ``values``; any value where there are none, which null, ``[]`` and ``{}`` are not.

    Arrays on the way and at the end are looked through. Everything is bound. On Postgres an index over
    ``CAST(column AS jsonb)`` finds the documents.
    """

    type = Boolean()
    inherit_cache = True
    name = "json_matches"

    def __init__(self, document: Any, path: Sequence[str], values: Sequence[str | float | bool]) -> None:
        steps = "".join(f".{json.dumps(step)}" for step in path)
        test = " || ".join(f"@ == {json.dumps(value)}" for value in values) or _EXISTS
        super().__init__(
            document,
            literal(json.dumps({"path": list(path), "values": list(values)})),
            literal(f"lax ${steps} ? ({test})"),
            *(() if values else (literal(path[0]),)),  # the index of Postgres knows who has the outermost member
        )


_EXISTS = '@.type() != "null" && (@.type() != "object" || exists(@.keyvalue()))'


@compiles(json_matches, "sqlite")
def _matches_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    document, wanted, *_ = [compiler.process(clause, **options) for clause in element.clauses]
    return f"gatehouse_json_matches({document}, {wanted})"


@compiles(json_matches, "postgresql")
def _matches_postgresql(element: Any, compiler: Any, **options: Any) -> str:
    document, _, path, *member = [compiler.process(clause, **options) for clause in element.clauses]
    has = f"CAST({document} AS jsonb) ? {member[0]} AND " if member else ""
    return f"({has}CAST({document} AS jsonb) @? CAST({path} AS jsonpath))"


def teach(connection: sqlite3.Connection) -> None:
    """SQLite has no JSON path filters: one function stands in for them. Every connection is taught when it is opened
    (:mod:`idp.foundation.db.engine`), whoever opened it.
    """
    connection.create_function("gatehouse_json_matches", 2, _matches, deterministic=True)


def _matches(document: str | None, wanted: str) -> bool:
    if document is None:
        return False
    question = _question(wanted)
    found, values = _at(json.loads(document), question["path"]), question["values"]
    if not values:
        return any(item is not None and item != {} for item in found)
    return any(
        item == value and isinstance(item, bool) is isinstance(value, bool) for item in found for value in values
    )


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
