"""The history tab: what was changed of an object, by whom, from where, and from what to what."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import or_, select

from idp.admin.desk import operations
from idp.admin.desk.frame import Visit
from idp.admin.desk.resource import Tab
from idp.foundation.db.json_text import json_member
from idp.tenant.audit import api as logs
from idp.tenant.audit.log_types import ApiLog
from idp.tenant.audit.models import LogEntry

if TYPE_CHECKING:
    from idp.admin.desk.objects import Object

LOOKED_THROUGH = 2_000
"""The newest changes of the tenant that are looked through for those of one object."""
SHOWN = 50


@dataclass(frozen=True)
class Change:
    """One entry of the log."""

    log_id: str
    at: int
    what: str
    who: str
    channel: str
    ip: str
    done: bool
    members: Sequence[tuple[str, str, str]]
    """Name, old and new value."""


def tab() -> Tab:
    """The tab."""
    return Tab("history", template="admin/history.html", view=_view, needs=logs.list_logs)


def _view(visit: Visit, there: Object) -> Mapping[str, Any]:
    path = operations.path_of(there.resource.read, there.parameters)
    return {"changes": list(_changes(visit, path)), "looked_through": LOOKED_THROUGH}


def _changes(visit: Visit, path: str) -> Iterator[Change]:
    tenant = visit.work.tenant_id
    newest = (
        select(LogEntry.log_id)
        .where(LogEntry.tenant_id == tenant, LogEntry.type.in_([str(ApiLog.DONE.value), str(ApiLog.REFUSED.value)]))
        .order_by(LogEntry.log_id.desc())
        .limit(LOOKED_THROUGH)
        .subquery()
    )
    where = json_member(LogEntry.rest, "details", "request", "path")
    statement = (
        select(LogEntry)
        .where(
            LogEntry.tenant_id == tenant,
            LogEntry.log_id.in_(select(newest.c.log_id)),
            or_(where == path, where.startswith(f"{path}/", autoescape=True)),
        )
        .order_by(LogEntry.log_id.desc())
        .limit(SHOWN)
    )
    for row in visit.work.rows.scalars(statement):
        details = row.rest.get("details") or {}
        asked = details.get("request") or {}
        yield Change(
            row.log_id,
            row.date,
            row.description or "",
            _who(row, asked),
            str(asked.get("channel") or "api"),
            row.ip or "",
            row.type == str(ApiLog.DONE.value),
            list(_members(details, asked)),
        )


def _who(row: LogEntry, asked: Mapping[str, Any]) -> str:
    user = ((asked.get("auth") or {}).get("user") or {}).get("name")
    return str(user or row.user_name or row.user_id or row.client_id or "")


def _members(details: Mapping[str, Any], asked: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """What changed; of entries that do not say it, what was sent."""
    changes = details.get("changes")
    if isinstance(changes, Mapping):
        for name, change in changes.items():
            if isinstance(change, Mapping):
                yield name, _text(change.get("old")), _text(change.get("new"))
        return
    body = asked.get("body")
    for name, value in body.items() if isinstance(body, Mapping) else ():
        yield name, "", _text(value)


def _text(value: Any) -> str:
    from idp.admin.desk.form import pretty

    return value if isinstance(value, str) else "" if value is None else pretty(value)
