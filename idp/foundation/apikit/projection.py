"""``fields`` and ``include_fields``: which members of an answer a caller wants."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from idp.foundation.apikit.convert import convert
from idp.foundation.apikit.query import single
from idp.foundation.kernel.faults import QUERY


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
