"""The log (``/admin/monitoring/logs``): what happened, newest first, by the search of the Management API."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from idp.admin import jobs_api, simulator
from idp.admin.desk import exports, operations
from idp.admin.desk import form as forms
from idp.admin.desk.frame import Visit
from idp.admin.desk.history import says, who
from idp.admin.desk.listing import Asked, Found, Row
from idp.admin.desk.objects import Object
from idp.admin.desk.raw import tab as raw
from idp.admin.desk.resource import Cell, Column, Document, Filter, Listing, Resource, Tab
from idp.admin.user_tabs import moment
from idp.foundation.apikit import cursor
from idp.foundation.kernel.errors import BadRequest
from idp.protocol.oauth.simulation import api as simulations
from idp.tenant.audit import api as logs
from idp.tenant.audit import searches
from idp.tenant.audit.log_ids import is_log_id
from idp.tenant.audit.models import LogEntry
from idp.tenant.audit.statistics import FAILURES, LOGINS

REPLAYED = ("s", "f", "fp", "ssa", "fsa")
"""Types of sign-ins that the simulator can go through again."""
FAILED = FAILURES
GROUPS: Mapping[str, str] = {
    "logins": f"type:({' OR '.join(sorted(LOGINS))})",
    "failures": f"type:({' OR '.join(FAILURES)})",
    "signups": "type:(ss OR fs)",
    "changes": "type:(sapi OR fapi)",
    "administrators": "type:(sadm OR cadm OR radm OR iadm)",
}
SECONDS = 5.0


def _find(visit: Visit, wanted: Asked) -> Found:
    """A page of entries: one statement without a search."""
    work, query = visit.work, _compiled(wanted)
    before = str(wanted.after[1]) if wanted.after is not None else ""
    try:
        rows = searches.before(
            work.rows, query, work.config.host, before=before, limit=wanted.size + 1, seconds=SECONDS
        )
    except BadRequest as error:
        return Found([], None, None, compiled=query, problem=error.message)
    shown = rows[: wanted.size]
    after = cursor.encode(("", shown[-1].log_id)) if len(rows) > wanted.size else None
    cells = [Row(row.log_id, [_CELLS[each.name](row) for each in wanted.columns]) for row in shown]
    return Found(cells, None, after, compiled=query)


def _compiled(wanted: Asked) -> str:
    """The search and the filters as one Lucene query."""
    parts = [f"({wanted.q})" if wanted.q and wanted.filters else wanted.q] if wanted.q else []
    return " AND ".join([*parts, *(GROUPS[value] for value in wanted.filters.values())])


_CELLS: Mapping[str, Callable[[LogEntry], Cell]] = {
    "description": lambda row: Cell(says(row.type, row.description)),
    "type": lambda row: Cell(row.type, "state", good=False if row.type in FAILED else None),
    "date": lambda row: Cell(kind="time", at=row.date),
    "user_name": lambda row: Cell(who(row)),
    "client_name": lambda row: Cell(row.client_name or row.client_id or ""),
    "connection": lambda row: Cell(row.connection or ""),
    "ip": lambda row: Cell(row.ip or "", "code"),
    "object": lambda row: Cell(row.object or "", "code"),
}


def _unused(_row: Any) -> Cell:
    """Cells are made by :func:`_cell`."""
    return Cell()


def _details(visit: Visit, there: Object) -> Mapping[str, Any]:
    """An entry in words, with what else happened around it."""
    document = there.document
    details = document.get("details") or {}
    facts = [(name, _fact(name, document[name])) for name in FACTS if document.get(name)]
    return {
        "says": says(str(document["type"]), str(document.get("description") or "")),
        "facts": facts,
        "details": forms.pretty(details) if details else "",
        "around": _around(visit, document),
        "replay": _replay(visit, document),
    }


def _replay(visit: Visit, document: Document) -> str:
    """Where a sign-in is simulated that went as this one; nothing where it says too little, or not for this person."""
    known = document.get("user_id") and document.get("client_id")
    if document.get("type") not in REPLAYED or not known or not operations.may(visit.work, simulations.simulate):
        return ""
    return visit.href(simulator.PATH, **simulator.prefilled(document))


def _fact(name: str, value: Any) -> Cell:
    return moment(value) if name == "date" else Cell(str(value))


FACTS = (
    "date",
    "type",
    "description",
    "user_name",
    "user_id",
    "client_name",
    "client_id",
    "connection",
    "strategy",
    "ip",
    "user_agent",
    "audience",
    "scope",
    "log_id",
)


def _around(visit: Visit, document: Document) -> Sequence[tuple[str, str]]:
    """Links to the entries of the same person, application and address."""
    found = []
    for name in ("user_id", "client_id", "ip"):
        value = str(document.get(name) or "")
        if value:
            quoted = value.replace("\\", "\\\\").replace('"', '\\"')
            found.append((name, visit.href("/admin/monitoring/logs", q=f'{name}:"{quoted}"')))
    return found


RESOURCES = (
    Resource(
        group="monitoring",
        name="logs",
        read=logs.get_log,
        all=logs.list_logs,
        identifier="log_id",
        title=lambda document: says(str(document.get("type")), str(document.get("description") or "")),
        listing=Listing(
            LogEntry,
            LogEntry.log_id,
            (
                Column("date", _unused, sort=LogEntry.log_id),
                Column("type", _unused),
                Column("description", _unused),
                Column("user_name", _unused),
                Column("client_name", _unused),
                Column("connection", _unused, optional=True),
                Column("ip", _unused),
                Column("object", _unused, optional=True),
            ),
            order="-date",
            to_the_minute=True,
            filters=(Filter("kind", tuple(GROUPS), lambda _value: LogEntry.log_id.is_not(None)),),
            search=lambda _text: LogEntry.log_id.is_not(None),
            title="description",
            finder=_find,
        ),
        suggest=lambda visit, text, _most: _suggest(visit, text),
        tabs=(Tab("details", template="admin/logs/details.html", view=_details), raw()),
        pages={exports.EXPORT: exports.page(_compiled, jobs_api.export_logs)},
        links=((exports.EXPORT, jobs_api.export_logs),),
        aliases=("log", "audit", "events", "Logs"),
        api="logs",
    ),
)


def _suggest(visit: Visit, text: str) -> Sequence[tuple[str, str]]:
    """For the palette: the entry of that id."""
    row = visit.work.rows.get(LogEntry, (visit.work.tenant_id, text)) if is_log_id(text) else None
    return [] if row is None else [(row.log_id, says(row.type, row.description))]
