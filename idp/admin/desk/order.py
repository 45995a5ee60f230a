"""Fields whose values stand in an order: buttons move each, which the page answers without saving, or it is dragged
where scripts run. Both send the same list.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from idp.admin.desk.resource import Field

MOVE, ADDED = "desk.move", "desk.add."
"""The button that was pressed, ``<field>|<value>|<step>``, and before the name of a field the select of what may come
to it.
"""
UP, DOWN, OUT, ADD = "up", "down", "out", "add"


@dataclass(frozen=True)
class Move:
    """What a button asks: one value of a field goes up or down, goes away, or comes along."""

    name: str
    value: str
    step: str

    def of(self, values: Mapping[str, str]) -> dict[str, str]:
        """The form with it done; what cannot be done changes nothing."""
        listed = [each for each in values.get(self.name, "").split("\n") if each]
        if self.step == ADD and self.value and self.value not in listed:
            listed.append(self.value)
        elif self.value in listed:
            at = listed.index(self.value)
            listed.pop(at)
            if self.step != OUT:
                listed.insert(max(0, at - 1) if self.step == UP else at + 1, self.value)
        return {**values, self.name: "\n".join(listed)}


def asked(form: Mapping[str, str], fields: Iterable[Field]) -> Move | None:
    """The move that a form asks for, where it does not want to be saved."""
    name, _, rest = form.get(MOVE, "").partition("|")
    value, _, step = rest.rpartition("|")
    if step not in {UP, DOWN, OUT, ADD} or name not in {each.name for each in fields if each.kind == "order"}:
        return None
    return Move(name, form.get(f"{ADDED}{name}", "") if step == ADD else value, step)
