"""What tasks are called and who does them; :func:`idp.wiring.wire` registers every handler before one is taken."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from idp.foundation.tenancy.work import Work

Handler = Callable[[Work, dict[str, Any]], None]
"""Does one task for its tenant. Returning means done. It must end within :data:`LEASE_MS`: outbound calls have
timeouts.
"""

LEASE_MS = 60_000
"""How long a taken row is one worker's alone; a worker that dies gives its rows back after this."""

_handlers: dict[str, Handler | str] = {}


class Outage(Exception):
    """Whatever the task needs does not answer: every row of the task waits, and a probe follows soon."""


class GiveUp(Exception):
    """Trying again can't help; the row is closed with this text as its failure."""


def register(task: str, handler: Handler | str) -> None:
    """Let ``handler`` do ``task``; given as ``package.module:function`` it is imported when the first task comes.

    Raises ValueError when another function does the task already.
    """
    known = _handlers.get(task)
    if callable(known) and callable(handler) and known is not handler:
        raise ValueError(f"two handlers for the task {task}")
    if not callable(known):
        _handlers[task] = handler


def find(task: str) -> Handler | None:
    """Who does ``task`` in this process."""
    handler = _handlers.get(task)
    if isinstance(handler, str):
        module, _, name = handler.partition(":")
        handler = _handlers[task] = getattr(import_module(module), name)
    return handler
