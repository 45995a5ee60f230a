"""The loop that does what the outbox holds: a process of its own (``idp worker``) or a thread beside the web server
(``idp dev``).
"""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec
import structlog

from idp.foundation.db.hot import HotConnection
from idp.foundation.kernel.errors import StoreUnavailable
from idp.foundation.queue import store, wake
from idp.foundation.queue.store import Taken
from idp.foundation.queue.tasks import GiveUp, Outage, find
from idp.foundation.tenancy.work import Platform, Work

POLL_S = 1.0
SETTLE_S = 0.05
"""A nudge comes just before the commit it announces."""
STORE_AWAY_S = 2.0
log = structlog.get_logger(__name__)


class Loop:
    """Takes due rows and hands them to ``threads`` workers. ``run`` blocks until ``stop``; ``start`` runs it in a
    thread.
    """

    def __init__(self, platform: Platform, *, threads: int = 4) -> None:
        self._platform = platform
        self._threads = threads
        self._busy = 0
        self._lock = threading.Lock()
        self._stop_asked = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Run beside the caller."""
        self._thread = threading.Thread(target=self.run, name="outbox", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Take nothing more; what is under way is finished before :meth:`run` returns."""
        self._stop_asked.set()
        wake.nudge(None)
        if self._thread is not None:
            self._thread.join()

    def run(self) -> None:
        """Work until stopped."""
        listener = wake.Listener(self._platform.settings.redis_url) if self._platform.settings.redis_url else None
        if listener:
            listener.start()
        with ThreadPoolExecutor(self._threads, "task") as pool:
            while not self._stop_asked.is_set():
                if not self.round(pool):
                    wake.wait(POLL_S)
                    self._stop_asked.wait(SETTLE_S)
        if listener:
            listener.stop()

    def round(self, pool: ThreadPoolExecutor) -> bool:
        """Take what is due and hand it out; True when there may be more."""
        amount = self._threads - self._busy
        if amount <= 0:
            return False
        try:
            with self._platform.db.hot() as hot:
                rows = store.take(hot, sqlite=self._platform.db.sqlite, amount=amount)
        except StoreUnavailable as error:
            log.warning("the worker waits for the database", reason=error.detail)
            self._stop_asked.wait(STORE_AWAY_S)
            return False
        for row in rows:
            with self._lock:
                self._busy += 1
            pool.submit(self._do_and_leave, row)
        return len(rows) == amount

    def _do_and_leave(self, row: Taken) -> None:
        try:
            do(self._platform, row)
        except Exception:
            log.exception("the result of a task could not be stored; it will be done again", task=row.task, id=row.id)
        finally:
            with self._lock:
                self._busy -= 1
            wake.nudge(None)


def do(platform: Platform, row: Taken) -> None:
    """Do one taken row and close it, or put it back. Raises StoreUnavailable when the outcome can't be stored."""
    try:
        outcome: Any = _attempt(platform, row)
    except StoreUnavailable as error:
        outcome = Outage(error.detail or error.message)
    with platform.db.hot() as hot:
        if outcome is None:
            store.finish(hot, row)
            log.info("task done", task=row.task, id=row.id, tenant=row.tenant_id, attempt=row.attempt)
            return
        reason = f"{type(outcome).__name__}: {outcome}"
        if isinstance(outcome, GiveUp):
            store.finish(hot, row, failure=reason)
            log.error("task given up", task=row.task, id=row.id, tenant=row.tenant_id, reason=reason)
            return
        pause = store.postpone(hot, row, reason) if isinstance(outcome, Outage) else store.retry(hot, row, reason)
        log.warning(
            "task failed",
            task=row.task,
            id=row.id,
            tenant=row.tenant_id,
            attempt=row.attempt,
            reason=reason,
            again_in_ms=pause,
        )


def _attempt(platform: Platform, row: Taken) -> Exception | None:
    """None when it worked, else why not."""
    handler = find(row.task)
    if handler is None:
        return LookupError(f"this version knows no task {row.task}")
    try:
        payload = msgspec.json.decode(platform.sealer.open(row.payload_sealed), type=dict[str, Any])
    except ValueError as error:
        return GiveUp(f"unreadable payload ({error})")
    try:
        with platform.db.hot() as hot:
            handler(_context(platform, row.tenant_id, hot), payload)
    except StoreUnavailable:
        raise
    except Exception as error:
        if not isinstance(error, Outage | GiveUp):
            log.exception("task raised", task=row.task, id=row.id)
        return error
    return None


def _context(platform: Platform, tenant_id: str, hot: HotConnection) -> Work:
    try:
        return Work(platform, platform.configurations.fresh(tenant_id, hot), hot)
    except LookupError as error:
        raise GiveUp("its tenant is gone") from error
