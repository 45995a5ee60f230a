"""The room in which a web process works on requests: few places, a short line per kind of work, and threads that leave
while they wait.

Python runs one thread at a time, so a request is worked on by one of a few threads and the others wait in line
without costing anything. Each kind of work has a line of its own and may take some of the places only: an application
that asks `/userinfo` goes ahead of pages, and searches of the Management API that keep the database busy leave places
for both. A thread that begins slow work (:mod:`idp.foundation.db.slow_work`: a password is hashed, somebody else's
server is asked) gives its place to another one until it comes back, so forty people who sign in at once never stand
between an application and its ``/userinfo`` (security.md X2, X4). All of it is bounded: who finds a line full is told
at once to come back later (decision 0136).
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from queue import SimpleQueue
from typing import Final

import structlog

from idp.foundation.kernel.errors import Overloaded
from idp.foundation.kernel.place import Slow, of_this_thread
from idp.processes.kinds import KINDS, PAGES, PLACES, Kind

MOST_AHEAD: Final = 16
"""How many may go ahead of somebody who came earlier, one after the other; then that one is next."""
MOST_AWAY: Final[Mapping[Slow, int]] = {Slow.HASHING: 48, Slow.CALLS: 32, Slow.WAITING: 16}
"""Requests that may be at slow work at a time, beside those at work."""
_REFUSED: Final[Mapping[Slow, str]] = {
    Slow.HASHING: "Too many people are signing in at this moment. Try again in a few seconds.",
    Slow.CALLS: "Too many other servers are being asked at this moment. Try again in a few seconds.",
    Slow.WAITING: "Too many receivers wait for signals at this moment.",
}
Job = Callable[[], None]
log = structlog.get_logger(__name__)


class _Line:
    """Those who wait for work of one kind, and how many of it are at work."""

    __slots__ = ("jobs", "kind", "working")

    def __init__(self, kind: Kind) -> None:
        self.kind = kind
        self.jobs: deque[tuple[int, Job]] = deque()
        self.working = 0

    @property
    def ready(self) -> bool:
        """Whether somebody waits who may begin."""
        return bool(self.jobs) and self.working < self.kind.places


class Room:
    """Threads that do jobs, of each kind in the order of their arrival. They end with the process: a job that raises
    costs nobody their place.
    """

    def __init__(
        self,
        *,
        places: int = PLACES,
        kinds: Sequence[Kind] = KINDS,
        most_away: Mapping[Slow, int] = MOST_AWAY,
    ) -> None:
        self._lines = {kind.name: _Line(kind) for kind in kinds}
        self._calls: SimpleQueue[None] = SimpleQueue()
        """One for each job that some thread may begin with."""
        self._places = threading.Semaphore(places)
        self._lock = threading.Lock()
        self._most_away = most_away
        self._most_threads = places + sum(most_away.values())
        self._arrived = 0
        self._ahead = 0
        self._held_back = 0
        """Jobs in line whose kind has taken all its places: nobody was called for them."""
        self._threads = 0
        self._vacant = places
        self._parked = 0
        self._away = dict.fromkeys(most_away, 0)
        self._surplus = 0
        self._unfinished = 0
        with self._lock:
            for _ in range(places):
                self._another_thread()

    def submit(self, job: Job, kind: Kind = PAGES) -> bool:
        """Put a job in line; False when the line of its kind is full."""
        line = self._lines[kind.name]
        with self._lock:
            if len(line.jobs) >= line.kind.waiting:
                return False
            self._unfinished += 1
            self._arrived += 1
            line.jobs.append((self._arrived, job))
        self._calls.put(None)
        return True

    @property
    def empty(self) -> bool:
        """Whether every job is done."""
        return self._unfinished == 0

    @contextmanager
    def _leave(self, slow: Slow, line: _Line) -> Iterator[None]:
        """For a thread of the room: its place is another's while the block runs. Raises Overloaded when too many are
        away.
        """
        with self._lock:
            if self._away[slow] >= self._most_away[slow]:
                raise Overloaded(_REFUSED[slow])
            nobody_waits_for_it = self._parked <= self._vacant  # each who is parked takes one that is vacant already
            if nobody_waits_for_it:
                self._another_thread()
            self._away[slow] += 1
            self._vacant += 1
            self._one_less(line)
        self._places.release()
        try:
            yield
        finally:
            with self._lock:
                self._away[slow] -= 1
                line.working += 1
                self._surplus += 1  # it finishes its job beside the others, and then whoever is done first parks

    def _another_thread(self) -> None:
        """One more, parked at first. Under the lock. The machine may refuse: then those who are there do the work."""
        if self._threads >= self._most_threads:
            return
        thread = threading.Thread(target=self._work, name=f"request-{self._threads + 1}", daemon=True)
        try:
            thread.start()
        except RuntimeError:
            log.exception("no thread could be started")
            return
        self._threads += 1
        self._parked += 1

    def _work(self) -> None:
        while True:
            self._places.acquire()
            with self._lock:
                self._parked -= 1
                self._vacant -= 1
            while True:
                self._calls.get()
                taken = self._next()
                if taken is None:
                    continue
                line, job = taken
                self._do(line, job)
                if self._parks(line):
                    break

    def _next(self) -> tuple[_Line, Job] | None:
        """The job that this thread begins with; None where every kind that waits has all the places it may take."""
        with self._lock:
            ready = [line for line in self._lines.values() if line.ready]
            if not ready:
                self._held_back += 1
                return None
            first = ready[0]
            if len(ready) > 1:
                earliest = min(ready, key=lambda line: line.jobs[0][0])
                self._ahead = self._ahead + 1 if earliest is not first else 0
                if self._ahead > MOST_AHEAD:
                    first, self._ahead = earliest, 0
            first.working += 1
            return first, first.jobs.popleft()[1]

    def _do(self, line: _Line, job: Job) -> None:
        of_this_thread.away = lambda slow: self._leave(slow, line)
        try:
            job()
        except BaseException:  # whatever it was: a place that is lost once is lost for good
            log.exception("a job failed")

    def _one_less(self, line: _Line) -> None:
        """Of that kind one less is at work. Under the lock."""
        line.working -= 1
        if self._held_back and line.ready:
            self._held_back -= 1
            self._calls.put(None)

    def _parks(self, line: _Line) -> bool:
        """A job is done: whether this thread is one more than there are places."""
        with self._lock:
            self._unfinished -= 1
            self._one_less(line)
            if not self._surplus:
                return False
            self._surplus -= 1
            self._parked += 1
            return True
