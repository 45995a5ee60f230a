"""Imports: rows of a file become users, batch by batch. Jobs and the command line go through :func:`write`; the task of
a job does a few seconds of it at a time.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Protocol

import msgspec

from idp.directory.bulk import limits, parts, progress, report, rows
from idp.directory.bulk.faults import Code, Fault
from idp.directory.bulk.models import JobError as E
from idp.directory.bulk.progress import Running, Step, TakenOver
from idp.directory.connections import runtime as connections
from idp.directory.connections.runtime import ConnectionConfig
from idp.directory.users.service import bulk
from idp.directory.users.service.bulk import Outcome, Person
from idp.foundation.db.hot import Statement, UniqueViolation
from idp.foundation.db.insert_row import insert_row
from idp.foundation.kernel import clock, strict_json
from idp.foundation.kernel.actor import DASHBOARD, Actor
from idp.foundation.kernel.json_stream import elements
from idp.foundation.kernel.strict_json import InvalidJson
from idp.foundation.queue import outbox
from idp.foundation.tenancy.work import Work
from idp.tenant.members import service as administrators

TASK = "bulk.import"
TRIES = 4
"""How often a batch is tried in which others make the same people at the same moment."""
_INSERT_ERROR = Statement("job_error_insert", insert_row(E))
_MESSAGES = {
    Outcome.CONFLICT: "A user with this id exists already",
    Outcome.CONFLICT_EMAIL: "A user with this email exists already",
    Outcome.CONFLICT_USERNAME: "A user with this username exists already",
    Outcome.NOT_PASSED: "This administrator has more rights than whoever asked for the import",
}


class Seen(Protocol):
    """Remembers what the rows of one file were called."""

    def add(self, key: str) -> bool:
        """Remember it; False where it was there before."""


class SeenHere:
    """In memory: for files of bounded size."""

    def __init__(self) -> None:
        self._keys: set[str] = set()

    def add(self, key: str) -> bool:
        """See :class:`Seen`."""
        if key in self._keys:
            return False
        self._keys.add(key)
        return True


@dataclass(frozen=True)
class Row:
    """A row of a file: its number from 0, what it says (JSON, decoded), or what is wrong with it before that."""

    number: int
    document: Any
    fault: Fault | None = None


@dataclass(frozen=True)
class Refused:
    """A row that was not imported."""

    row: Row
    faults: Sequence[Fault]


@dataclass
class Result:
    """What became of some rows."""

    inserted: int = 0
    updated: int = 0
    refused: list[Refused] = field(default_factory=list)


@dataclass(frozen=True)
class Batch:
    """Rows that were looked at: those who can be written, and those who cannot."""

    people: Sequence[tuple[Row, Person]]
    refused: Sequence[Refused]


def decoded(raw: bytes, number: int) -> Row:
    """A row from its bytes.

    :raises InvalidJson: it is no JSON at all, so that the file is none.
    """
    try:
        return Row(number, strict_json.decode(raw))
    except InvalidJson as error:
        if not strict_json.is_json(raw):
            raise InvalidJson(f"Row {number + 1} of the file is not valid JSON") from error
        return Row(number, None, Fault(Code.FORMAT, str(error)))


def looked_at(connection: ConnectionConfig, some: Iterable[Row], seen: Seen) -> Batch:
    """What each row says of somebody; who stands twice in a file is taken once."""
    people: list[tuple[Row, Person]] = []
    refused: list[Refused] = []
    for row in some:
        person = [row.fault] if row.fault is not None else rows.person(connection, row.document)
        if isinstance(person, list):
            refused.append(Refused(row, person))
        elif not all([seen.add(key) for key in rows.keys(person)]):
            refused.append(Refused(row, [Fault(Code.DUPLICATED_USER, "The user stands in the file twice")]))
        else:
            people.append((row, person))
    return Batch(people, refused)


def write(
    work: Work,
    connection: ConnectionConfig,
    batch: Batch,
    *,
    upsert: bool,
    also: Callable[[Result], None] = lambda _result: None,
) -> Result:
    """Write a batch in one transaction; ``also`` adds to it what belongs to the same commit.

    :raises StoreUnavailable: others went on making the same people.
    """
    for _ in range(TRIES - 1):
        try:
            return _write(work, connection, batch, upsert=upsert, also=also)
        except UniqueViolation:
            continue  # somebody signed up with one of the names at this moment: now they are found
    return _write(work, connection, batch, upsert=upsert, also=also)


def foresee(
    work: Work,
    connection: ConnectionConfig,
    batch: Batch,
    *,
    upsert: bool,
    also: Callable[[Result], None] = lambda _result: None,
) -> Result:
    """What :func:`write` would do at this moment, with ``also`` in a transaction of its own; nobody is made or
    changed.
    """
    outcomes = bulk.foreseen(work, connection, [person for _, person in batch.people], upsert=upsert)
    result = _told(batch, outcomes)
    with work.transaction():
        also(result)
    work.rows.expunge_all()
    return result


def _write(
    work: Work, connection: ConnectionConfig, batch: Batch, *, upsert: bool, also: Callable[[Result], None]
) -> Result:
    with work.transaction():
        outcomes = bulk.write(work, connection, [person for _, person in batch.people], upsert=upsert)
        result = _told(batch, outcomes)
        also(result)
    work.rows.expunge_all()
    return result


def _told(batch: Batch, outcomes: Sequence[Outcome]) -> Result:
    result = Result(refused=list(batch.refused))
    for (row, _), outcome in zip(batch.people, outcomes, strict=True):
        if outcome is Outcome.INSERTED:
            result.inserted += 1
        elif outcome is Outcome.UPDATED:
            result.updated += 1
        else:
            result.refused.append(Refused(row, [Fault(Code(outcome.value), _MESSAGES[outcome])]))
    return result


def work_on(work: Work, payload: dict[str, Any]) -> None:
    """The task of an import: do some of it, and ask for the rest in the transaction of the last batch."""
    job = progress.load(work, str(payload["job_id"]))
    if job is None or not progress.begin(work, job.id):
        return
    try:
        _some(work, job)
    except TakenOver:
        return


def _some(work: Work, job: Running) -> None:
    work.actor = _asked_by(work, job)
    connection = connections.find(work, job.connection_id or "")
    if connection is None or not connection.keeps_accounts:
        _fail(work, job, "The connection is gone")
    elif clock.now_ms() - job.created_at > limits.IMPORT_ENDS_MS:
        _fail(work, job, "The import took longer than two hours")
    else:
        try:
            _import(work, job, connection)
        except InvalidJson as error:
            current = progress.load(work, job.id)
            if current is not None:
                _fail(work, current, str(error))


def _asked_by(work: Work, job: Running) -> Actor:
    """Who asked at the dashboard, with the roles that they have now: an import changes nobody whom they may not."""
    by = job.document.get("by")
    if by is None:
        return work.actor
    row = administrators.find(work, by["user_id"])
    roles = frozenset(row.roles) if row is not None and not row.blocked else frozenset()
    return Actor(user_id=by["user_id"], channel=DASHBOARD, roles=roles, name=by["name"])


def _import(work: Work, job: Running, connection: ConnectionConfig) -> None:
    until = time.monotonic() + limits.SLICE_S
    seen, size = SeenHere(), int(job.document["size"])
    source = _rows(work, job)
    for row, _ in islice(source, job.position):  # what was done before: only the names count
        looked_at(connection, [row], seen)
    while some := list(islice(source, limits.BATCH)):
        batch = looked_at(connection, [row for row, _ in some], seen)
        reached, later = some[-1][1], time.monotonic() > until
        step = _Step(work, job, len(some), reached * 100 // max(1, size), later=later)
        into = foresee if job.document.get("dry_run") else write
        into(work, connection, batch, upsert=bool(job.document.get("upsert")), also=step)
        job = step.job
        if later:
            return
    with work.transaction():
        progress.end(work, job, total=job.position)
        if not job.document.get("dry_run"):  # whoever had it checked imports the same file
            parts.forget(work, job.id, parts.READ)
            report.imported(work, job)


class _Step:
    """The part of a batch's transaction that is about the job."""

    def __init__(self, work: Work, job: Running, amount: int, percentage: int, *, later: bool) -> None:
        self._work, self._before, self._amount, self._percentage, self._later = work, job, amount, percentage, later
        self.job = job

    def __call__(self, result: Result) -> None:
        step = Step(
            self._before.position + self._amount,
            result.inserted,
            result.updated,
            len(result.refused),
            percentage=min(99, self._percentage),
        )
        self.job = progress.move(self._work, self._before, step)
        if result.refused:
            self._work.hot.many(_INSERT_ERROR, [_error(self._work, self.job.id, each) for each in result.refused])
        if self._later:
            outbox.put(self._work, TASK, {"job_id": self.job.id})


def _rows(work: Work, job: Running) -> Iterator[tuple[Row, int]]:
    """Each row with the number of bytes that are behind it."""
    for number, element in enumerate(elements(parts.read(work, job.id, parts.READ))):
        yield decoded(element.raw, number), element.end


def _error(work: Work, job_id: str, refused: Refused) -> dict[str, Any]:
    document = {"user": rows.shown(refused.row.document), "errors": [each.document() for each in refused.faults]}
    return {
        "tenant_id": work.tenant_id,
        "job_id": job_id,
        "row": refused.row.number,
        "document": msgspec.json.encode(document).decode(),
        "created_at": clock.now_ms(),
    }


def _fail(work: Work, job: Running, why: str) -> None:
    with work.transaction():
        progress.end(work, job, total=job.position, failure=why)
        parts.forget(work, job.id, parts.READ)
        if not job.document.get("dry_run"):
            report.import_failed(work, job, why)
