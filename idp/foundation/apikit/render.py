"""Plain data to the JSON that leaves."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import msgspec

from idp.foundation.apikit.query import single
from idp.foundation.apikit.schema import convert
from idp.foundation.kernel.faults import QUERY

JSON_TYPE = "application/json; charset=utf-8"
_encoder = msgspec.json.Encoder()


@dataclass(frozen=True)
class Answer:
    """A finished answer; ``body`` is empty where the status has none, ``document`` is what was encoded into it."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    document: Any = None


@dataclass(frozen=True)
class Projection:
    """``fields=a,b`` and ``include_fields``: which members of each row leave."""

    names: frozenset[str] = frozenset()
    include: bool = True

    def apply(self, document: Any) -> Any:
        """``document``, or each row of it, with only (or without) the named top-level members; a dotted name selects
        its first part.
        """
        if not self.names:
            return document
        return [self._row(row) for row in document] if isinstance(document, list) else self._row(document)

    def _row(self, row: Any) -> Any:
        if not isinstance(row, dict):
            return row
        return {name: value for name, value in row.items() if (name in self.names) is self.include}


EVERYTHING = Projection()


def projection(values: dict[str, list[str]]) -> Projection:
    """The projection a query asks for.

    :raises BadRequest: ``invalid_query_string`` where ``include_fields`` is no boolean.
    """
    include = (
        convert(single("include_fields", values["include_fields"]), bool, QUERY, strict=False)
        if "include_fields" in values
        else True
    )
    wanted = [part.strip() for value in values.get("fields", []) for part in value.split(",")]
    # Excluding user_metadata.color must not drop all of user_metadata, so only an inclusion widens to the first part.
    names = [part.split(".")[0] if include else part for part in wanted if part]
    return Projection(frozenset(names), include)


def encode(value: object) -> bytes:
    """``value`` as JSON."""
    return _encoder.encode(value)


def json_answer(status: int, document: Any, headers: dict[str, str] | None = None) -> Answer:
    """``document`` (plain data) as an answer."""
    return Answer(status, encode(document), {"Content-Type": JSON_TYPE, **(headers or {})}, document)
