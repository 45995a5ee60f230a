"""Exports of the log: what a search finds, from the moment it was asked for back to the first entry, a piece of the
file with each step (:mod:`.writing`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import func, select

from idp.directory.bulk import columns, limits, report, service, writing
from idp.directory.bulk.columns import Field
from idp.directory.bulk.models import Job
from idp.directory.bulk.progress import Running
from idp.directory.bulk.writing import Export, Piece
from idp.foundation.queue import outbox
from idp.foundation.tenancy.work import Work
from idp.tenant.audit import searches
from idp.tenant.audit.api import log_view
from idp.tenant.audit.log_ids import PER_MS, log_id
from idp.tenant.audit.models import LogEntry

TASK = "bulk.log_export"
BATCH = 500
"""Entries in one piece."""
SECONDS = 10.0
"""That one piece is searched for: it ends within the lease of the lane."""
MEMBERS = (
    "date",
    "type",
    "description",
    "user_id",
    "user_name",
    "client_id",
    "client_name",
    "connection",
    "connection_id",
    "strategy",
    "strategy_type",
    "ip",
    "user_agent",
    "hostname",
    "audience",
    "scope",
    "log_id",
    "details",
)
FIELDS = [Field(name, name) for name in MEMBERS]


def ask(work: Work, format_: str, query: str) -> Job:
    """Have the entries exported that ``query`` finds (all of them without one), the newest first.

    :raises BadRequest: ``invalid_query_string``.
    :raises TooManyRequests: as many exports of the tenant's log are under way as may be.
    """
    with work.transaction():
        searches.before(work.rows, query, work.config.own_host, before=log_id(0), limit=1, seconds=SECONDS)
        oldest = work.rows.scalar(select(func.min(LogEntry.log_id)).where(LogEntry.tenant_id == work.tenant_id))
        document = {"format": format_, "query": query, "oldest": oldest or "", **service.asked_by(work)}
        job = service.made(work, service.LOG_EXPORT, document)
        outbox.put(work, TASK, {"job_id": job.id})
    return job


def work_on(work: Work, payload: dict[str, Any]) -> None:
    """The task of such an export (:func:`.writing.work_on`)."""
    writing.work_on(work, payload, Export(TASK, _piece, report.log_exported, report.log_export_failed))


def _piece(work: Work, job: Running) -> Piece:
    found = _batch(work, job, min(BATCH, limits.MOST_LOG_ENTRIES - job.position))
    format_ = str(job.document.get("format", columns.JSON))
    last = found[-1].log_id if found else job.cursor
    return Piece(
        columns.written(FIELDS, _documents(work, found), format_, head=job.parts == 0),
        len(found),
        last,
        _percentage(job, last),
        last=len(found) < BATCH,
    )


def _batch(work: Work, job: Running, amount: int) -> Sequence[LogEntry]:
    """The next entries behind the last one; what is written while it runs is none of them."""
    if amount <= 0:
        return []
    before = job.cursor or log_id((job.created_at + 1) * PER_MS)
    query = str(job.document.get("query", ""))
    return searches.before(work.rows, query, work.config.own_host, before=before, limit=amount, seconds=SECONDS)


def _documents(work: Work, rows: Sequence[LogEntry]) -> list[Mapping[str, Any]]:
    return [msgspec.to_builtins(log_view(work, row)) for row in rows]


def _percentage(job: Running, last: str | None) -> int:
    """How much of the time is behind it that the log goes back."""
    newest, oldest = job.created_at * PER_MS, int(job.document.get("oldest") or 0)
    at = int(last) if last else newest
    return max(0, min(99, (newest - at) * 100 // max(1, newest - oldest)))
