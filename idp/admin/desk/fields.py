"""The fields of a form, as a resource declares them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from idp.admin.desk.kinds import Part


@dataclass(frozen=True)
class Field:
    """A member of the operation's body by its path: ``jwt_configuration.alg``. What kind of control it is follows from
    the declared type; ``kind`` says otherwise: text, lines, number, switch, choice, choices, json, area, source (text
    that a program reads), secret, hidden, order (a list of which the order counts), rows (a map), remove (a box that
    takes an object away).

    ``careful``: a change is shown, old and new, before it is saved. ``fresh``: only somebody who signed in a moment ago
    changes it. ``choices`` replace those of the type.
    """

    name: str
    kind: str = ""
    choices: Sequence[str] = ()
    careful: bool = False
    hint: bool = False
    """Whether the catalogue has a sentence about it."""
    fresh: bool = False
    called: Callable[[str], str] | None = None
    """What a value of a list is called, where it has a name of its own in every language."""
    label: str = ""
    help: str = ""
    """A source's own words for it, which are English, in place of those of the catalogue."""
    lines: bool = False
    """Whether a secret has several lines."""
    required: bool = False
    """Whether it is marked as needed, where the declared type does not say so."""
    parts: Sequence[Part] = ()
    """What the rows of a map have beside their names."""
    owner: str = ""
    """Who says what it is, where that is nobody here: it is shown, and not changed."""


@dataclass(frozen=True)
class Section:
    """Some fields under a heading (``<resource>.section.<name>``); folded ones open on demand. One that has the fields
    of a member is named by its path, and called as that member is.
    """

    name: str
    fields: Sequence[Field]
    folded: bool = False
