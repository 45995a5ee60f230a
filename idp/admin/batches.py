"""Does what was asked for many objects (:mod:`idp.directory.bulk.batches`): one operation of the Management API after
the other, each in one commit with the step of its job, with the rights that whoever asked has at that moment.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from idp.admin import navigation, rights
from idp.admin.desk import operations
from idp.admin.desk.resource import Bulk, Bulks
from idp.directory.bulk import batches, limits, progress
from idp.directory.bulk.progress import Running, TakenOver
from idp.foundation.kernel.errors import GatehouseError, StoreUnavailable
from idp.foundation.queue import outbox
from idp.foundation.tenancy.work import Work

TASK = "admin.batch"
AT_ONCE = 25
"""So many are done before the page answers."""
WAITS_MS = 10_000
"""When the worker looks whether that was done."""
PIECE = 50
"""Ids that are read at a time."""
GONE = "Whoever asked for it is no administrator any more"


@dataclass(frozen=True)
class Batch:
    """A job with what it does."""

    job: Running
    bulks: Bulks
    action: Bulk

    @property
    def value(self) -> str:
        """What was chosen, where the action has choices."""
        return str(self.job.document.get("value", ""))


def work_on(work: Work, payload: dict[str, Any]) -> None:
    """The task: some of a job, and the rest later."""
    job = progress.load(work, str(payload["job_id"]))
    if job is not None and progress.begin(work, job.id):
        run(work, job, seconds=limits.SLICE_S)


def run(work: Work, job: Running, *, seconds: float) -> None:
    """Do the job for so long; what is left is asked for in the transaction of the last object."""
    by: Mapping[str, str] = job.document["by"]
    actor = rights.later(work, by["user_id"], by.get("name"))
    batch = _batch(job)
    try:
        if actor is None or batch is None or batches.over(job):
            why = GONE if actor is None else "There is no such action any more" if batch is None else "It took too long"
            batches.end(work, job, why)
            return
        work.actor, work.ip, work.user_agent = actor, by.get("ip", ""), by.get("user_agent", "")
        _some(work, batch, time.monotonic() + seconds)
    except TakenOver:
        return


def _batch(job: Running) -> Batch | None:
    resource = navigation.named(str(job.document["resource"]))
    bulks = resource.bulk if resource is not None else None
    action = bulks.action(str(job.document["action"])) if bulks is not None else None
    return None if bulks is None or action is None else Batch(job, bulks, action)


def _some(work: Work, batch: Batch, until: float) -> None:
    job = batch.job
    named = None if "query" in job.document else batches.keys(work, job.id)
    while True:
        keys = _next(work, batch.bulks, job, named)
        if not keys:
            batches.end(work, job)
            return
        for key in keys:
            later = time.monotonic() > until
            job = _one(work, batch, job, key, later=later)
            if later:
                return


def _next(work: Work, bulks: Bulks, job: Running, named: Sequence[str] | None) -> Sequence[str]:
    if named is not None:
        return named[job.position : job.position + PIECE]
    document = job.document
    return bulks.walk(work, str(document["query"]), int(document["before"]), job.cursor or "", PIECE)


def _one(work: Work, batch: Batch, job: Running, key: str, *, later: bool) -> Running:
    """One object: done, as it should be already, or refused."""
    moved: list[Running] = []

    def step(*, changed: bool) -> None:
        moved.append(batches.done(work, job, key, key, changed=changed))
        _ask_again(work, job, later=later)

    try:
        if batch.action.needed(work, key, batch.value):
            params, body = batch.action.asked(key, batch.value)
            operations.call(work, batch.action.operation, params, body, beside=partial(step, changed=True))
        else:
            with work.transaction():
                step(changed=False)
    except StoreUnavailable:
        raise  # the task is tried again, and goes on here
    except GatehouseError as error:
        with work.transaction():
            code = str(getattr(error, "error_code", None) or "refused")
            moved = [batches.refused(work, job, key, key, code, error.message)]
            _ask_again(work, job, later=later)
    work.rows.expunge_all()
    return moved[-1]


def _ask_again(work: Work, job: Running, *, later: bool) -> None:
    if later:
        outbox.put(work, TASK, {"job_id": job.id})
