"""Who does what about an event: a reaction is called with the emitter's work and the event.

Reactions run at once, inside the emitter's transaction and in the order of ``idp.features``; one that raises fails the
request. Anything slow or outbound is an outbox row (:mod:`idp.foundation.queue`) that commits with the change.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from idp.foundation.kernel.events import Event

if TYPE_CHECKING:
    from idp.foundation.tenancy.work import Work

E = TypeVar("E", bound=Event)


@dataclass(frozen=True)
class On(Generic[E]):
    """``reaction`` is called for each event of exactly ``kind``."""

    kind: type[E]
    reaction: Callable[[Work, E], None]


_reactions: dict[type[Event], list[Callable[[Work, Any], None]]] = defaultdict(list)


def subscribe(on: On[Any]) -> None:
    """Add a reaction behind those subscribed earlier; the same one twice counts once."""
    known = _reactions[on.kind]
    if on.reaction not in known:
        known.append(on.reaction)


def emit(work: Work, event: Event) -> None:
    """Run the reactions to ``event``."""
    for reaction in _reactions.get(type(event), ()):
        reaction(work, event)


def subscriptions() -> set[tuple[str, str]]:
    """(event, reaction) by name, as this process knows them."""
    return {
        (kind.__name__, f"{reaction.__module__}.{reaction.__qualname__}")
        for kind, known in _reactions.items()
        for reaction in known
    }
