"""Reaching into JSON documents that are text, alike on SQLite and Postgres."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
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


class json_passes(GenericFunction[Any]):  # noqa: N801 - SQL functions are written in lower case
    """As :class:`json_matches` for a value that passes ``test``."""

    type = Boolean()
    inherit_cache = True
    name = "json_passes"

    def __init__(self, document: Any, path: Sequence[str], test: Pattern | Between) -> None:
        steps = "".join(f".{json.dumps(step)}" for step in path)
        super().__init__(
            document,
            literal(json.dumps({"path": list(path), **test.question()})),
            literal(f"lax ${steps} ? ({test.jsonpath()})"),
            literal(path[0]),
        )


@dataclass(frozen=True)
class Pattern:
    """A text of these literal parts with anything between them."""

    parts: tuple[str, ...]

    def question(self) -> dict[str, Any]:
        """For SQLite's function."""
        return {"parts": list(self.parts)}

    def jsonpath(self) -> str:
        """For Postgres, whose expressions take a backslash before whatever is no letter or digit of ASCII."""
        letters = ".*".join(re.sub(r"([^A-Za-z0-9\x80-\U0010ffff])", r"\\\1", part) for part in self.parts)
        return f'@ like_regex {json.dumps(f"^{letters}$")} flag "s"'


@dataclass(frozen=True)
class Between:
    """A number between numbers, or a text between texts, which compare by their code points; None is open. Values of
    another kind are not between.
    """

    low: float | str | None
    high: float | str | None
    low_inclusive: bool
    high_inclusive: bool

    def question(self) -> dict[str, Any]:
        """For SQLite's function."""
        return {
            "between": [self.low, self.high],
            "inclusive": [self.low_inclusive, self.high_inclusive],
        }

    def jsonpath(self) -> str:
        """For Postgres."""
        ends = []
        if self.low is not None:
            ends.append(f"@ >{'=' if self.low_inclusive else ''} {json.dumps(self.low)}")
        if self.high is not None:
            ends.append(f"@ <{'=' if self.high_inclusive else ''} {json.dumps(self.high)}")
        return " && ".join(ends)


_EXISTS = '@.type() != "null" && (@.type() != "object" || exists(@.keyvalue()))'


@compiles(json_matches, "sqlite")
@compiles(json_passes, "sqlite")
def _matches_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    document, wanted, *_ = [compiler.process(clause, **options) for clause in element.clauses]
    return f"gatehouse_json_matches({document}, {wanted})"


@compiles(json_matches, "postgresql")
@compiles(json_passes, "postgresql")
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
    found = _at(json.loads(document), question["path"])
    if "parts" in question:
        return any(isinstance(item, str) and _has_parts(item, question["parts"]) for item in found)
    if "between" in question:
        return any(_is_between(item, question["between"], question["inclusive"]) for item in found)
    values = question["values"]
    if not values:
        return any(item is not None and item != {} for item in found)
    return any(
        item == value and isinstance(item, bool) is isinstance(value, bool) for item in found for value in values
    )


def _has_parts(text: str, parts: Sequence[str]) -> bool:
    """Whether ``text`` is the first part, the others in their order with anything between them, and the last part."""
    first, *middle, last = parts
    if len(text) < len(first) + len(last) or not text.startswith(first) or not text.endswith(last):
        return False
    at, end = len(first), len(text) - len(last)
    for part in middle:
        found = text.find(part, at, end)
        if found < 0:
            return False
        at = found + len(part)
    return True


def _is_between(value: Any, ends: Sequence[Any], inclusive: Sequence[bool]) -> bool:
    for end, too, low in zip(ends, inclusive, (True, False), strict=True):
        if end is None:
            continue
        if isinstance(value, bool) or isinstance(value, str) is not isinstance(end, str):
            return False
        if not isinstance(value, str | int | float):
            return False
        if (value == end and not too) or (value < end if low else value > end):
            return False
    return True


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
