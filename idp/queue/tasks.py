"""What tasks are called and who does them; ``features`` registers the handlers at start-up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from idp.tenants.context import Context

Handler = Callable[[Context, dict[str, Any]], None]
"""Does one task for its tenant. Returning means done. It must end within :data:`LEASE_MS`: outbound calls have timeouts."""

LEASE_MS = 60_000
"""How long a taken row is one worker's alone; a worker that dies gives its rows back after this."""

handlers: dict[str, Handler] = {}
"""Task name -> handler, in this process."""


class Outage(Exception):
    """Whatever the task needs does not answer: every row of the task waits, and a probe follows soon."""


class GiveUp(Exception):
    """Trying again can't help; the row is closed with this text as its failure."""


def register(task: str, handler: Handler) -> None:
    """Let ``handler`` do ``task``. Raises ValueError when somebody else does."""
    if handlers.get(task, handler) is not handler:
        raise ValueError(f"two handlers for the task {task}")
    handlers[task] = handler
