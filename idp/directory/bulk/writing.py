"""How a file is written by a job, a piece of it with each step. The pieces are gzip members of their own (RFC 1952
2.2), so that a worker that takes over goes on behind the last one that was committed.
"""

from __future__ import annotations

import gzip
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from idp.directory.bulk import limits, parts, progress
from idp.directory.bulk.progress import Running, Step, TakenOver
from idp.foundation.kernel import clock
from idp.foundation.queue import outbox
from idp.foundation.tenancy.work import Work


@dataclass(frozen=True)
class Piece:
    """The next of a file: its content, how many rows that are, where the next one begins (``cursor``), how far it is
    then (0 to 99), and whether it is the last one.
    """

    content: bytes
    amount: int
    cursor: str | None
    percentage: int
    last: bool


@dataclass(frozen=True)
class Export:
    """A kind of file: the ``task`` that goes on with it, its next ``piece``, and what the log is told of its end."""

    task: str
    piece: Callable[[Work, Running], Piece]
    exported: Callable[[Work, Running], None]
    failed: Callable[[Work, Running, str], None]


def work_on(work: Work, payload: dict[str, Any], export: Export) -> None:
    """Write some of it, and ask for the rest in the transaction of the last piece."""
    job = progress.load(work, str(payload["job_id"]))
    if job is None or not progress.begin(work, job.id):
        return
    try:
        if clock.now_ms() - job.created_at > limits.EXPORT_ENDS_MS:
            _fail(work, job, export, "The export took longer than eight hours")
        else:
            _write(work, job, export)
    except TakenOver:
        return


def _write(work: Work, job: Running, export: Export) -> None:
    until = time.monotonic() + limits.SLICE_S
    while True:
        piece = export.piece(work, job)
        later = not piece.last and time.monotonic() > until
        with work.transaction():
            parts.keep(work, job.id, parts.WRITTEN, job.parts, gzip.compress(piece.content, mtime=0))
            step = Step(job.position + piece.amount, cursor=piece.cursor, parts=1, percentage=piece.percentage)
            job = progress.move(work, job, step)
            if piece.last:
                progress.end(work, job, total=job.position)
                export.exported(work, job)
            elif later:
                outbox.put(work, export.task, {"job_id": job.id})
        work.rows.expunge_all()
        if piece.last or later:
            return


def _fail(work: Work, job: Running, export: Export, why: str) -> None:
    with work.transaction():
        progress.end(work, job, total=job.position, failure=why)
        parts.forget(work, job.id, parts.WRITTEN)
        export.failed(work, job, why)
