"""What an action does that is one operation for its object."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from idp.admin.desk import operations
from idp.admin.desk.frame import Visit
from idp.admin.desk.opened import Object
from idp.admin.desk.resource import Doing

TO = "to"
"""The input that says to whom something is sent (``trial`` of ``templates/admin/_parts.html``)."""


def by(operation: operations.Handler, body: Callable[[Visit], Mapping[str, str]] | None = None) -> Doing:
    """Calls it, with what ``body`` makes of the form; what is said then is the usual (``<resource>.done.<action>``)."""

    def run(visit: Visit, there: Object) -> None:
        operations.call(visit.work, operation, there.parameters, body(visit) if body is not None else None)

    return run


def mailed(visit: Visit) -> Mapping[str, str]:
    """A mail to try something, in the language that the form says, else in that of whoever asks."""
    return {TO: visit.form.get(TO, "").strip(), "language": visit.form.get("language", visit.texts.locale)[:35]}


def texted(visit: Visit) -> Mapping[str, str]:
    """A text message to try something."""
    return {TO: visit.form.get(TO, "").strip(), "delivery_method": "text"}
