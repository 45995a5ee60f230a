"""Trying a tenant's own database out: one event, with what it answered and what it wrote to its console."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from connectors.contract import ConnectorError
from connectors.directories import Trial
from idp.directory.connections import runtime
from idp.foundation.tenancy.work import Work


@dataclass(frozen=True)
class Tried:
    """What came of it: a ``value``, or a ``problem`` in words for whoever wrote the script."""

    value: Any
    problem: str | None
    console: tuple[tuple[str, str], ...]

    @property
    def ok(self) -> bool:
        """Whether the event answered."""
        return self.problem is None

    def document(self) -> dict[str, Any]:
        """As JSON."""
        console = [{"level": level, "text": line} for level, line in self.console]
        return {"ok": self.ok, "value": self.value, "error": self.problem, "console": console}


def attempt(work: Work, name: str, event: str, args: Sequence[Any]) -> Tried:
    """Ask the database of the connection called ``name``. What the event does there is done, and nothing here.

    :raises LookupError: there is no such connection, or its source has no such events.
    """
    connection = runtime.named(work, name)
    if connection is None:
        raise LookupError(f"there is no connection called {name}")
    connector = runtime.runtime.open(work, connection) if connection.can(Trial) else None
    if not isinstance(connector, Trial):
        raise LookupError(f"the connection {name} has no database of its own to ask")  # noqa: TRY004 - a fact about data
    try:
        found = connector.attempt(event, args)
    except ConnectorError as error:
        return Tried(None, error.detail or error.message, ())
    if found.failed is not None:
        return Tried(None, f"{found.failed}: {found.detail}", found.console)
    if found.thrown is not None:
        where = f" ({found.detail.strip()})" if found.detail else ""
        return Tried(None, f"{found.thrown.name}: {found.thrown.message}{where}", found.console)
    return Tried(found.value, None, found.console)
