"""The history tab: what was changed of an object, by whom, from where, and from what to what."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from idp.admin.desk import operations, restoring
from idp.admin.desk.frame import Visit
from idp.admin.desk.resource import Tab
from idp.foundation.kernel.log_types import LogType
from idp.tenant.audit import api as logs
from idp.tenant.audit import writes
from idp.tenant.audit.log_types import ApiLog
from idp.tenant.audit.models import LogEntry

if TYPE_CHECKING:
    from idp.admin.desk.objects import Object

NAME = "history"
SHOWN = 50
"""Entries, the newest first."""

DOCUMENT = "document"
"""The column of rows that are documents."""
WRITES = frozenset({ApiLog.DONE.value, ApiLog.REFUSED.value})


@cache
def _kinds() -> Mapping[str, str]:
    """What each type of entry says, of every feature of this process."""
    return {kind.value: kind.description for types in LogType.__subclasses__() for kind in types}


def says(kind: str, otherwise: str | None = None) -> str:
    """An entry of the log in words: those of its type, or its own where its type says no more than that something was
    changed.
    """
    return (otherwise if kind == ApiLog.DONE.value else "") or _kinds().get(kind) or otherwise or kind


@dataclass(frozen=True)
class Change:
    """One entry of the log."""

    log_id: str
    at: int
    what: str
    who: str
    channel: str
    """From where an administrator asked; empty for what somebody did themselves."""
    ip: str
    refused: bool
    members: Sequence[tuple[str, str, str, str]]
    """Path, the field of the object that it is, old and new value."""
    restore: str = ""
    """Where a form is filled in with the old ones."""


def tab() -> Tab:
    """The tab."""
    return Tab(NAME, template="admin/history.html", view=_view, needs=logs.list_logs)


@dataclass(frozen=True)
class Latest:
    """Who changed something last, and when (ms)."""

    at: int
    who: str
    href: str


def latest(visit: Visit, there: Object) -> Latest | None:
    """The last change of an object by an administrator, for whoever may read the log."""
    if there.resource.tab(NAME) is None or not operations.may(visit.work, logs.list_logs):
        return None
    rows = _rows(visit, there, 1)
    if not rows:
        return None
    return Latest(rows[0].date, _who(rows[0]), visit.href(there.path("history")))


def _view(visit: Visit, there: Object) -> Mapping[str, Any]:
    kind, _ = restoring.recorded(visit, there)
    of = there.id if kind == "users" else None
    return {"changes": list(_changes(visit, there, _rows(visit, there, SHOWN, of)))}


def _rows(visit: Visit, there: Object, limit: int, of: str | None = None) -> Sequence[LogEntry]:
    """Entries about the object, newest first; of a part of something those among the last ones that changed it."""
    kind, key = restoring.recorded(visit, there)
    part, beside = there.resource.part, there.resource.beside(there.id)
    rows = writes.history(visit.work, kind, key, limit=SHOWN if part else limit, of=of, beside=beside)
    return [each for each in rows if _changes_part(each, part)][:limit] if part else rows


def _changes_part(row: LogEntry, part: Sequence[str]) -> bool:
    changes = (row.rest.get("details") or {}).get("changes")
    return isinstance(changes, Mapping) and any(_within(name, part) is not None for name in changes)


def _within(name: str, part: Sequence[str]) -> str | None:
    """The path below the part that it is of; None where it is of none."""
    return next((f"{name}."[len(each) + 1 : -1] for each in part if f"{name}.".startswith(f"{each}.")), None)


def _changes(visit: Visit, there: Object, rows: Sequence[LogEntry]) -> Iterator[Change]:
    about = writes.name_of(*restoring.recorded(visit, there))
    for row in rows:
        details = row.rest.get("details") or {}
        asked = details.get("request") or {}
        yield Change(
            row.log_id,
            row.date,
            (row.description if row.type in WRITES else "") or says(row.type, row.description),
            _who(row),
            str(asked.get("channel") or "api") if row.type in WRITES else "",
            row.ip or "",
            row.type == ApiLog.REFUSED.value,
            list(_members(details, asked, there.resource.part)),
            restoring.href(visit, there, row) if row.object == about and row.type == ApiLog.DONE.value else "",
        )


def who(row: LogEntry) -> str:
    """What the person of an entry is called: an administrator by the name that the entry has of the request, anybody
    by their name, or else by their ID; empty where there is none.
    """
    asked = (row.rest.get("details") or {}).get("request") or {}
    user = ((asked.get("auth") or {}).get("user") or {}).get("name")
    return str(user or row.user_name or row.user_id or "")


def _who(row: LogEntry) -> str:
    return who(row) or str(row.client_name or row.client_id or "")


def _members(
    details: Mapping[str, Any], asked: Mapping[str, Any], part: Sequence[str]
) -> Iterator[tuple[str, str, str, str]]:
    """What changed; of entries that do not say it, what was sent."""
    changes = details.get("changes")
    if isinstance(changes, Mapping):
        for name, change in changes.items():
            if isinstance(change, Mapping):
                yield name, _within(name, (*part, DOCUMENT)) or name, _text(change.get("old")), _text(change.get("new"))
        return
    body = asked.get("body")
    for name, value in body.items() if isinstance(body, Mapping) else ():
        yield name, name, "", _text(value)


def _text(value: Any) -> str:
    from idp.admin.desk.form import pretty

    return value if isinstance(value, str) else "" if value is None else pretty(value)
