"""``/jobs``."""

from __future__ import annotations

from http import HTTPStatus

import msgspec

from idp.directory.bulk import links, progress, service
from idp.directory.bulk.models import Job
from idp.directory.bulk.schemas import (
    Export,
    FieldView,
    Import,
    JobId,
    JobView,
    RowErrors,
    Summary,
    VerificationEmail,
)
from idp.foundation.apikit import Api, as_view, changes
from idp.foundation.kernel import clock
from idp.foundation.tenancy.work import Work

api = Api("jobs")
_SAID = ("connection", "upsert", "external_id", "send_completion_email", "format", "limit")
LOOK = frozenset({"create:users", "read:users"})


@api.post(
    "/jobs/users-imports",
    scopes={"create:users"},
    status=HTTPStatus.ACCEPTED,
    files=True,
    summary="Create import users job",
)
def import_users(work: Work, body: Import) -> JobView:
    """Import users from a file; the answer comes before the work."""
    asked = {name: value for name, value in changes(body).items() if name not in {"users", "connection_id"}}
    said = {**asked, "upsert": body.upsert, "send_completion_email": body.send_completion_email}
    return _view(work, service.ask_import(work, body.connection_id, body.users, said))


@api.post("/jobs/users-exports", scopes={"read:users"}, status=HTTPStatus.OK, summary="Create export users job")
def export_users(work: Work, body: Export) -> JobView:
    """Export users to a file; the answer comes before the work."""
    asked = changes(body)
    return _view(work, service.ask_export(work, asked.pop("connection_id", None), asked))


@api.post("/jobs/verification-email", scopes={"update:users"}, summary="Send an email address verification email")
def send_verification(work: Work, body: VerificationEmail) -> JobView:
    """Have the mail sent that proves a user's address."""
    job = service.ask_verification(work, **changes(body))
    return JobView(id=job.id, type=job.type, status=progress.PENDING, created_at=clock.iso(job.created_at))


@api.get("/jobs/{id}", scopes=LOOK, summary="Get a job")
def get_job(work: Work, id: JobId) -> JobView:
    """One job; an export that is ready says where it is, for a minute."""
    return _view(work, service.find(work, id))


@api.get("/jobs/{id}/errors", scopes=LOOK, summary="Get job error details")
def get_job_errors(work: Work, id: JobId) -> list[RowErrors] | JobView | None:
    """Why rows were refused; the job itself where it failed as a whole, nothing where nothing was wrong."""
    job = service.find(work, id)
    if service.status(job) == progress.FAILED:
        return _view(work, job)
    found = [msgspec.convert(each, RowErrors) for each in service.errors(work, job)]
    return found or None


def _view(work: Work, job: Job) -> JobView:
    status = service.status(job)
    members = {
        "id": job.id,
        "type": job.type,
        "status": status,
        "created_at": clock.iso(job.created_at),
        **({"connection_id": job.connection_id} if job.connection_id else {}),
        **{name: job.document[name] for name in _SAID if name in job.document},
        **(
            {"fields": [msgspec.convert(each, FieldView) for each in job.document["fields"]]}
            if job.document.get("fields")
            else {}
        ),
    }
    if status == progress.PROCESSING:
        members |= {"percentage_done": job.percentage, "time_left_seconds": _seconds_left(job)}
    elif status == progress.FAILED:
        members["status_details"] = job.failure or "The job took too long"
    elif job.finished_at is not None and job.type == service.IMPORT:
        members["percentage_done"] = 100
        members["summary"] = Summary(failed=job.failed, updated=job.updated, inserted=job.inserted, total=job.total)
    elif job.finished_at is not None and job.type == service.EXPORT:
        members |= {"percentage_done": 100, "location": links.address(work, job)}
    return as_view(JobView, msgspec.to_builtins(members))


def _seconds_left(job: Job) -> int:
    """As long again as it took so far, for what is missing."""
    since = (clock.now_ms() - (job.started_at or job.created_at)) // 1000
    return int(since * (100 - job.percentage) // max(1, job.percentage))
