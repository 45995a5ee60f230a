"""Whose turn it is in one lane: tasks, tenants and receivers by turns, none of them holding more than the lane allows.

Turns and what is under way are this process's own; that nobody else does the same row is the store's business.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence

import structlog

from idp.foundation.db.hot import HotConnection
from idp.foundation.queue import store
from idp.foundation.queue.lanes import Lane
from idp.foundation.queue.models import NOBODY
from idp.foundation.queue.store import Taken
from idp.foundation.queue.tasks import Outage, Unanswered, find

OUTAGE_S = store.PROBE_AFTER_MS / 1000
SILENT_RECEIVER_S = 30.0
NOT_LOADED_S = 5.0
ANY_ATTEMPT = 1_000_000_000
FIRST_ATTEMPT = 0
MOST_SILENT = 1_000
"""Receivers whose silence is remembered; the longest known is forgotten first."""
log = structlog.get_logger(__name__)


class Turns:
    """One lane of this process. ``next`` is asked by one thread; ``ended`` may be said by any."""

    def __init__(self, lane: Lane, tasks: Sequence[str], *, sqlite: bool) -> None:
        self.lane = lane
        self._tasks = list(tasks)
        self._sqlite = sqlite
        self._lock = threading.Lock()
        self._under_way: list[Taken] = []
        self._last_tenant: dict[str, str] = {}
        self._last_receiver: dict[tuple[str, str], str] = {}
        self._resting: dict[str, float] = {}
        self._silent: dict[tuple[str, str], float] = {}

    def next(self, hot: HotConnection) -> Taken | None:
        """The row whose turn it is, taken; None where nothing is due or all that is due has to wait."""
        if len(self._now()) >= self.lane.threads:
            return None
        for task in tuple(self._tasks):
            row = self._of_task(hot, task) if self._may_go(task) else None
            if row is not None:
                with self._lock:
                    self._under_way.append(row)
                self._tasks.remove(task)
                self._tasks.append(task)
                self._last_tenant[task] = row.tenant_id
                self._last_receiver[task, row.tenant_id] = row.receiver
                return row
        return None

    def ended(self, row: Taken, outcome: Exception | None) -> None:
        """The row is done, or was put back."""
        with self._lock:
            self._under_way.remove(row)
            if isinstance(outcome, Outage):
                self._resting[row.task] = time.monotonic() + OUTAGE_S
            else:
                self._resting.pop(row.task, None)
            whom = (row.task, row.receiver)
            self._silent.pop(whom, None)
            if isinstance(outcome, Unanswered) and row.receiver != NOBODY:
                self._silent[whom] = time.monotonic() + SILENT_RECEIVER_S
                if len(self._silent) > MOST_SILENT:
                    del self._silent[next(iter(self._silent))]

    def _now(self) -> list[Taken]:
        with self._lock:
            return list(self._under_way)

    def _may_go(self, task: str) -> bool:
        """Not while an outage lasts; after it one row asks whether it is over, before the others follow."""
        with self._lock:
            until = self._resting.get(task)
            if until is not None and (until > time.monotonic() or any(row.task == task for row in self._under_way)):
                return False
        try:
            find(task)
        except Exception:
            log.exception("the handler of a task could not be loaded; its rows wait", task=task)
            with self._lock:
                self._resting[task] = time.monotonic() + NOT_LOADED_S
            return False
        return True

    def _of_task(self, hot: HotConnection, task: str) -> Taken | None:
        under_way = self._now()
        tried_before = sum(row.attempt > 1 for row in under_way)
        most_attempts = ANY_ATTEMPT if tried_before < self.lane.second_tries else FIRST_ATTEMPT
        tenants = Counter(row.tenant_id for row in under_way)

        def following(after: str) -> str | None:
            return store.next_tenant(hot, task, after, most_attempts)

        for tenant in _round(following, self._last_tenant.get(task, "")):
            if tenants[tenant] < self.lane.per_tenant:
                row = self._of_tenant(hot, task, tenant, most_attempts, under_way)
                if row is not None:
                    return row
        return None

    def _of_tenant(
        self, hot: HotConnection, task: str, tenant: str, most_attempts: int, under_way: Sequence[Taken]
    ) -> Taken | None:
        receivers = Counter(row.receiver for row in under_way)

        def following(after: str) -> str | None:
            return store.next_receiver(hot, task, tenant, after, most_attempts)

        for receiver in _round(following, self._last_receiver.get((task, tenant), "")):
            if receiver == NOBODY or (
                receivers[receiver] < self.lane.per_receiver and not self._is_silent(task, receiver, receivers)
            ):
                row = store.take(
                    hot, task, tenant, receiver, most_attempts, lease_ms=self.lane.lease_ms, sqlite=self._sqlite
                )
                if row is not None:
                    return row
        return None

    def _is_silent(self, task: str, receiver: str, under_way: Counter[str]) -> bool:
        """Like an outage, of one receiver."""
        with self._lock:
            until = self._silent.get((task, receiver))
        return until is not None and (until > time.monotonic() or under_way[receiver] > 0)


def _round(following: Callable[[str], str | None], last: str) -> Iterator[str]:
    """Everybody once, beginning after ``last``."""
    met: set[str] = set()
    for begin in (last, "") if last else ("",):
        after = begin
        while (found := following(after)) is not None and found not in met:
            met.add(found)
            yield found
            after = found
