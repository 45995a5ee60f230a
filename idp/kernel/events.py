"""Things that happened, named once (architecture.md, "Upward news is an event").

An event carries all that a log row shows. Reactions run at once, in the emitter's transaction and in the order in which
``features`` subscribed them; one that raises fails the request.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Event:
    """``name`` like ``user.deleted``; ``tenant`` is the tenant's id; ``data`` is plain JSON data."""

    name: str
    tenant: str
    data: Mapping[str, Any] = field(default_factory=dict)


Reaction = Callable[[Event, Any], None]
"""Called with the event and the open database session (or connection) of the emitter."""


class Bus:
    """Subscriptions by event name."""

    def __init__(self) -> None:
        self._reactions: dict[str, list[Reaction]] = {}

    def on(self, name: str, reaction: Reaction) -> None:
        """Call ``reaction`` for each event called ``name``, after those subscribed earlier."""
        self._reactions.setdefault(name, []).append(reaction)

    def emit(self, event: Event, unit: Any) -> None:
        """Run the reactions to ``event`` inside ``unit``, the emitter's open transaction."""
        for reaction in self._reactions.get(event.name, ()):
            reaction(event, unit)


bus = Bus()
"""The bus of this process; ``features`` fills it at start-up."""
