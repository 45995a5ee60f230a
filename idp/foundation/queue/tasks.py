"""What tasks are called, who does them and in which lane. :func:`idp.wiring.wire` registers every one and says when
that is all; before that nothing is taken.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from idp.foundation.queue.lanes import OTHERS, Lane
from idp.foundation.tenancy.work import Work

Handler = Callable[[Work, dict[str, Any]], None]
"""Does one task for its tenant. Returning means done. It must end within the lease of its lane: outbound calls have
deadlines.
"""


class Outage(Exception):
    """Whatever the task needs does not answer: every row of the task waits, and one of them asks again soon."""


class TryLater(Exception):
    """The row failed for a reason that may pass: it comes back later and later, the others go on."""


class Unanswered(TryLater):
    """Its receiver does not answer: the receiver's other rows wait a while, too."""


class GiveUp(Exception):
    """Trying again can't help; the row is closed with this text as its failure."""


FORESEEN = (Outage, TryLater, GiveUp)
"""Everything else that a handler raises is a defect."""


@dataclass(frozen=True)
class Registered:
    """A task: who does it, given as ``package.module:function`` where that is imported with the first one."""

    handler: Handler | str
    lane: Lane


_tasks: dict[str, Registered] = {}
_loaded: dict[str, Handler] = {}
_loading = threading.Lock()
_complete = threading.Event()


def register(task: str, handler: Handler | str, lane: Lane = OTHERS) -> None:
    """Let ``handler`` do ``task``. Raises ValueError when another one does it already."""
    known = _tasks.get(task)
    if known is not None and known.handler != handler:
        raise ValueError(f"two handlers for the task {task}")
    _tasks[task] = Registered(handler, lane)


def complete() -> None:
    """Every task of this version is registered."""
    _complete.set()


def wait_until_complete(seconds: float) -> bool:
    """Whether every task is registered by then."""
    return _complete.wait(seconds)


def by_lane() -> Mapping[Lane, tuple[str, ...]]:
    """The lanes with their tasks."""
    found: dict[Lane, tuple[str, ...]] = {}
    for task, known in _tasks.items():
        found[known.lane] = (*found.get(known.lane, ()), task)
    return found


def find(task: str) -> Handler:
    """Who does ``task``; call it before a row of the task is taken.

    A module is imported by one thread while the others wait, since two that import parts of each other see them half
    made. What the handler imports late itself is named by the module's function ``prepare``, which runs here as well.

    :raises KeyError: nobody does it.
    """
    found = _loaded.get(task)
    if found is None:
        with _loading:
            found = _loaded.get(task) or _load(task)
    return found


def _load(task: str) -> Handler:
    handler = _tasks[task].handler
    if isinstance(handler, str):
        name, _, attribute = handler.partition(":")
        module = import_module(name)
        prepare: Callable[[], None] | None = getattr(module, "prepare", None)
        if prepare is not None:
            prepare()
        made: Handler = getattr(module, attribute)
    else:
        made = handler
    _loaded[task] = made
    return made
