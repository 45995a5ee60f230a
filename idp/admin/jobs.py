"""Jobs (``/admin/monitoring/jobs``): imports, exports, and what is done to many at once, with how far each is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from sqlalchemy import select

from idp.admin import jobs_api, navigation
from idp.admin.desk import bulk as bulks
from idp.admin.desk import operations
from idp.admin.desk.doing import by
from idp.admin.desk.frame import File, Visit
from idp.admin.desk.objects import Object
from idp.admin.desk.resource import Action, Bulk, Cell, Column, Document, Done, Filter, Listing, Resource, Tab
from idp.directory.bulk import api as jobs
from idp.directory.bulk import batches, limits, links, parts, progress, service
from idp.directory.bulk.models import Job, JobError
from idp.foundation.kernel.errors import Conflict, Forbidden

SHOWN = 20
"""Refused rows on the page; the file has all of them."""
KINDS = (service.IMPORT, service.EXPORT, batches.BATCH, service.LOG_EXPORT)
STATES = (progress.PENDING, progress.PROCESSING, progress.COMPLETED, progress.FAILED, progress.CANCELLED)


def _state(row: Job) -> Cell:
    status = service.status(row)
    good = {progress.COMPLETED: True, progress.FAILED: False}.get(status)
    return Cell(status, "state", good=good)


def _kind(document: Document) -> str:
    return "check" if document["asked"].get("dry_run") else str(document["type"])


def _title(visit: Visit, document: Document) -> str:
    """What the job is about, in words."""
    if document["type"] == batches.BATCH:
        asked = document["asked"]
        return visit.texts.known(f"{asked['resource']}.bulk.{asked['action']}", str(asked["action"]))
    return visit.texts.t(f"jobs.kind.{_kind(document)}")


def _active(document: Document) -> bool:
    return document["status"] in progress.ACTIVE


def _details(visit: Visit, there: Object) -> Mapping[str, Any]:
    document = there.document
    errors = visit.work.rows.scalars(
        select(JobError).where(JobError.job_id == there.id).order_by(JobError.row).limit(SHOWN)
    )
    shown = [_refused(row) for row in errors]
    percentage = document["percentage"] if _active(document) else 100
    return {
        "about": _title(visit, document),
        "kind": _kind(document),
        "active": _active(document),
        "percentage": percentage,
        "errors": shown,
        "errors_file": visit.href(there.path("errors")),
        "back": visit.href(_back(document)),
        "refresh": 3 if _active(document) else 0,
    }


def _back(document: Document) -> str:
    if document["type"] == service.LOG_EXPORT:
        return "/admin/monitoring/logs"
    resource = navigation.named(str(document["asked"].get("resource", "users")))
    return resource.path if resource is not None else "/admin/users"


def _refused(row: JobError) -> Mapping[str, Any]:
    said = row.document.get("user") or {}
    name = said.get("email") or said.get("username") or said.get("id") or said.get("user_id") or ""
    return {"row": row.row + 1, "name": str(name), "errors": row.document.get("errors") or ()}


def _errors_file(visit: Visit, there: Object) -> File:
    """Every refused row, one a line, without secrets."""
    rows = visit.work.rows.scalars(select(JobError).where(JobError.job_id == there.id).order_by(JobError.row))
    lines = [msgspec.json.encode({"row": row.row + 1, **row.document}) + b"\n" for row in rows]
    return File(f"{there.id}-errors.ndjson", b"".join(lines))


# ---- what is done with one
def _cancel(visit: Visit, there: Object) -> None:
    operations.call(visit.work, jobs_api.cancel_job, there.parameters)


def _bulk_of(document: Document) -> Bulk | None:
    asked = document["asked"]
    resource = navigation.named(str(asked.get("resource", "")))
    return resource.bulk.action(str(asked["action"])) if resource is not None and resource.bulk is not None else None


def _is_fresh(document: Document) -> bool:
    """Doing it again wants what doing it wanted."""
    action = _bulk_of(document)
    return action is not None and action.fresh


def _can_be_undone(document: Document) -> bool:
    ended = document["type"] == batches.BATCH and not _active(document)
    return ended and bool(document["asked"].get("undo")) and document["inserted"] > 0


def _has_failed(document: Document) -> bool:
    return document["type"] == batches.BATCH and not _active(document) and document["failed"] > 0


def _again(visit: Visit, there: Object, action: Bulk, name: str, keys: list[str]) -> Done:
    """The same, or what takes it back, for these objects."""
    operations.refuse_without_right(visit.work, action.operation)
    asked = {each: there.document["asked"][each] for each in ("resource", "value") if each in there.document["asked"]}
    document = {**asked, "action": name, "by": bulks.by(visit), "undo": len(keys) <= limits.MOST_TAKEN_BACK}
    job_id = bulks.begun(visit, document, keys, len(keys))
    return Done("jobs.done.begun", href=visit.href(f"{bulks.JOBS}/{job_id}", done="jobs.done.begun"))


def _undo(visit: Visit, there: Object) -> Done:
    action = _bulk_of(there.document)
    keys = batches.changed(visit.work, there.id)
    if action is None or not action.undo or not keys or len(keys) > limits.MOST_TAKEN_BACK:
        raise Conflict("Nothing of it can be taken back.", "no_undo")
    return _again(visit, there, action, action.undo, keys)


def _retry(visit: Visit, there: Object) -> Done:
    action = _bulk_of(there.document)
    keys = batches.failed(visit.work, service.find(visit.work, there.id, every=True))
    if action is None or not keys:
        raise Conflict("Nothing of it failed.", "nothing_failed")
    if bulks.is_too_much(visit, action, len(keys)):
        raise Forbidden(visit.texts.t("frame.bulk.tooMany", count=limits.MOST_DELETED), "too_many")
    return _again(visit, there, action, action.name, keys)


def _import(visit: Visit, there: Object) -> Done:
    """Import the file that was checked: what was wrong with it is left out again."""
    job = service.find(visit.work, there.id, every=True)
    file = b"".join(parts.read(visit.work, there.id, parts.READ))
    given = {
        "users": file,
        "connection_id": job.connection_id or "",
        "upsert": "true" if job.document.get("upsert") else "false",
        "send_completion_email": "false",
    }
    made = operations.call(visit.work, jobs.import_users, parts=given)
    return Done("jobs.done.begun", href=visit.href(f"{bulks.JOBS}/{made['id']}", done="jobs.done.begun"))


def _download(visit: Visit, there: Object) -> Done:
    job = service.find(visit.work, there.id, every=True)
    return Done("", href=links.address(visit.work, job))


def _is_checked(document: Document) -> bool:
    checked = _kind(document) == "check" and document["status"] == progress.COMPLETED
    return checked and bool(document["inserted"] or document["updated"])


def _is_ready(kind: str) -> Callable[[Document], bool]:
    return lambda document: bool(document["type"] == kind) and document["status"] == progress.COMPLETED


def _of_log(document: Document) -> bool:
    return bool(document["type"] == service.LOG_EXPORT)


RESOURCES = (
    Resource(
        group="monitoring",
        name="jobs",
        read=jobs_api.get_job,
        all=jobs_api.list_jobs,
        title=lambda document: str(document["id"]),
        listing=Listing(
            Job,
            Job.id,
            (
                Column("id", lambda row: Cell(row.id)),
                Column("type", lambda row: Cell("check" if row.document.get("dry_run") else row.type, "state")),
                Column("status", _state),
                Column("done", lambda row: Cell(f"{row.position:,}", "number")),
                Column("failed", lambda row: Cell(f"{row.failed:,}", "number")),
                Column("by", lambda row: Cell((row.document.get("by") or {}).get("name", "")), optional=True),
                Column("created_at", lambda row: Cell(kind="time", at=row.created_at), sort=Job.created_at),
            ),
            order="-created_at",
            to_the_minute=True,
            title="id",
            mine=lambda work: (Job.type.in_(jobs_api.kinds(work)),),
            filters=(
                Filter("type", KINDS, lambda value: Job.type == value),
                Filter("status", STATES, lambda value: Job.status == value),
            ),
        ),
        suggest=lambda _visit, _text, _most: (),
        tabs=(Tab("details", template="admin/jobs/details.html", view=_details),),
        actions=(
            Action("import", jobs.import_users, _import, first=True, when=_is_checked),
            Action("download", jobs.export_users, _download, fresh=True, first=True, when=_is_ready(service.EXPORT)),
            Action(
                "download-log",
                jobs_api.export_logs,
                _download,
                fresh=True,
                first=True,
                when=_is_ready(service.LOG_EXPORT),
            ),
            Action("undo", jobs_api.cancel_job, _undo, when=_can_be_undone),
            Action("retry", jobs_api.cancel_job, _retry, fresh=_is_fresh, when=_has_failed),
            Action("cancel", jobs_api.cancel_job, _cancel, when=lambda each: _active(each) and not _of_log(each)),
            Action(
                "stop",
                jobs_api.stop_export,
                by(jobs_api.stop_export),
                when=lambda each: _active(each) and _of_log(each),
            ),
        ),
        files={"errors": _errors_file},
        aliases=("job", "imports", "exports", "Import / Export"),
        api="jobs",
    ),
)
