"""The room of working threads: few places, a bounded line, and slow work that stands in nobody's way."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress

import pytest

from idp.foundation.db.slow_work import slow_work
from idp.foundation.kernel.errors import Overloaded
from idp.foundation.kernel.place import Slow
from idp.processes.kinds import HOT, MANAGEMENT, PAGES, Kind, kind_of
from idp.processes.room import MOST_AHEAD, Room
from tests.security.rows import row

SOON = 10


class Job:
    """A job that says when it begins and waits until it may end."""

    def __init__(self, *, slow: Slow | None = None) -> None:
        self.began, self.may_end, self.ended = threading.Event(), threading.Event(), threading.Event()
        self.slow = slow
        self.refused = False

    def __call__(self) -> None:
        if self.slow:
            try:
                with slow_work("waiting", self.slow):
                    self._wait()
            except Overloaded:
                self.refused = True
        else:
            self._wait()
        self.ended.set()

    def _wait(self) -> None:
        self.began.set()
        self.may_end.wait(SOON)


def started(room: Room, amount: int, make: Callable[[], Job], kind: Kind = HOT) -> list[Job]:
    jobs = [make() for _ in range(amount)]
    assert all(room.submit(job, kind) for job in jobs)
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
    assert room.submit(third, HOT)
    assert not third.began.wait(0.1)
    end(working[:1])
    assert third.began.wait(SOON)
    end([working[1], third])


@row("X2", "X4")
def test_forty_at_slow_work_stand_in_nobodys_way() -> None:
    room = Room(places=4)
    away = started(room, 40, lambda: Job(slow=Slow.HASHING))
    quick = started(room, 4, Job)
    end(quick)
    end(away)
    assert started(room, 4, Job), "everybody is back"


def test_whoever_comes_back_leaves_no_place_more_than_before() -> None:
    room = Room(places=2)
    for _ in range(3):
        end(started(room, 8, lambda: Job(slow=Slow.HASHING)))
    started(room, 2, Job)
    third = Job()
    room.submit(third, HOT)
    assert not third.began.wait(0.1)


@row("X4")
def test_slow_work_is_bounded() -> None:
    room = Room(places=1, most_away={Slow.HASHING: 3, Slow.CALLS: 1})
    away = started(room, 3, lambda: Job(slow=Slow.HASHING))
    fourth = Job(slow=Slow.HASHING)
    room.submit(fourth)
    assert fourth.ended.wait(SOON)
    assert fourth.refused
    end([*started(room, 1, lambda: Job(slow=Slow.CALLS)), *away])


@row("X2")
def test_the_line_is_bounded() -> None:
    few = Kind("few", 1, 2)
    room = Room(places=1, kinds=(few, HOT))
    started(room, 1, Job, few)
    assert room.submit(Job(), few)
    assert room.submit(Job(), few)
    assert not room.submit(Job(), few)
    assert room.submit(Job(), HOT), "another kind has its own line"


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
    end(started(room, 1, lambda: Job(slow=Slow.HASHING)))  # one thread more than places, which parks
    away = started(room, 3, lambda: Job(slow=Slow.HASHING))
    end(started(room, 3, Job))
    end(away)


def test_slow_work_goes_on_where_the_machine_has_no_thread_left(monkeypatch: pytest.MonkeyPatch) -> None:
    room = Room(places=2, most_away={Slow.HASHING: 2})

    def refuses(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", refuses)
        for _ in range(3):
            end(started(room, 1, lambda: Job(slow=Slow.HASHING)))
    end(started(room, 2, Job))


@row("X2", "X4")
def test_searches_that_take_long_leave_places_for_the_others() -> None:
    room = Room(places=4)
    searches = [Job() for _ in range(6)]
    assert all(room.submit(job, MANAGEMENT) for job in searches)
    assert all(job.began.wait(SOON) for job in searches[:2])
    pages, asked = started(room, 1, Job, PAGES), started(room, 1, Job, HOT)
    assert not searches[2].began.wait(0.1)
    end([searches[0]])
    assert searches[2].began.wait(SOON), "one of them ended, so the next one begins"
    end([*pages, *asked, *searches])
    end(started(room, 4, Job))


def test_what_applications_ask_goes_ahead_of_pages_but_not_for_ever() -> None:
    order: list[str] = []
    room = Room(places=1)
    first = started(room, 1, Job)
    room.submit(lambda: order.append("page"), PAGES)
    for _ in range(MOST_AHEAD + 2):
        room.submit(lambda: order.append("hot"), HOT)
    last = Job()
    room.submit(last, PAGES)
    end(first)
    end([last])
    assert order == ["hot"] * MOST_AHEAD + ["page"] + ["hot"] * 2


def test_whoever_is_away_takes_no_place_of_its_kind() -> None:
    room = Room(places=4)
    away = started(room, 5, lambda: Job(slow=Slow.HASHING), PAGES)
    end(started(room, PAGES.places, Job, PAGES))
    end(away)
    end(started(room, PAGES.places, Job, PAGES))


@pytest.mark.parametrize(
    ("path", "query", "kind"),
    [
        ("/auth/userinfo", "", HOT),
        ("/authorize", "client_id=a&prompt=none", HOT),
        ("/authorize", "client_id=a", PAGES),
        ("/auth/api/v2/users", "q=a", MANAGEMENT),
        ("/api/v2/users/auth0|/userinfo", "", MANAGEMENT),
        ("/api/v2/users/a/.well-known/logs", "", MANAGEMENT),
    ],
)
def test_which_line_a_request_stands_in(path: str, query: str, kind: Kind) -> None:
    """An id of whoever it is chooses none."""
    assert kind_of({"PATH_INFO": path, "QUERY_STRING": query}) is kind
