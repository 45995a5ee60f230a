"""Operations on jobs that the Management API does not have, run by the dashboard alone: every import, export and bulk
action with how far it is, and an end to it.
"""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Annotated, Any

from msgspec import UNSET, Meta, UnsetType
from sqlalchemy import select

from idp.directory.bulk import batches, log_exporting, progress, service
from idp.directory.bulk.api import LOOK
from idp.directory.bulk.batches import BATCH
from idp.directory.bulk.models import Job
from idp.directory.bulk.schemas import Format, Import, JobId
from idp.foundation.apikit import Api, Body, View
from idp.foundation.kernel import clock
from idp.foundation.kernel.errors import NotFound
from idp.foundation.kernel.formats import UserId
from idp.foundation.tenancy.work import Work

api = Api("jobs")
MOST = 100
_APART = frozenset({"by", "expected", "size", "connection", "user_ids", "oldest"})
"""What a job's document has beside what was asked for."""
_BY = (BATCH, service.LOG_EXPORT)
CHANGE = frozenset({"create:users", "update:users"})
OF_LOG = frozenset({"read:logs", "read:logs_users"})
MOST_NAMED = 100
"""People that an export names, which are ticked on one page."""


class DeskJob(View):
    """A job. Of one that does something to many, ``inserted`` is what it changed, ``updated`` what was so before."""

    id: str
    type: str
    status: str
    created_at: str
    started_at: str | None
    finished_at: str | None
    percentage: int
    expected: int
    position: int
    inserted: int
    updated: int
    failed: int
    failure: str | None
    connection: str | None
    asked: dict[str, Any]
    """What was asked for, without who asked and from where."""


def kinds(work: Work) -> Sequence[str]:
    """The kinds of jobs that whoever asks may see: those about people, those about the log."""
    of_people = (service.IMPORT, service.EXPORT, BATCH) if work.actor.has(*LOOK) else ()
    return (*of_people, *((service.LOG_EXPORT,) if work.actor.has(*OF_LOG) else ()))


def find(work: Work, job_id: str) -> Job:
    """One of them. Raises NotFound where there is none that whoever asks may see."""
    job = service.find(work, job_id, every=True)
    if job.type not in kinds(work):
        raise NotFound("The job does not exist.", "inexistent_job")
    return job


@api.get("/jobs", scopes=LOOK | OF_LOG, summary="Get jobs")
def list_jobs(work: Work) -> list[DeskJob]:
    """The newest of them, as far as anything is known."""
    newest = select(Job).where(Job.type.in_(kinds(work))).order_by(Job.created_at.desc(), Job.id.desc())
    return [view(row) for row in work.rows.scalars(newest.limit(MOST))]


@api.get("/jobs/{id}", scopes=LOOK | OF_LOG, summary="Get a job")
def get_job(work: Work, id: JobId) -> DeskJob:
    """One of them."""
    return view(find(work, id))


class ExportView(Body):
    """An export of everybody whom a list would show, or of those who are named."""

    format: Format = "json"
    query: Annotated[str, Meta(max_length=2_000)] = ""
    user_ids: Annotated[list[UserId], Meta(min_length=1, max_length=MOST_NAMED)] | UnsetType = UNSET


class LogExport(Body):
    """An export of the entries that a list of the log would show."""

    format: Format = "json"
    query: Annotated[str, Meta(max_length=4_000)] = ""


@api.post("/jobs/users-imports/check", scopes={"create:users"}, files=True, summary="Check a file of users")
def check_import(work: Work, body: Import) -> DeskJob:
    """A job that says what an import of the file would do; the file is kept with it for as long."""
    asked = {"upsert": body.upsert, "send_completion_email": False, "dry_run": True}
    return view(service.ask_import(work, body.connection_id, body.users, asked))


@api.post("/jobs/users-exports/view", scopes={"read:users"}, status=HTTPStatus.OK, summary="Export users of a list")
def export_view(work: Work, body: ExportView) -> DeskJob:
    """Export whom the query finds, or those who are named."""
    asked: dict[str, Any] = {"format": body.format, "query": body.query}
    if body.user_ids is not UNSET:
        asked = {"format": body.format, "limit": len(body.user_ids), "user_ids": body.user_ids}
    return view(service.ask_export(work, None, asked))


@api.post("/jobs/logs-exports", scopes=OF_LOG, status=HTTPStatus.OK, summary="Export entries of the log")
def export_logs(work: Work, body: LogExport) -> DeskJob:
    """Export what the query finds, the newest first."""
    return view(log_exporting.ask(work, body.format, body.query))


@api.post("/jobs/{id}/stop", scopes=OF_LOG, status=HTTPStatus.NO_CONTENT, summary="Cancel an export of the log")
def stop_export(work: Work, id: JobId) -> None:
    """No more of it is written, and there is no file."""
    job = find(work, id)
    if job.type != service.LOG_EXPORT:
        raise NotFound("The job does not exist.", "inexistent_job")
    batches.cancel(work, job)


@api.post("/jobs/{id}/cancel", scopes=CHANGE, status=HTTPStatus.NO_CONTENT, summary="Cancel a job")
def cancel_job(work: Work, id: JobId) -> None:
    """Nothing more is done of it; what is done stays."""
    batches.cancel(work, find(work, id))


def view(row: Job) -> DeskJob:
    """A job as the dashboard shows it."""
    document = row.document
    kept = {name: value for name, value in document.items() if name not in _APART}
    ended = row.finished_at is not None
    return DeskJob(
        id=row.id,
        type=row.type,
        status=service.status(row),
        created_at=clock.iso(row.created_at),
        started_at=_moment(row.started_at),
        finished_at=_moment(row.finished_at),
        percentage=100 if ended and row.status == progress.COMPLETED else row.percentage,
        expected=int(document.get("expected", 0)),
        position=row.position,
        inserted=row.inserted,
        updated=row.updated,
        failed=row.failed,
        failure=row.failure,
        connection=document.get("connection"),
        asked={**kept, "by": document.get("by", {}).get("name") or None} if row.type in _BY else kept,
    )


def _moment(at: int | None) -> str | None:
    return None if at is None else clock.iso(at)
