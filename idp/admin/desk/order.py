"""Fields of many values: buttons move one of an order, take away a row of a map or add one, which the page answers
without saving. Where scripts run they do it at once, and an order is dragged; both send the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from idp.admin.desk import rows
from idp.admin.desk.kinds import ROWS

MOVE, ADDED = "desk.move", "desk.add."
"""The button that was pressed, ``<field>|<value>|<step>``, and before the name of a field the select of what may come
to it.
"""
UP, DOWN, OUT, ADD = "up", "down", "out", "add"


@dataclass(frozen=True)
class Move:
    """What a button asks: one value of a field goes up or down, goes away, or comes along. A row of a map is named by
    its place; one that comes along is the empty one that every form has.
    """

    name: str
    value: str
    step: str
    row: bool = False

    def of(self, values: Mapping[str, str]) -> dict[str, str]:
        """The form with it done; what cannot be done changes nothing."""
        if self.row:
            gone = self.step == OUT and self.value.isdecimal() and len(self.value) < len(str(rows.MOST))
            before = values.get(self.name, "")
            return {**values, self.name: rows.without(before, int(self.value)) if gone else before}
        listed = [each for each in values.get(self.name, "").split("\n") if each]
        if self.step == ADD and self.value and self.value not in listed:
            listed.append(self.value)
        elif self.value in listed:
            at = listed.index(self.value)
            listed.pop(at)
            if self.step != OUT:
                listed.insert(max(0, at - 1) if self.step == UP else at + 1, self.value)
        return {**values, self.name: "\n".join(listed)}


def asked(form: Mapping[str, str], kinds: Mapping[str, str]) -> Move | None:
    """The move that a form asks for, where it does not want to be saved; ``kinds`` are those of its fields, by name."""
    name, _, rest = form.get(MOVE, "").partition("|")
    value, _, step = rest.rpartition("|")
    if step not in {UP, DOWN, OUT, ADD} or kinds.get(name) not in {"order", ROWS}:
        return None
    if kinds[name] == ROWS:
        return Move(name, value, step, row=True)
    return Move(name, form.get(f"{ADDED}{name}", "") if step == ADD else value, step)
