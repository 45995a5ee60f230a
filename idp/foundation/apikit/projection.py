"""``fields`` and ``include_fields``: which members of an answer a caller wants."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from idp.foundation.apikit.query import flag


@dataclass(frozen=True)
class Projection:
    """``fields=a,b`` and ``include_fields``: which members of each row leave."""

    names: frozenset[str] = frozenset()
    include: bool = True
    always: frozenset[str] = frozenset()
    """Members that an inclusion cannot leave out."""

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
        named = self.names | self.always if self.include else self.names
        return {name: value for name, value in row.items() if (name in named) is self.include}


EVERYTHING = Projection()


def projection(values: dict[str, list[str]], always: frozenset[str] = frozenset()) -> Projection:
    """The projection a query asks for; ``always`` are members that every row carries all the same.

    :raises BadRequest: ``invalid_query_string`` where ``include_fields`` is no boolean.
    """
    include = flag("include_fields", values["include_fields"]) if "include_fields" in values else True
    wanted = [part.strip() for value in values.get("fields", []) for part in value.split(",")]
    # Excluding user_metadata.color must not drop all of user_metadata, so only an inclusion widens to the first part.
    names = [part.split(".")[0] if include else part for part in wanted if part]
    return Projection(frozenset(names), include, always)
