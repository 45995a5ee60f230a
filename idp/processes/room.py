"""The room in which a web process works on requests: few places, a short queue, and threads that leave while they wait.

Python runs one thread at a time, so a request is worked on by one of a few threads and the others wait in line
without costing anything. A thread that begins slow work (:mod:`idp.foundation.db.slow_work`: a password is hashed,
somebody else's server is asked) gives its place to another one until it comes back, so forty people who sign in at
once never stand between an application and its ``/userinfo`` (security.md X2, X4). All of it is bounded: who finds the
line full is told to come back later.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import SimpleQueue
from typing import Final

import structlog

from idp.foundation.kernel.errors import Overloaded
from idp.foundation.kernel.place import of_this_thread

PLACES: Final = 4
"""Requests one process works on at a time."""
MOST_AWAY: Final = 48
"""Requests that may be at slow work at a time, beside those."""
MOST_WAITING: Final = 512
"""Requests in line; the next one is refused at once."""
log = structlog.get_logger(__name__)


class Room:
    """Threads that do jobs in the order of their arrival. They end with the process: a job that raises costs nobody
    their place.
    """

    def __init__(self, *, places: int = PLACES, most_away: int = MOST_AWAY, most_waiting: int = MOST_WAITING) -> None:
        self._jobs: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._places = threading.Semaphore(places)
        self._lock = threading.Lock()
        self._most_away = most_away
        self._most_waiting = most_waiting
        self._most_threads = places + most_away
        self._threads = 0
        self._vacant = places
        self._parked = 0
        self._away = 0
        self._surplus = 0
        self._unfinished = 0
        with self._lock:
            for _ in range(places):
                self._another_thread()

    def submit(self, job: Callable[[], None]) -> bool:
        """Put a job in line; False when the line is full."""
        with self._lock:
            if self._jobs.qsize() >= self._most_waiting:
                return False
            self._unfinished += 1
        self._jobs.put(job)
        return True

    @property
    def empty(self) -> bool:
        """Whether every job is done."""
        return self._unfinished == 0

    @contextmanager
    def away(self) -> Iterator[None]:
        """For a thread of the room: its place is another's while the block runs. Raises Overloaded when too many are
        away.
        """
        with self._lock:
            if self._away >= self._most_away:
                raise Overloaded("Too many people are signing in at this moment. Try again in a few seconds.")
            nobody_waits_for_it = self._parked <= self._vacant  # each who is parked takes one that is vacant already
            if nobody_waits_for_it:
                self._another_thread()
            self._away += 1
            self._vacant += 1
        self._places.release()
        try:
            yield
        finally:
            with self._lock:
                self._away -= 1
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
        of_this_thread.away = self.away
        while True:
            self._places.acquire()
            with self._lock:
                self._parked -= 1
                self._vacant -= 1
            while True:
                self._do(self._jobs.get())
                if self._parks():
                    break

    def _do(self, job: Callable[[], None]) -> None:
        try:
            job()
        except BaseException:  # whatever it was: a place that is lost once is lost for good
            log.exception("a job failed")

    def _parks(self) -> bool:
        """A job is done: whether this thread is one more than there are places."""
        with self._lock:
            self._unfinished -= 1
            if not self._surplus:
                return False
            self._surplus -= 1
            self._parked += 1
            return True
