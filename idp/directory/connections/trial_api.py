"""``/connections/{id}/custom-scripts/{event}/try``: an operation of our own, where Auth0 has its dashboard's button
alone.
"""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import UNSET, Meta, UnsetType

from connectors.strategy import ScriptSource
from idp.directory.connections import service, trial
from idp.foundation.apikit import Api, Body, View
from idp.foundation.kernel.formats import ConnectionId
from idp.foundation.kernel.secret import SECRET_DOCUMENT
from idp.foundation.tenancy.work import Work

api = Api("connections")
Event = Annotated[str, Meta(max_length=50, pattern=r"^[a-z_]+\Z")]
MOST_ARGUMENTS = 5


class ScriptTrial(Body):
    """What the event is called with, in the order of its arguments: passwords may be among them. ``script`` runs in
    place of the one that is saved.
    """

    args: Annotated[list[Any], SECRET_DOCUMENT, Meta(max_length=MOST_ARGUMENTS)]
    script: ScriptSource | UnsetType = UNSET


class ConsoleLine(View):
    """A line that it wrote."""

    level: str
    text: Annotated[str, SECRET_DOCUMENT]


class ScriptTried(View):
    """What came of it: people's data may be among it, which no log keeps."""

    ok: bool
    value: Annotated[Any, SECRET_DOCUMENT]
    error: Annotated[str | None, SECRET_DOCUMENT]
    console: list[ConsoleLine]


@api.post(
    "/connections/{id}/custom-scripts/{event}/try",
    scopes={"update:connections"},
    summary="Try a custom database script",
)
def try_script(work: Work, id: ConnectionId, event: Event, body: ScriptTrial) -> ScriptTried:
    """Run one event of a tenant's own database, with what it answered and wrote to its console. What it does there is
    done; nothing is changed here. Values of the configuration are hidden in what it says.
    """
    with work.looking():  # no transaction is open while it runs
        service.get(work, id)
        found = trial.rehearse(work, id, event, body.args, None if body.script is UNSET else body.script)
    console = [ConsoleLine(level=level, text=text) for level, text in found.console]
    return ScriptTried(ok=found.ok, value=found.value, error=found.problem, console=console)
