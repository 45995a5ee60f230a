"""What the worker says about a job on its way. Each step is one conditional UPDATE in the transaction that does the
work: a worker that came back late, after another one had taken over, changes nothing (security.md RL6).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import bindparam, func, select, update

from idp.directory.bulk.models import Job as J
from idp.foundation.db.hot import Statement
from idp.foundation.db.typed_rows import Json
from idp.foundation.kernel import clock
from idp.foundation.tenancy.work import Work

PENDING, PROCESSING, COMPLETED, FAILED = "pending", "processing", "completed", "failed"
CANCELLED = "cancelled"
ACTIVE = (PENDING, PROCESSING)
MOST_FAILURE_TEXT = 300


class Running(msgspec.Struct, frozen=True):
    """A job as its worker needs it."""

    id: str
    type: str
    status: str
    connection_id: str | None
    document: Json[dict[str, Any]]
    position: int
    cursor: str | None
    parts: int
    total: int
    inserted: int
    updated: int
    failed: int
    created_at: int


@dataclass(frozen=True)
class Step:
    """What one transaction has done: the rows that are behind it now, and what became of them."""

    position: int
    inserted: int = 0
    updated: int = 0
    failed: int = 0
    cursor: str | None = None
    parts: int = 0
    percentage: int = 0


class TakenOver(Exception):
    """Another worker goes on with this job."""


_MINE = (J.tenant_id == bindparam("tenant"), J.id == bindparam("job"))
_LOAD = Statement(
    "job_running", select(*(getattr(J, name) for name in Running.__struct_fields__)).where(*_MINE), row=Running
)
_BEGIN = Statement(
    "job_begin",
    update(J)
    .where(*_MINE, J.finished_at.is_(None))
    .values(status=PROCESSING, started_at=func.coalesce(J.started_at, bindparam("now"))),
)
_MOVE = Statement(
    "job_move",
    update(J)
    .where(*_MINE, J.status == PROCESSING, J.position == bindparam("before"), J.parts == bindparam("parts_before"))
    .values(
        position=bindparam("position"),
        cursor=bindparam("cursor"),
        parts=J.parts + bindparam("parts"),
        percentage=bindparam("percentage"),
        inserted=J.inserted + bindparam("inserted"),
        updated=J.updated + bindparam("updated"),
        failed=J.failed + bindparam("failed"),
    ),
)
_END = Statement(
    "job_end",
    update(J)
    .where(*_MINE, J.finished_at.is_(None), J.position == bindparam("position"))
    .values(
        status=bindparam("status"),
        failure=bindparam("failure"),
        total=bindparam("total"),
        percentage=100,
        finished_at=bindparam("now"),
    ),
)


def load(work: Work, job_id: str) -> Running | None:
    """The job; None where there is none any more."""
    return work.hot.one(_LOAD, tenant=work.tenant_id, job=job_id)


def begin(work: Work, job_id: str) -> bool:
    """A worker is at it from now on; False where it has ended."""
    return work.hot.run(_BEGIN, tenant=work.tenant_id, job=job_id, now=clock.now_ms()) == 1


def move(work: Work, job: Running, step: Step) -> Running:
    """Take the step in the caller's transaction; answers the job as it is then.

    :raises TakenOver: the job is not where ``job`` says.
    """
    values = {name: getattr(step, name) for name in step.__dataclass_fields__}
    before = {"before": job.position, "parts_before": job.parts}
    if work.hot.run(_MOVE, tenant=work.tenant_id, job=job.id, **before, **values) != 1:
        raise TakenOver(job.id)
    return msgspec.structs.replace(
        job,
        position=step.position,
        cursor=step.cursor,
        parts=job.parts + step.parts,
        inserted=job.inserted + step.inserted,
        updated=job.updated + step.updated,
        failed=job.failed + step.failed,
    )


def end(work: Work, job: Running, *, total: int, failure: str | None = None) -> None:
    """The job has come to its end, in the caller's transaction.

    :raises TakenOver: the job is not where ``job`` says.
    """
    values = {"status": FAILED if failure else COMPLETED, "failure": failure and failure[:MOST_FAILURE_TEXT]}
    moment = clock.now_ms()
    ended = work.hot.run(
        _END, tenant=work.tenant_id, job=job.id, position=job.position, total=total, now=moment, **values
    )
    if ended != 1:
        raise TakenOver(job.id)
