"""What was told: every event that any process of the test emits, in its order."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from idp.foundation.kernel.events import Event
from idp.foundation.tenancy import work as work_module
from idp.foundation.tenancy.work import Work


class News:
    """The events so far."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    @classmethod
    def heard(cls, monkeypatch: pytest.MonkeyPatch) -> News:
        """Listen from now on."""
        made, emit = cls(), work_module.emit

        def hear(work: Work, event: Event) -> None:
            made.events.append(event)
            emit(work, event)

        monkeypatch.setattr(work_module, "emit", hear)
        return made

    def forget(self) -> None:
        """Begin again."""
        self.events.clear()

    def count(self) -> Counter[str]:
        """How many of each kind."""
        return Counter(type(event).__name__ for event in self.events)

    def of(self, kind: str) -> list[Any]:
        """Those of one kind."""
        return [event for event in self.events if type(event).__name__ == kind]
