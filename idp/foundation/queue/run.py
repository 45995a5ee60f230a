"""The loop that does what the outbox holds: a process of its own (``idp worker``) or a thread beside the web server
(``idp dev``).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import structlog

from idp.foundation.db.hot import HotConnection
from idp.foundation.egress import deadline
from idp.foundation.kernel.errors import StoreUnavailable
from idp.foundation.queue import outbox, store, tasks, wake
from idp.foundation.queue.lanes import Lane
from idp.foundation.queue.store import Taken
from idp.foundation.queue.tasks import FORESEEN, GiveUp, Outage
from idp.foundation.queue.turns import Turns
from idp.foundation.tenancy.work import Platform, Work

POLL_S = 1.0
SETTLE_S = 0.05
"""A nudge comes just before the commit it announces."""
STORE_AWAY_S = 2.0
STOP_WITHIN_S = 10.0
"""What is under way when the loop is stopped has this long to end; calls that take longer are cut off and retried."""
log = structlog.get_logger(__name__)


class Loop:
    """Takes due rows by turns and hands them to the threads of their lanes. ``run`` blocks until ``stop``; ``start``
    runs it in a thread. ``lanes`` are those of the registered tasks unless named.
    """

    def __init__(self, platform: Platform, *, lanes: Mapping[Lane, Sequence[str]] | None = None) -> None:
        self._platform = platform
        self._named = lanes
        self._stop_asked = threading.Event()
        self._lock = threading.Lock()
        self._under_way = 0
        self._taken = False
        self._last = time.monotonic()
        self._thread: threading.Thread | None = None

    @property
    def did_something(self) -> bool:
        """Whether a row was ever taken."""
        return self._taken

    @property
    def calm_s(self) -> float:
        """For how long nothing was due, and nothing under way."""
        with self._lock:
            return 0.0 if self._under_way else time.monotonic() - self._last

    def _count(self, more: int) -> None:
        with self._lock:
            self._under_way += more
            self._taken = self._taken or more > 0
            self._last = time.monotonic()

    def start(self) -> None:
        """Run beside the caller."""
        self._thread = threading.Thread(target=self.run, name="outbox", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Take nothing more; what is under way is finished, or cut off in time, before :meth:`run` returns."""
        self._stop_asked.set()
        deadline.close_soon(STOP_WITHIN_S)
        wake.nudge(None)
        if self._thread is not None:
            self._thread.join()
            deadline.stay_open()

    def run(self) -> None:
        """Work until stopped. Nothing is taken before every task is registered."""
        while not tasks.wait_until_complete(POLL_S):
            if self._stop_asked.is_set():
                return
        listener = wake.Listener(self._platform.settings) if self._platform.settings.redis_url else None
        if listener:
            listener.start()
        with ExitStack() as stack:
            pools = {
                turns: stack.enter_context(ThreadPoolExecutor(turns.lane.threads, turns.lane.name))
                for turns in self.lanes()
            }
            while not self._stop_asked.is_set():
                if not self.round(pools):
                    wake.wait(POLL_S)
                    self._stop_asked.wait(SETTLE_S)
        if listener:
            listener.stop()

    def lanes(self) -> list[Turns]:
        """The lanes, with nothing under way."""
        named = tasks.by_lane() if self._named is None else self._named
        return [Turns(lane, of_lane, sqlite=self._platform.db.sqlite) for lane, of_lane in named.items()]

    def round(self, pools: Mapping[Turns, ThreadPoolExecutor]) -> bool:
        """Take what is due and may be done now, and hand it out; True when there may be more."""
        handed = 0
        try:
            with self._platform.db.hot() as hot:
                if not store.any_due(hot):
                    return False
                self._count(0)
                for turns, pool in pools.items():
                    while not self._stop_asked.is_set() and (row := turns.next(hot)) is not None:
                        self._count(1)
                        pool.submit(self._do_and_leave, turns, row)
                        handed += 1
        except StoreUnavailable as error:
            log.warning("the worker waits for the database", reason=error.detail)
            self._count(0)  # whoever rests would ask just as much
            self._stop_asked.wait(STORE_AWAY_S)
            return False
        return handed > 0

    def _do_and_leave(self, turns: Turns, row: Taken) -> None:
        outcome: Exception | None = None
        try:
            outcome = do(self._platform, row)
        except Exception:
            log.exception("the result of a task could not be stored; it will be done again", task=row.task, id=row.id)
        finally:
            turns.ended(row, outcome)
            self._count(-1)
            wake.nudge(None)


def do(platform: Platform, row: Taken) -> Exception | None:
    """Do one taken row and close it, or put it back; answers why it did not work. Raises StoreUnavailable when the
    outcome can't be stored.
    """
    try:
        outcome = _attempt(platform, row)
    except StoreUnavailable as error:
        outcome = Outage(error.detail or error.message)
    with platform.db.hot() as hot:
        if outcome is None:
            store.finish(hot, row)
            log.info("task done", task=row.task, id=row.id, tenant=row.tenant_id, attempt=row.attempt)
            return None
        reason = f"{type(outcome).__name__}: {outcome}"
        if isinstance(outcome, GiveUp):
            store.finish(hot, row, failure=reason)
            log.error("task given up", task=row.task, id=row.id, tenant=row.tenant_id, reason=reason)
            return outcome
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
        return outcome


def _attempt(platform: Platform, row: Taken) -> Exception | None:
    """None when it worked, else why not."""
    try:
        payload = outbox.opened(platform, row.tenant_id, row.id, row.payload_sealed)
    except ValueError as error:
        return GiveUp(f"unreadable payload ({error})")
    try:
        with platform.db.hot() as hot:
            work = _context(platform, row.tenant_id, hot)
            work.go_under(payload.pop(outbox.UNDER, None))  # where the tenant gave that up: its own address
            tasks.find(row.task)(work, payload)
    except StoreUnavailable:
        raise
    except Exception as error:
        if not isinstance(error, FORESEEN):
            log.exception("task raised", task=row.task, id=row.id)
        return error
    return None


def _context(platform: Platform, tenant_id: str, hot: HotConnection) -> Work:
    try:
        return Work(platform, platform.configurations.fresh(tenant_id, hot), hot)
    except LookupError as error:
        raise GiveUp("its tenant is gone") from error
