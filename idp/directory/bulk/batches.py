"""Jobs that do one thing to many objects of a tenant: what is done to each is the business of whoever asks, the job
with its members, its steps and what failed is ours.

``document`` has ``resource``, ``action``, ``values`` of the action, ``by`` (who asked), and ``query`` with ``before``
where its members are found as it goes; else they are kept with it. What was changed is kept where somebody may want to
take it back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import bindparam, select, update

from idp.directory.bulk import limits, parts, progress, report, service
from idp.directory.bulk.models import Job, JobError
from idp.directory.bulk.progress import Running, Step
from idp.foundation.db.hot import Statement
from idp.foundation.db.insert_row import insert_row
from idp.foundation.kernel import clock
from idp.foundation.kernel.errors import Conflict
from idp.foundation.queue import outbox
from idp.foundation.tenancy.work import Work

BATCH = "batch"
_INSERT_ERROR = Statement("batch_error_insert", insert_row(JobError))
_CANCEL = Statement(
    "job_cancel",
    update(Job)
    .where(Job.tenant_id == bindparam("tenant"), Job.id == bindparam("job"), Job.finished_at.is_(None))
    .values(status=progress.CANCELLED, total=Job.position, finished_at=bindparam("now")),
)
_keys = msgspec.json.Decoder(list[str])


def ask(
    work: Work, task: str, document: Mapping[str, Any], keys: Sequence[str] | None, amount: int, *, delay_ms: int = 0
) -> Job:
    """A job for ``amount`` objects, named by ``keys`` or found by the query of ``document``; ``task`` does it, not
    before ``delay_ms``.

    :raises TooManyRequests: as many of the tenant are under way as may be.
    """
    with work.transaction():
        job = service.made(work, BATCH, {**document, "expected": amount})
        if keys is not None:
            parts.keep_file(work, job.id, parts.READ, msgspec.json.encode(list(keys)))
        outbox.put(work, task, {"job_id": job.id}, delay_ms=delay_ms)
    return job


def keys(work: Work, job_id: str) -> list[str]:
    """The objects that a job was asked for by name."""
    return _keys.decode(b"".join(parts.read(work, job_id, parts.READ)) or b"[]")


def changed(work: Work, job_id: str) -> list[str]:
    """The objects that a job has changed, as far as they are kept."""
    return [piece.decode() for piece in parts.read(work, job_id, parts.WRITTEN)]


def failed(work: Work, job: Job) -> list[str]:
    """The objects that it failed for."""
    documents = work.rows.scalars(select(JobError.document).where(JobError.job_id == job.id).order_by(JobError.row))
    return [str(each["user"]["id"]) for each in documents]


def done(work: Work, job: Running, key: str, cursor: str | None, *, changed: bool) -> Running:
    """One object is done, in the transaction that changed it.

    :raises TakenOver: another worker goes on with this job, or it was cancelled.
    """
    keeps = changed and bool(job.document.get("undo"))
    if keeps:
        parts.keep(work, job.id, parts.WRITTEN, job.parts, key.encode())
    step = Step(
        job.position + 1,
        inserted=int(changed),
        updated=int(not changed),
        cursor=cursor,
        parts=int(keeps),
        percentage=_percentage(job),
    )
    return progress.move(work, job, step)


def refused(work: Work, job: Running, key: str, cursor: str | None, code: str, message: str) -> Running:
    """One object could not be done, in a transaction of its own.

    :raises TakenOver: another worker goes on with this job, or it was cancelled.
    """
    document = {"user": {"id": key}, "errors": [{"code": code, "message": message}]}
    work.hot.run(
        _INSERT_ERROR,
        tenant_id=work.tenant_id,
        job_id=job.id,
        row=job.position,
        document=msgspec.json.encode(document).decode(),
        created_at=clock.now_ms(),
    )
    step = Step(job.position + 1, failed=1, cursor=cursor, percentage=_percentage(job))
    return progress.move(work, job, step)


def end(work: Work, job: Running, failure: str | None = None) -> None:
    """All of them are done, or nobody may go on.

    :raises TakenOver: another worker goes on with this job, or it was cancelled.
    """
    with work.transaction():
        progress.end(work, job, total=job.position, failure=failure)
        report.batch_ended(work, job, failure)


def over(job: Running) -> bool:
    """Whether it has had all the time there is for one."""
    return clock.now_ms() - job.created_at > limits.BATCH_ENDS_MS


def cancel(work: Work, job: Job) -> None:
    """Nothing more is done of a job of any kind; what is done stays.

    :raises Conflict: it has come to its end already.
    """
    with work.transaction():
        if work.hot.run(_CANCEL, tenant=work.tenant_id, job=job.id, now=clock.now_ms()) != 1:
            raise Conflict("The job has come to its end already.", "job_ended")
        if job.type != BATCH:
            parts.forget(work, job.id, parts.READ)
        report.cancelled(work, job)


def _percentage(job: Running) -> int:
    return min(99, (job.position + 1) * 100 // max(1, int(job.document.get("expected", 0))))
