"""Trying a tenant's own database out: one event, with what it answered and what it wrote to its console."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from connectors.contract import ConnectorError
from connectors.directories import ScriptAnswer, Trial
from connectors.strategy import Options
from idp.directory.connections import runtime, strategies
from idp.directory.connections.runtime import ConnectionConfig
from idp.foundation.kernel.errors import BadRequest, NotFound
from idp.foundation.kernel.redaction import HIDDEN
from idp.foundation.tenancy.work import Work

SHORTEST_HIDDEN = 4
"""Characters of a configured value that is hidden in what a script said: shorter ones stand in every sentence."""
DRAFTS = {"enabledDatabaseCustomization": True, "custom_sql": None, "database_class": None}
"""What a connection has for the trial of a script that is not saved: it is asked by scripts, and nothing else."""

_LINE = re.compile(r":(\d+)(?::\d+)?\)?(?:\s|\Z)")
"""Line and column at the end of a frame, as QuickJS writes it."""


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
    return _outcome(_asked(work, connection, event, args))


def rehearse(work: Work, connection_id: str, event: str, args: Sequence[Any], script: str | None = None) -> Tried:
    """The same for whoever edits them: ``script`` is run in place of the one that is saved, whatever is switched on.
    Values of the configuration that it says are hidden in what it said.

    :raises NotFound: ``inexistent_connection``.
    :raises BadRequest: its source has no such events, or the script is none.
    """
    connection = runtime.find(work, connection_id)
    if connection is None:
        raise NotFound("The connection does not exist", "inexistent_connection")
    if script is not None:
        connection = _with_draft(connection, event, script)
    try:
        found = _outcome(_asked(work, connection, event, args))
    except LookupError as error:
        raise BadRequest(str(error), "operation_not_supported") from error
    return _without(found, _secrets(connection.document))


def _with_draft(connection: ConnectionConfig, event: str, script: str) -> ConnectionConfig:
    scripts = connection.document.get("customScripts")
    document = {
        **{name: value for name, value in connection.document.items() if name not in DRAFTS},
        **{name: value for name, value in DRAFTS.items() if value is not None},
        "customScripts": {**(scripts if isinstance(scripts, Mapping) else {}), event: script},
    }
    strategies.check(connection.source, document)
    options: Options = connection.source.read(document)
    return ConnectionConfig(connection.id, connection.name, connection.strategy, options, document, connection.data)


def _asked(work: Work, connection: ConnectionConfig, event: str, args: Sequence[Any]) -> ScriptAnswer | str:
    """What the event answered, or why its source did not. Raises LookupError."""
    connector = runtime.runtime.open(work, connection) if connection.can(Trial) else None
    if not isinstance(connector, Trial):
        raise LookupError(f"the connection {connection.name} has no database of its own to ask")  # noqa: TRY004 - data
    try:
        return connector.attempt(event, args)
    except ConnectorError as error:
        return error.detail or error.message


def _outcome(found: ScriptAnswer | str) -> Tried:
    if isinstance(found, str):
        return Tried(None, found, ())
    if found.failed is not None:
        return Tried(None, f"{found.failed}: {found.detail}", found.console)
    if found.thrown is not None:
        where = f" ({_place(found.detail)})" if found.detail else ""
        return Tried(None, f"{found.thrown.name}: {found.thrown.message}{where}", found.console)
    return Tried(found.value, None, found.console)


def _place(stack: str) -> str:
    """Where in the script it is, of a stack that goes on with frames of the program around it: those are none
    of the script's lines.
    """
    first = stack.strip().split("\n", 1)[0].strip()
    line = _LINE.search(first)
    return f"line {line[1]}" if line else first


def _secrets(document: Mapping[str, Any]) -> list[str]:
    """The values that its configuration holds, the longest first: one may stand in another."""
    configured = document.get("configuration")
    values = configured.values() if isinstance(configured, Mapping) else ()
    return sorted((each for each in values if isinstance(each, str) and len(each) >= SHORTEST_HIDDEN), key=len)[::-1]


def _without(tried: Tried, values: Sequence[str]) -> Tried:
    """What was said, without these values."""

    def text(said: str) -> str:
        for value in values:
            said = said.replace(value, HIDDEN)
        return said

    def anything(said: Any) -> Any:
        match said:
            case str():
                return text(said)
            case list():
                return [anything(each) for each in said]
            case dict():
                return {text(str(name)): anything(each) for name, each in said.items()}
        return said

    try:
        value = anything(msgspec.to_builtins(tried.value, str_keys=True, enc_hook=str))
    except RecursionError:
        value = None
    return Tried(value, text(tried.problem) if tried.problem else None, tuple((a, text(b)) for a, b in tried.console))
