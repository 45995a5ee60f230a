"""Rows that the product wrote once, written many times over with other ids, people and moments."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, Table

_A_MOMENT = 1_000_000_000_000
"""Numbers above are milliseconds since the epoch."""


@dataclass(frozen=True)
class Pattern:
    """One row of ``table``: what is the same in every copy, and where the rest goes.

    ``slots`` take a value whole, ``texts`` are templates with names of values in them, ``moments`` move along with
    time, ``hashes`` are those of secrets that nobody has.
    """

    table: Table
    constant: tuple[Any, ...]
    slots: tuple[tuple[int, str], ...]
    texts: tuple[tuple[int, str], ...]
    moments: tuple[int, ...]
    hashes: tuple[int, ...]

    @classmethod
    def of(cls, table: Table, row: Mapping[str, Any], known: Mapping[str, str]) -> Pattern:
        """The pattern of a row in which the values of ``known``, by their names, stand for themselves."""
        names = {value: name for name, value in known.items()}
        slots, texts, moments, hashes = [], [], [], []
        for at, column in enumerate(table.columns):
            value = row[column.name]
            if isinstance(value, int) and isinstance(column.type, BigInteger) and value > _A_MOMENT:
                moments.append(at)
            elif not isinstance(value, str):
                continue
            elif column.name.endswith("_hash"):
                hashes.append(at)
            elif value in names:
                slots.append((at, names[value]))
            elif any(each in value for each in names):
                texts.append((at, _template(value, names)))
        constant = tuple(row[column.name] for column in table.columns)
        return cls(table, constant, tuple(slots), tuple(texts), tuple(moments), tuple(hashes))

    def row(self, values: Mapping[str, str], later_ms: int) -> list[Any]:
        """A copy for those ``values``, ``later_ms`` after the original."""
        made = list(self.constant)
        for at, name in self.slots:
            made[at] = values[name]
        for at, template in self.texts:
            made[at] = template % values
        for at in self.moments:
            made[at] += later_ms
        for at in self.hashes:
            made[at] = secrets.token_hex(32)
        return made


def _template(text: str, names: Mapping[str, str]) -> str:
    made = text.replace("%", "%%")
    for value in sorted(names, key=len, reverse=True):
        made = made.replace(value.replace("%", "%%"), f"%({names[value]})s")
    return made
