"""News reaches whoever subscribed, in their order and in the emitter's transaction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

import pytest

from idp.foundation.kernel.events import Event
from idp.foundation.tenancy import reactions
from idp.foundation.tenancy.reactions import On
from idp.foundation.tenancy.work import Work


@dataclass(frozen=True)
class Done(Event):
    number: int


def test_reactions_run_in_their_order_and_a_failing_one_fails_the_emitter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reactions, "_reactions", reactions.defaultdict(list))
    seen: list[Any] = []
    work = cast("Work", "the work")

    def first(work: Work, event: Done) -> None:
        seen.append(("first", event.number, work))

    def second(work: Work, event: Done) -> None:
        seen.append(("second", event.number, work))

    def fails(_work: Work, _event: Done) -> None:
        raise LookupError("no")

    for reaction in (first, second, first):
        reactions.subscribe(On(Done, reaction))
    reactions.emit(work, Done(1))
    reactions.emit(work, Event())
    assert seen == [("first", 1, "the work"), ("second", 1, "the work")]
    reactions.subscribe(On(Done, fails))
    with pytest.raises(LookupError):
        reactions.emit(work, Done(2))
