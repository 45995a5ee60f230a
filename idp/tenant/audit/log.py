"""Writes log entries: inside the caller's transaction, or through the batch of this process.

A request that writes puts its entries into its one commit (:func:`write`). Token exchanges and silent sign-ins hand
theirs to
:class:`Batch`, which a thread of its own writes within a second and at graceful stop (contract.md section 6).
"""

from __future__ import annotations

import atexit
import threading
from collections.abc import Mapping
from typing import Any

import msgspec
import structlog
from sqlalchemy import bindparam, insert

from idp.foundation.db.hot import Statement
from idp.foundation.db.session import Database
from idp.foundation.kernel import clock, ids, sizes
from idp.foundation.kernel.errors import StoreUnavailable
from idp.foundation.kernel.log_types import LogType
from idp.foundation.tenancy.work import Work
from idp.tenant.audit.models import LogEntry

FLUSH_EVERY_S = 0.5
MAX_WAITING = 50_000
STOP_WITHIN_S = 5.0
MAX_TEXT = 2_000

INSERT = Statement(
    "log_insert",
    insert(LogEntry).values(
        {
            column: bindparam(column.key)
            for column in (
                LogEntry.tenant_id,
                LogEntry.log_id,
                LogEntry.date,
                LogEntry.type,
                LogEntry.user_id,
                LogEntry.client_id,
                LogEntry.data,
            )
        }
    ),
)
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
    """The row of one log entry; ``more`` are members of the entry (connection,
    user_name, scope...).

    Callers never pass tokens, codes or passwords (security.md SEC3).
    """
    data: dict[str, Any] = {name: value for name, value in more.items() if value is not None}
    if description:
        data["description"] = description[:MAX_TEXT]
    if work.ip:
        data["ip"] = work.ip
    if work.user_agent:
        data["user_agent"] = work.user_agent[:512]
    if details:
        data["details"] = sizes.cut_details(details)
    return {
        "tenant_id": work.tenant_id,
        "log_id": ids.log_id(),
        "date": clock.now_ms(),
        "type": kind.value,
        "user_id": user_id,
        "client_id": client_id,
        "data": msgspec.json.encode(data).decode(),
    }


def write(work: Work, kind: LogType, description: str | None = None, **members: Any) -> None:
    """Write one entry with the context's connection: in its open transaction, or at once where none is open."""
    work.hot.run(INSERT, **entry(work, kind, description, **members))


class Batch:
    """Entries waiting to be written by this process's own thread."""

    def __init__(self) -> None:
        self._waiting: list[dict[str, Any]] = []
        self._lock = threading.Lock()
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

    def flush(self) -> None:
        """Write what is waiting; what the store cannot take now goes back to the queue."""
        with self._lock:
            rows, self._waiting = self._waiting, []
            db = self._db
        if not rows or db is None:
            return
        try:
            _insert(db, rows)
        except StoreUnavailable as error:
            self._put_back(rows, error)
        except Exception:
            log.exception("log entries could not be written together; they are written one by one")
            self._one_by_one(db, rows)

    def close(self) -> None:
        """Graceful stop: write what is left, what the thread has in hand included."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(STOP_WITHIN_S)
        self.flush()

    def _one_by_one(self, db: Database, rows: list[dict[str, Any]]) -> None:
        """One entry that the store refuses does not take the others along."""
        for position, row in enumerate(rows):
            try:
                _insert(db, [row])
            except StoreUnavailable as error:
                self._put_back(rows[position:], error)
                return
            except Exception:
                log.exception("a log entry could not be written", type=row["type"], log_id=row["log_id"])

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


def _insert(db: Database, rows: list[dict[str, Any]]) -> None:
    with db.hot() as hot, hot.transaction():
        hot.many(INSERT, rows)


batch = Batch()
"""The batch of this process."""
