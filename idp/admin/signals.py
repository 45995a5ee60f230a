"""Streams of shared signals (``/admin/applications/signals``): what receivers hear, whether it arrives, and a way to
hold it back. Receivers make their streams themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from idp.admin import app_names
from idp.admin.desk import operations
from idp.admin.desk.frame import Visit
from idp.admin.desk.history import tab as history
from idp.admin.desk.objects import Object
from idp.admin.desk.raw import tab as raw
from idp.admin.desk.resource import Action, Cell, Column, Document, Done, Filter, Listing, Resource, Tab
from idp.protocol.signals import api as signals
from idp.protocol.signals import types
from idp.protocol.signals.models import SignalStream as Stream

TIMES = ("delivered_at", "failing_since", "created_at", "updated_at")
FACTS = ("client_id", "delivery_method", "endpoint_url", "format", "description", "held_by", "reason")


def _state(status: str) -> Cell:
    return Cell(status, "state", good=status == types.ENABLED or None)


def _details(_visit: Visit, there: Object) -> Mapping[str, Any]:
    document = there.document
    return {
        "facts": [(name, str(document[name])) for name in FACTS if document.get(name)],
        "times": [(name, str(document[name])) for name in TIMES if document.get(name)],
    }


def _set(status: str) -> Callable[[Visit, Object], None]:
    def run(visit: Visit, there: Object) -> None:
        operations.call(visit.work, signals.update_stream, there.parameters, {"status": status})

    return run


def _verify(visit: Visit, there: Object) -> Done:
    operations.call(visit.work, signals.verify_stream, there.parameters)
    return Done("signals.done.verify")


def _delete(visit: Visit, there: Object) -> None:
    operations.call(visit.work, signals.delete_stream, there.parameters)


def _is(*statuses: str) -> Callable[[Document], bool]:
    return lambda document: document.get("status") in statuses


RESOURCES = (
    Resource(
        group="applications",
        name="signals",
        read=signals.get_stream,
        all=signals.list_streams,
        remove=signals.delete_stream,
        listing=Listing(
            Stream,
            Stream.id,
            (
                Column("client_name", lambda name: Cell(str(name)), also=app_names.beside(Stream)),
                Column("status", lambda row: _state(row.status)),
                Column("delivery_method", lambda row: Cell(row.method)),
                Column("delivered_at", lambda row: Cell(kind="time", at=row.delivered_at)),
                Column("failure", lambda row: Cell(row.failure or "")),
                Column("created_at", lambda row: Cell(kind="time", at=row.created_at), sort=Stream.created_at),
            ),
            order="-created_at",
            filters=(Filter("status", types.STATUSES, lambda value: Stream.status == value),),
            title="client_name",
        ),
        title=lambda document: str(document.get("client_name") or document.get("client_id") or ""),
        state=lambda document: _state(str(document.get("status"))),
        tabs=(Tab("details", template="admin/signals/details.html", view=_details), raw(), history()),
        actions=(
            Action("verify", signals.verify_stream, _verify, when=_is(types.ENABLED, types.PAUSED)),
            Action("pause", signals.update_stream, _set(types.PAUSED), when=_is(types.ENABLED)),
            Action("resume", signals.update_stream, _set(types.ENABLED), when=_is(types.PAUSED, types.DISABLED)),
            Action("delete", signals.delete_stream, _delete, True, True, True, True),
        ),
        aliases=("shared signals", "SSF", "CAEP", "event streams", "continuous access evaluation"),
        api="",
    ),
)
