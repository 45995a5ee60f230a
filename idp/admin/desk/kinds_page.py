"""A page that lists what there is one of each kind of, whether somebody has set it or not: mails, text messages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from idp.admin.desk.frame import Shown, Visit
from idp.admin.desk.resource import Cell, Resource

OURS, ON, OFF = "ours", "on", "off"
"""States: nobody has set it, or it is on, or off."""


@dataclass(frozen=True)
class Line:
    """A kind: what it is called, its name in the API, where it is set (nothing for who may not), since when (ms)."""

    title: str
    name: str
    href: str
    state: Cell
    changed: int | None = None


def shown(visit: Visit, resource: Resource, lines: Sequence[Line]) -> Shown:
    """The page."""
    return Shown(
        "admin/kinds.html",
        visit.texts.t(f"{resource.name}.title"),
        {"resource": resource, "lines": lines},
        current=f"{resource.group}/{resource.name}",
    )
