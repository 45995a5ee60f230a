"""Plain data and structs to the JSON that leaves."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import msgspec

from idp.foundation.apikit.query import single
from idp.foundation.apikit.schema import QUERY, convert

JSON_TYPE = "application/json; charset=utf-8"
_encoder = msgspec.json.Encoder()


@dataclass(frozen=True)
class Answer:
    """A finished answer; ``body`` is empty where the status has none."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Projection:
    """``fields=a,b`` and ``include_fields``: which members of each row leave."""

    names: frozenset[str] = frozenset()
    include: bool = True

    def apply(self, row: Any) -> Any:
        """``row`` with only (or without) the named top-level members; a dotted name selects its first part."""
        if not self.names or not isinstance(row, dict):
            return row
        return {name: value for name, value in row.items() if (name in self.names) is self.include}


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


def plain(value: object) -> Any:
    """Structs as dictionaries, unset and default members left out."""
    return msgspec.to_builtins(value, str_keys=True)


def encode(value: object) -> bytes:
    """``value`` as JSON."""
    return _encoder.encode(value)
