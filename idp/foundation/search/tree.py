"""What a query means."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Exact:
    """The whole value; ``quoted`` tells the text "13" from the number 13."""

    text: str
    quoted: bool


@dataclass(frozen=True)
class Wildcard:
    """Literal ``parts`` with anything between them: ``jo*`` is ``("jo", "")``."""

    parts: tuple[str, ...]


@dataclass(frozen=True)
class Range:
    """Between two values, each inclusive or not; None is open."""

    low: str | None
    high: str | None
    low_inclusive: bool
    high_inclusive: bool


@dataclass(frozen=True)
class Exists:
    """The field has a value."""


Test = Exact | Wildcard | Range | Exists


@dataclass(frozen=True)
class Term:
    """A test of one field, or of the usual ones where ``field`` is None."""

    field: str | None
    test: Test


@dataclass(frozen=True)
class Not:
    """The opposite."""

    node: Node


@dataclass(frozen=True)
class And:
    """All of them."""

    nodes: tuple[Node, ...]


@dataclass(frozen=True)
class Or:
    """Any of them."""

    nodes: tuple[Node, ...]


Node = Term | Not | And | Or
