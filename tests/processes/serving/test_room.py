"""The room of working threads: few places, a bounded line, and slow work that stands in nobody's way."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress

import pytest

from idp.foundation.db.slow_work import slow_work
from idp.foundation.kernel.errors import Overloaded
from idp.processes.room import Room
from tests.security.rows import row

SOON = 10


class Job:
    """A job that says when it begins and waits until it may end."""

    def __init__(self, *, slow: bool = False) -> None:
        self.began, self.may_end, self.ended = threading.Event(), threading.Event(), threading.Event()
        self.slow = slow
        self.refused = False

    def __call__(self) -> None:
        if self.slow:
            try:
                with slow_work("waiting"):
                    self._wait()
            except Overloaded:
                self.refused = True
        else:
            self._wait()
        self.ended.set()

    def _wait(self) -> None:
        self.began.set()
        self.may_end.wait(SOON)


def started(room: Room, amount: int, make: Callable[[], Job]) -> list[Job]:
    jobs = [make() for _ in range(amount)]
    assert all(room.submit(job) for job in jobs)
    assert all(job.began.wait(SOON) for job in jobs)
    return jobs


def end(jobs: list[Job]) -> None:
    for job in jobs:
        job.may_end.set()
    assert all(job.ended.wait(SOON) for job in jobs)


def test_no_more_work_at_once_than_there_are_places() -> None:
    room = Room(places=2)
    working = started(room, 2, Job)
    third = Job()
    assert room.submit(third)
    assert not third.began.wait(0.1)
    end(working[:1])
    assert third.began.wait(SOON)
    end([working[1], third])


@row("X2", "X4")
def test_forty_at_slow_work_stand_in_nobodys_way() -> None:
    room = Room(places=4)
    away = started(room, 40, lambda: Job(slow=True))
    quick = started(room, 4, Job)
    end(quick)
    end(away)
    assert started(room, 4, Job), "everybody is back"


def test_whoever_comes_back_leaves_no_place_more_than_before() -> None:
    room = Room(places=2)
    for _ in range(3):
        end(started(room, 8, lambda: Job(slow=True)))
    started(room, 2, Job)
    third = Job()
    room.submit(third)
    assert not third.began.wait(0.1)


@row("X4")
def test_slow_work_is_bounded() -> None:
    room = Room(places=1, most_away=3)
    away = started(room, 3, lambda: Job(slow=True))
    fourth = Job(slow=True)
    room.submit(fourth)
    assert fourth.ended.wait(SOON)
    assert fourth.refused
    end(away)


@row("X2")
def test_the_line_is_bounded() -> None:
    room = Room(places=1, most_waiting=2)
    started(room, 1, Job)
    assert room.submit(Job())
    assert room.submit(Job())
    assert not room.submit(Job())


def test_it_is_empty_when_every_job_is_done() -> None:
    room = Room(places=1)
    assert room.empty
    working = started(room, 1, Job)
    assert not room.empty
    end(working)
    deadline = threading.Event()
    for _ in range(100):
        if room.empty:
            break
        deadline.wait(0.02)
    assert room.empty


@pytest.mark.parametrize("error", [KeyError, Overloaded])
def test_a_thread_that_fails_at_slow_work_comes_back(error: type[Exception]) -> None:
    room = Room(places=1)
    failed = threading.Event()

    @slow_work("failing")
    def fails() -> None:
        raise error

    def job() -> None:
        with suppress(error):
            fails()
        failed.set()

    assert room.submit(job)
    assert failed.wait(SOON)
    end(started(room, 1, Job))


def test_a_job_that_raises_costs_nobody_their_place() -> None:
    room = Room(places=1)

    def ends() -> None:
        raise SystemExit(1)

    assert room.submit(ends)
    end(started(room, 1, Job))


def test_each_of_those_who_leave_at_once_is_replaced() -> None:
    """Whoever waits for a place takes one: the next that becomes vacant is not theirs too."""
    room = Room(places=3)
    end(started(room, 1, lambda: Job(slow=True)))  # one thread more than places, which parks
    away = started(room, 3, lambda: Job(slow=True))
    end(started(room, 3, Job))
    end(away)


def test_slow_work_goes_on_where_the_machine_has_no_thread_left(monkeypatch: pytest.MonkeyPatch) -> None:
    room = Room(places=2, most_away=2)

    def refuses(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", refuses)
        for _ in range(3):
            end(started(room, 1, lambda: Job(slow=True)))
    end(started(room, 2, Job))
