"""The table of all operations of Auth0's Management API v2 and their scopes (``operations.tsv``)."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True)
class Operation:
    """One row. ``listing`` is ``-``, ``array``, or the style and items key of an answer that may be empty."""

    tier: str
    method: str
    path: str
    scopes: tuple[str, ...]
    listing: str


@cache
def operations() -> tuple[Operation, ...]:
    """Every operation, built or not."""
    with (files("idp.management") / "operations.tsv").open(encoding="utf-8") as lines:
        return tuple(
            Operation(row["tier"], row["method"], row["path"], tuple(row["scopes"].split()), row["list"])
            for row in csv.DictReader(lines, delimiter="\t")
        )


@cache
def management_scopes() -> tuple[str, ...]:
    """Every scope of the Management API, sorted: what the system resource server lists and the machine client of
    ``init`` holds.
    """
    return tuple(sorted({scope for operation in operations() for scope in operation.scopes}))
