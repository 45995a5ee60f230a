"""Forms as templates draw them."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from idp.admin.desk import rows
from idp.admin.desk.form import NONE, Problems, Texts, kind
from idp.admin.desk.kinds import ROWS, Part
from idp.admin.desk.resource import Field, Section


@dataclass(frozen=True)
class Control:
    """One input as a template draws it."""

    name: str
    kind: str
    value: str
    choices: Sequence[str] = ()
    required: bool = False
    hint: bool = False
    careful: bool = False
    problem: str = ""
    known: bool = True
    """Whether the catalogue has a label for it."""
    called: Callable[[str], str] | None = None
    label: str = ""
    help: str = ""
    lines: bool = False
    new: bool = False
    """Whether there is nothing yet that an empty field would keep."""
    parts: Sequence[Part] = ()
    here: bool = False
    """Whether somebody was at work here when the page was drawn anew."""
    owner: str = ""
    """Who else says what it is."""

    @property
    def id(self) -> str:
        """Its id on the page."""
        return f"field-{re.sub(r'[^a-z0-9]+', '-', self.name.lower())}"

    @property
    def chosen(self) -> Sequence[str]:
        """The values of a list."""
        return self.value.split("\n") if self.value else ()

    @property
    def rows(self) -> Sequence[rows.Row]:
        """Those of a map, and an empty one for what comes next."""
        return rows.drawn(self.value, self.parts) or ()


@dataclass(frozen=True)
class Drawn:
    """A section of a form."""

    name: str
    controls: Sequence[Control]
    folded: bool = False

    @property
    def wrong(self) -> bool:
        """Whether something in it is to be mended, or somebody is at work in it."""
        return any(each.problem or each.here for each in self.controls)


def draw(
    body: Any,
    sections: Iterable[Section],
    values: Texts,
    problems: Problems = NONE,
    *,
    labels: Iterable[str] = (),
    new: bool = False,
    at: str = "",
    preset: Container[str] = (),
) -> list[Drawn]:
    """The form with these values in it, of something ``new`` or of something that is there. ``at`` is the field whose
    button was pressed; ``preset`` are those that are filled in where nobody does.
    """
    known = frozenset(labels)

    def control(each: Field) -> Control:
        how = kind(body, each)
        value = values.get(each.name, "")
        return Control(
            each.name,
            _fitting(how.name, value, how.parts),
            value,
            how.choices,
            how.required and each.name not in preset,
            each.hint,
            each.careful,
            problems.at.get(each.name, ""),
            not known or each.name in known,
            each.called,
            each.label,
            each.help,
            how.lines,
            new,
            how.parts,
            each.name == at,
            each.owner,
        )

    return [Drawn(section.name, [control(each) for each in section.fields], section.folded) for section in sections]


def _fitting(kind_name: str, value: str, parts: Sequence[Part]) -> str:
    """The control that shows the value: a field of one line would join several, and a map may have been stored that is
    none.
    """
    if kind_name == ROWS and rows.drawn(value, parts) is None:
        return "json"
    return "area" if kind_name == "text" and "\n" in value else kind_name
