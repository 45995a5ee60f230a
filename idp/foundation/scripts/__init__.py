"""Scripts of tenants: JavaScript that runs apart from the product, within limits of time, memory and reach.

The port is :class:`ScriptRuntime`; :mod:`.pool` keeps the processes in which scripts run, :mod:`.worker` is such a
process, :mod:`.surroundings` makes the calls that scripts may make. Nothing is imported or begun before the first run.
No routes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

MAX_SOURCE_BYTES = 100 * 1024
"""A script is no longer than this (spec/custom-database.md, spec/actions-rules.md section 5)."""
SECONDS = 20.0
"""A run takes no longer, the calls that it makes included."""
MEMORY_BYTES = 64 * 1024 * 1024
"""What a run may hold."""
CALLS = 50
"""Calls to elsewhere that one run may make."""
Failure = Literal["timeout", "memory", "silent", "too_large", "crashed", "busy"]
"""Why a run came to no outcome of its own; ``silent`` never called its callback and had nothing left to do."""


@dataclass(frozen=True, kw_only=True)
class Script:
    """A script and how it is called.

    ``style`` is ``callback`` for one function whose last argument is called with ``(error, value)``, ``exports`` for a
    module whose export ``entry`` is called and may answer a promise. ``owner`` says whose it is: owners share what
    room there is, and each has a ``global`` of its own. ``configuration`` and ``globals`` are what it finds beside its
    arguments.
    """

    source: str
    entry: str
    args: Sequence[Any]
    owner: str
    style: Literal["callback", "exports"] = "callback"
    configuration: Mapping[str, str] = field(default_factory=dict)
    globals: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Thrown:
    """What the script threw, rejected with, or gave its callback: ``name`` and ``message`` are texts of its own, the
    rest what it set beside them.
    """

    name: str
    message: str
    code: str | None = None
    user: str | None = None


@dataclass(frozen=True)
class Outcome:
    """How a run ended: with ``values`` for the callback, with what was ``thrown``, or with the ``failed`` of ours whose
    ``detail`` is for logs. ``console`` are the lines that it wrote, with their level.
    """

    values: tuple[Any, ...] = ()
    thrown: Thrown | None = None
    failed: Failure | None = None
    detail: str | None = None
    console: tuple[tuple[str, str], ...] = ()

    @property
    def value(self) -> Any:
        """The first value, or None."""
        return next(iter(self.values), None)


class ScriptRuntime(Protocol):
    """Runs scripts."""

    def run(self, script: Script, *, seconds: float = SECONDS) -> Outcome:
        """Run it to its end, or for ``seconds``. Whatever the script does is an outcome, never an exception."""
