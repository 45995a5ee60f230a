"""Who is told that a job has come to its end: the log, and by mail the tenant's owner, where the job asked for it."""

from __future__ import annotations

from idp.directory.bulk.log_types import BulkLog
from idp.directory.bulk.models import Job
from idp.directory.bulk.progress import Running
from idp.foundation.tenancy.work import Work
from idp.tenant.audit import log
from idp.tenant.mail import service as mail


def imported(work: Work, job: Running) -> None:
    """An import is done."""
    summary = {"failed": job.failed, "updated": job.updated, "inserted": job.inserted, "total": job.position}
    _log(work, BulkLog.IMPORTED, job, summary=summary)
    _mail(work, job, **summary)


def import_failed(work: Work, job: Running, why: str) -> None:
    """An import ended before its file did."""
    _log(work, BulkLog.IMPORT_FAILED, job, reason=why)
    _mail(work, job, reason=why)


def exported(work: Work, job: Running) -> None:
    """An export is ready."""
    _log(work, BulkLog.EXPORTED, job, total=job.position)


def export_failed(work: Work, job: Running, why: str) -> None:
    """An export ended before all users were in it."""
    _log(work, BulkLog.EXPORT_FAILED, job, reason=why)


def log_exported(work: Work, job: Running) -> None:
    """An export of the log is ready."""
    _of_log(work, BulkLog.LOG_EXPORTED, job, total=job.position)


def log_export_failed(work: Work, job: Running, why: str) -> None:
    """An export of the log ended before all entries were in it."""
    _of_log(work, BulkLog.LOG_EXPORT_FAILED, job, reason=why)


def _of_log(work: Work, kind: BulkLog, job: Running, **details: object) -> None:
    """It stands among what the person did who asked for it."""
    by = job.document.get("by") or {}
    about = {"id": job.id, **{name: job.document.get(name) for name in ("query", "format")}, **details}
    log.write(work, kind, user_id=by.get("user_id"), user_name=by.get("name"), details={"job": about})


def batch_ended(work: Work, job: Running, failure: str | None) -> None:
    """A job that does one thing to many has come to its end."""
    numbers = {"changed": job.inserted, "unchanged": job.updated, "failed": job.failed, "total": job.position}
    asked = {name: job.document.get(name) for name in ("resource", "action", "by")}
    kind = BulkLog.BATCH_FAILED if failure else BulkLog.BATCH
    _log(work, kind, job, **asked, summary=numbers, **({"reason": failure} if failure else {}))


def cancelled(work: Work, job: Job) -> None:
    """Somebody cancelled a job."""
    about = {"id": job.id, "type": job.type, "done": job.position}
    actor = work.actor
    log.write(
        work,
        BulkLog.CANCELLED,
        user_id=actor.user_id,
        client_id=actor.client_id or None,
        connection_id=job.connection_id,
        details={"job": about},
    )


def _log(work: Work, kind: BulkLog, job: Running, **details: object) -> None:
    about = {"id": job.id, "external_id": job.document.get("external_id"), **details}
    log.write(work, kind, connection_id=job.connection_id, details={"job": about})


def _mail(work: Work, job: Running, **facts: object) -> None:
    if not job.document.get("send_completion_email"):
        return
    to = work.platform.settings.admin_email
    said = dict.fromkeys(("reason", "inserted", "updated", "failed", "total"), "") | {
        name: str(value) for name, value in facts.items()
    }
    context = {"email": to, "connection": job.document.get("connection", ""), "job_id": job.id, **said}
    mail.send(work, "import_done", to, mail.TENANTS_LANGUAGE, **context)
