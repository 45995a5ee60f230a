"""Writes log entries: inside the caller's transaction, or through the batch of this process.

A request that writes puts its entries into its one commit (:func:`write`). Token exchanges and silent sign-ins hand
theirs to :class:`Batch`, which a thread of its own writes within a second and at graceful stop (contract.md section 6).

Entries get their ids as the last thing of a transaction, from a number that the tenant's transactions take turns at:
the order of ids is the order in which entries become visible, so that whoever polls from an id on misses none
(docs/decisions/0100).
"""

from __future__ import annotations

import atexit
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import msgspec
import structlog
from sqlalchemy import bindparam, case

from idp.foundation.db.hot import HotConnection, Statement
from idp.foundation.db.insert_row import insert_row
from idp.foundation.db.session import Database
from idp.foundation.db.upsert import insert as upsert
from idp.foundation.kernel import clock, sizes
from idp.foundation.kernel.errors import StoreUnavailable
from idp.foundation.kernel.log_types import LogType
from idp.foundation.tenancy.work import Work
from idp.tenant.audit import statistics
from idp.tenant.audit.log_ids import PER_MS, log_id
from idp.tenant.audit.models import MEMBERS, LogEntry, LogPosition
from idp.tenant.audit.statistics import Statements

FLUSH_EVERY_S = 0.5
MAX_WAITING = 50_000
STOP_WITHIN_S = 5.0
MAX_TEXT = 2_000
LENGTHS = dict.fromkeys(MEMBERS, MAX_TEXT) | {
    "user_id": 300,
    "client_id": 64,
    "user_name": 300,
    "ip": 64,
    "user_agent": 512,
    "scope": 10_000,
    "object": 340,
}
"""Members that have a column of their own, and how many characters of them are kept."""
_NOTHING = dict.fromkeys(LENGTHS)
PER_TRANSACTION = 500
"""Entries of the batch that are written together: others of the tenant wait that long for their turn."""
INSERT = Statement("log_insert", insert_row(LogEntry))


def _turn() -> Any:
    """Move the tenant's number on by ``amount``, to this moment at least, and answer it. Whoever does this holds the
    row until their commit.
    """
    floor: Any = bindparam("floor", type_=LogPosition.position.type)
    amount: Any = bindparam("amount")
    oldest: Any = bindparam("oldest", type_=LogPosition.position.type)
    values: dict[str, Any] = {column: bindparam(name) for column, name in _FIRST.items()}
    made = upsert(LogPosition).values(tenant_id=bindparam("tenant"), **values)
    later = case((LogPosition.position > floor, LogPosition.position), else_=floor) + amount
    behind = later // PER_MS - oldest
    return made.on_conflict_do_update(
        index_elements=[LogPosition.tenant_id],
        set_={"position": later, "behind": case((behind > LogPosition.behind, behind), else_=LogPosition.behind)},
    ).returning(LogPosition.position)


_FIRST = {"position": "first", "behind": "first_behind"}


@dataclass(frozen=True)
class _Store:
    """What one kind of store is told."""

    turn: Statement[int]
    statistics: Statements


log = structlog.get_logger(__name__)


def entry(
    work: Work,
    kind: LogType,
    description: str | None = None,
    *,
    user_id: str | None = None,
    client_id: str | None = None,
    details: Mapping[str, Any] | None = None,
    **more: Any,
) -> dict[str, Any]:
    """The row of one log entry, which has no id yet; ``more`` are members of the entry (connection, user_name,
    scope...).

    Callers never pass tokens, codes or passwords (security.md SEC3).
    """
    more.update(user_id=user_id, client_id=client_id, ip=work.ip, user_agent=work.user_agent, description=description)
    if work.config.domain is not None:
        more["hostname"] = work.config.host
    row: dict[str, Any] = {"tenant_id": work.tenant_id, "date": clock.now_ms(), "type": kind.value, **_NOTHING}
    rest: dict[str, Any] = {}
    for name, value in more.items():
        if value is None:
            continue
        length = LENGTHS.get(name)
        if length is None:
            rest[name] = sizes.whole(value) if isinstance(value, str) else value
        else:  # Postgres has no NUL, and a log entry keeps nobody out
            row[name] = sizes.whole(str(value)[:length].replace("\0", "")) or None
    if details:
        rest["details"] = sizes.cut_details(details)
    row["data"] = msgspec.json.encode(rest).decode() if rest else "{}"
    if work.config.settings.time_zone:
        row[statistics.DAY] = statistics.day_in(work, row["date"])
    return row


def write(work: Work, kind: LogType, description: str | None = None, **members: Any) -> None:
    """Write one entry with the context's connection: with the commit of its open transaction, or at once where none is
    open.
    """
    row = entry(work, kind, description, **members)
    with work.transaction():
        work.hot.at_commit(_INSERT_ON[work.platform.db.sqlite], row)


def _insert(told: _Store, hot: HotConnection, rows: Sequence[dict[str, Any]]) -> None:
    """Give the rows their ids, write and count them: the last thing before the commit. Several tenants have their turn
    in the order of their names.
    """
    for tenant in sorted({row["tenant_id"] for row in rows}):
        mine = [row for row in rows if row["tenant_id"] == tenant]
        last, amount = _take(told, hot, tenant, len(mine), min(row["date"] for row in mine)), len(mine)
        numbered = [{**row, "log_id": log_id(last - amount + 1 + at)} for at, row in enumerate(mine)]
        for row in numbered:
            row.pop(statistics.DAY, None)
        if amount == 1:
            hot.run(INSERT, **numbered[0])
        else:
            hot.pour(INSERT, numbered)
        statistics.count(hot, told.statistics, tenant, mine)


def _take(told: _Store, hot: HotConnection, tenant: str, amount: int, oldest: int) -> int:
    """Take the tenant's number until the commit; answers the last of the ``amount`` that are the caller's. ``oldest``
    is the earliest date (ms) of the entries that get them.
    """
    floor = clock.now_ms() * PER_MS
    first = floor + amount
    last = hot.one(
        told.turn,
        tenant=tenant,
        floor=floor,
        amount=amount,
        oldest=oldest,
        first=first,
        first_behind=max(0, first // PER_MS - oldest),
    )
    if last is None:
        raise AssertionError("a number was just written")
    return last


def _forget(told: _Store, hot: HotConnection, gone: Sequence[tuple[str, Sequence[str]]]) -> None:
    for tenant, user_ids in sorted(gone):
        _take(told, hot, tenant, 0, clock.now_ms())
        statistics.forget(hot, tenant, user_ids)


_TURN = Statement("log_turn", _turn(), row=int)
_ON_SQLITE = _Store(_TURN, statistics.ON_SQLITE)
_ON_POSTGRESQL = _Store(_TURN, statistics.ON_POSTGRESQL)
_INSERT_ON = {True: partial(_insert, _ON_SQLITE), False: partial(_insert, _ON_POSTGRESQL)}
"""By whether the store is SQLite."""
_FORGET_ON = {True: partial(_forget, _ON_SQLITE), False: partial(_forget, _ON_POSTGRESQL)}


def erase_activity(work: Work, user_ids: Sequence[str]) -> None:
    """These people are gone: nothing says any more when they were active. Written at the commit, when the tenant's
    number is had, so that nobody who signs in at this moment waits the other way round.
    """
    work.hot.at_commit(_FORGET_ON[work.platform.db.sqlite], (work.tenant_id, tuple(user_ids)))


class Batch:
    """Entries waiting to be written by this process's own thread."""

    def __init__(self) -> None:
        self._waiting: list[dict[str, Any]] = []
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._db: Database | None = None

    def add(self, work: Work, kind: LogType, description: str | None = None, **members: Any) -> None:
        """Hand over one entry."""
        row = entry(work, kind, description, **members)
        with self._lock:
            if len(self._waiting) < MAX_WAITING:
                self._waiting.append(row)
            if self._thread is None:
                self._start(work.platform.db)

    def flush(self, *, patience_s: float = STOP_WITHIN_S) -> None:
        """Write what is waiting, after what another thread has in hand; what the store cannot take now goes back to the
        queue. Somebody who hangs is waited for no longer than ``patience_s``.
        """
        alone = self._writing.acquire(timeout=patience_s)
        try:
            self._write()
        finally:
            if alone:
                self._writing.release()

    def _write(self) -> None:
        with self._lock:
            rows, self._waiting = self._waiting, []
            db = self._db
        if not rows or db is None:
            return
        for at in range(0, len(rows), PER_TRANSACTION):
            part = rows[at : at + PER_TRANSACTION]
            try:
                store(db, part)
            except StoreUnavailable as error:
                self._put_back(rows[at:], error)
                return
            except Exception:
                log.exception("log entries could not be written together; they are written one by one")
                self._one_by_one(db, part)

    def close(self) -> None:
        """Graceful stop: write what is left, what the thread has in hand included."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(STOP_WITHIN_S)
        self.flush(patience_s=0)  # it was waited for already

    def _one_by_one(self, db: Database, rows: list[dict[str, Any]]) -> None:
        """One entry that the store refuses does not take the others along."""
        for position, row in enumerate(rows):
            try:
                store(db, [row])
            except StoreUnavailable as error:
                self._put_back(rows[position:], error)
                return
            except Exception:
                log.exception("a log entry could not be written", type=row["type"])

    def _put_back(self, rows: list[dict[str, Any]], error: StoreUnavailable) -> None:
        log.warning("log entries wait for the database", waiting=len(rows), reason=error.detail)
        with self._lock:
            self._waiting = (rows + self._waiting)[:MAX_WAITING]

    def _start(self, db: Database) -> None:
        self._db = db
        self._thread = threading.Thread(target=self._run, name="log-batch", daemon=True)
        self._thread.start()
        atexit.register(self.close)

    def _run(self) -> None:
        while not self._stop.wait(FLUSH_EVERY_S):
            try:
                self.flush()
            except Exception:
                log.exception("log entries could not be written")


def store(db: Database, rows: list[dict[str, Any]]) -> None:
    """Write these entries in a transaction of their own."""
    with db.hot() as hot, hot.transaction():
        _INSERT_ON[db.sqlite](hot, rows)


batch = Batch()
"""The batch of this process."""
