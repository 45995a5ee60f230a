"""The end of the log as it is written (``/admin/monitoring/tail``): each request answers what came after the last entry
that was seen, so that nothing is shown twice and nothing is left out; no thread waits for news.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from idp.admin.desk.frame import Nothing, Shown, Visit
from idp.admin.desk.history import says, who
from idp.admin.desk.lists import object_path
from idp.admin.desk.resource import Resource
from idp.admin.logs import FAILED
from idp.admin.logs import RESOURCES as LOGS
from idp.foundation.kernel.errors import BadRequest
from idp.tenant.audit import api as logs
from idp.tenant.audit import searches
from idp.tenant.audit.log_ids import is_log_id
from idp.tenant.audit.models import LogEntry

MOST = 100
"""Entries of one answer."""
SHOWN = 25
"""Entries that it begins with."""
EVERY_S = 2
WITHOUT_SCRIPTS_S = 5
QUERY = 200


def page(visit: Visit, resource: Resource) -> Shown | Nothing:
    """The newest entries, or those behind ``?after=<log_id>``, the newest first."""
    work, after, query = visit.work, visit.query.get("after", ""), visit.query.get("q", "").strip()[:QUERY]
    problem = ""
    rows: Sequence[LogEntry] = ()
    try:
        rows = _rows(visit, query, after)
    except BadRequest as error:
        problem = error.message
    if is_log_id(after) and not rows and not problem:
        return Nothing()
    newest = rows[0].log_id if rows else after if is_log_id(after) else searches.newest(work.rows)
    return Shown(
        "admin/tail.html",
        visit.texts.t("tail.title"),
        {
            "resource": resource,
            "lines": [_line(visit, row) for row in rows],
            "q": query,
            "problem": problem,
            "more": visit.href(resource.path, after=newest, q=query or None),
            "whole": len(rows) == MOST,
            "every": EVERY_S * 1000,
            "href": visit.href(resource.path),
            "list": visit.href(LOGS[0].path, q=query or None),
            "refresh": 0 if problem else WITHOUT_SCRIPTS_S,
        },
        status=422 if problem else 200,
        current="monitoring/tail",
    )


def _rows(visit: Visit, query: str, after: str) -> Sequence[LogEntry]:
    work = visit.work
    if is_log_id(after):
        return searches.since(work.rows, query, work.config.host, after=after, limit=MOST)[::-1]
    return searches.before(work.rows, query, work.config.host, before="", limit=SHOWN, seconds=5.0)


def _line(visit: Visit, row: LogEntry) -> Mapping[str, Any]:
    return {
        "id": row.log_id,
        "href": visit.href(object_path(LOGS[0], row.log_id)),
        "says": says(row.type, row.description),
        "type": row.type,
        "failed": row.type in FAILED,
        "at": row.date,
        "who": who(row),
        "client": row.client_name or row.client_id or "",
        "ip": row.ip or "",
    }


RESOURCES = (
    Resource(
        group="monitoring",
        name="tail",
        read=logs.get_log,
        all=logs.list_logs,
        page=page,
        suggest=lambda _visit, _text, _most: (),
        aliases=("live", "tail", "Real-time logs"),
        api="",
    ),
)
