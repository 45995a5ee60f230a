"""Exports: users in the order of their ids, a piece of the file with each batch (:mod:`.writing`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Select, select

from idp.directory.bulk import columns, limits, report, writing
from idp.directory.bulk.progress import Running
from idp.directory.bulk.writing import Export, Piece
from idp.directory.users import render
from idp.directory.users.models import Identity, User
from idp.directory.users.search import walk
from idp.foundation.db.code_points import by_code_point
from idp.foundation.kernel.faults import BODY, fault
from idp.foundation.tenancy.work import Work

TASK = "bulk.export"
BATCH = 500
"""Users in one piece."""


def check(asked: Mapping[str, Any]) -> None:
    """Refuse what the format cannot hold.

    :raises BadRequest: ``invalid_body``.
    """
    if asked.get("format", columns.JSON) == columns.CSV:
        fields = asked.get("fields") or []
        if len(fields) > limits.MOST_FIELDS_CSV:
            raise fault(BODY, f"Array is too long, maximum {limits.MOST_FIELDS_CSV}", "fields")
        if any(each["name"] in columns.DOCUMENTS for each in fields):
            raise fault(BODY, "CSV takes members of metadata by their whole path only", "fields")


def work_on(work: Work, payload: dict[str, Any]) -> None:
    """The task of an export (:func:`.writing.work_on`)."""
    writing.work_on(work, payload, Export(TASK, _piece, report.exported, report.export_failed))


def _piece(work: Work, job: Running) -> Piece:
    left = _left(job)
    amount = BATCH if left is None else min(BATCH, left)
    found = batch(work, job.connection_id, job.cursor or "", amount, _narrowed(work, job))
    format_ = job.document.get("format", columns.JSON)
    return Piece(
        columns.written(columns.of(job.document), found, format_, head=job.parts == 0),
        len(found),
        found[-1]["user_id"] if found else job.cursor,
        _percentage(job, len(found)),
        last=len(found) < BATCH or len(found) == left,
    )


def batch(
    work: Work,
    connection_id: str | None,
    after: str,
    amount: int,
    narrowed: Callable[[Select[Any]], Select[Any]] = lambda statement: statement,
) -> Sequence[Mapping[str, Any]]:
    """The next users behind ``after`` as the Management API shows them, without anybody's tokens."""
    if amount <= 0:
        return []
    rows = list(work.rows.scalars(narrowed(_users(connection_id, after, amount))))
    return render.documents(work, rows)


def _narrowed(work: Work, job: Running) -> Callable[[Select[Any]], Select[Any]]:
    """Only those whom a query finds or who are named, where the job says so."""
    named = job.document.get("user_ids")
    if named is not None:
        return lambda statement: statement.where(User.user_id.in_(named))
    query = job.document.get("query")
    if not query:
        return lambda statement: statement
    extended = work.config.settings.extended_user_search
    return lambda statement: walk.narrowed(work.rows, statement, str(query), before=job.created_at, extended=extended)


def _users(connection_id: str | None, after: str, amount: int) -> Select[User]:
    user_id = by_code_point(User.user_id)
    found = select(User).where(user_id > after).order_by(user_id).limit(amount)
    if connection_id is None:
        return found
    theirs = (Identity.tenant_id == User.tenant_id, Identity.user_id == User.user_id)
    return found.where(select(Identity.user_id).where(*theirs, Identity.connection_id == connection_id).exists())


def _left(job: Running) -> int | None:
    """How many users are still wanted; None for all of them."""
    most = job.document.get("limit")
    return None if most is None else int(most) - job.position


def _percentage(job: Running, more: int) -> int:
    """Of the users that there were when somebody asked; those of one connection may be fewer."""
    return min(99, (job.position + more) * 100 // max(1, int(job.document.get("expected", 0))))
