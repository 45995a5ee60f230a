"""Turns in a lane, on both stores: nobody holds more than the lane allows, nobody waits for somebody else's silence."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from idp.foundation.db.slow_work import slow_work
from idp.foundation.kernel import clock, ids
from idp.foundation.queue import run, tasks, turns
from idp.foundation.queue.lanes import CALLS, MAIL, OTHERS, Lane
from idp.foundation.queue.models import NOBODY, OutboxItem
from idp.foundation.queue.run import Loop
from idp.foundation.queue.store import Taken
from idp.foundation.queue.tasks import GiveUp, Outage, TryLater, Unanswered
from idp.foundation.queue.turns import Turns
from idp.foundation.tenancy.work import Platform, Work
from tests.foundation.queue.conftest import Recorder
from tests.world.sealed import as_before

ROOMY = Lane("roomy", threads=50, per_tenant=50, per_receiver=50, second_tries=50)
TASK = "test.record"


@pytest.fixture(autouse=True)
def known(recorder: Recorder) -> Recorder:
    """The one task of these tests."""
    return recorder


def put(platform: Platform, tenant: str, *receivers: str, task: str = TASK, attempts: int = 0) -> None:
    """Rows that are due, one for each receiver."""
    sealed = as_before(platform.sealer, '{"n": 1}')
    with platform.db.system_session() as session:
        for receiver in receivers:
            moment = clock.now_ms()
            session.add(
                OutboxItem(
                    tenant_id=tenant,
                    id=ids.prefixed("out", 24),
                    task=task,
                    receiver=receiver,
                    payload_sealed=sealed,
                    run_at=moment - 1000,
                    created_at=moment,
                    attempts=attempts,
                    locked_until=0,
                )
            )


def lane(platform: Platform, limits: Lane = ROOMY, *names: str) -> Turns:
    return Turns(limits, names or (TASK,), sqlite=platform.db.sqlite)


def take(platform: Platform, of: Turns, most: int = 100) -> list[Taken]:
    """Whose turn it is, until nobody's."""
    taken: list[Taken] = []
    with platform.db.hot() as hot:
        while len(taken) < most and (row := of.next(hot)) is not None:
            taken.append(row)
    return taken


def test_tenants_and_their_receivers_take_turns(platform: Platform) -> None:
    put(platform, "a", *["x"] * 30, *["y"] * 3)
    put(platform, "b", "x", "x")
    put(platform, "c", NOBODY)
    taken = take(platform, lane(platform), 8)
    assert [(row.tenant_id, row.receiver) for row in taken] == [
        ("a", "x"),
        ("b", "x"),
        ("c", NOBODY),
        ("a", "y"),
        ("b", "x"),
        ("a", "x"),
        ("a", "y"),
        ("a", "x"),
    ]


def test_a_tenant_and_a_receiver_hold_their_part_of_a_lane(platform: Platform) -> None:
    small = Lane("small", threads=6, per_tenant=4, per_receiver=2, second_tries=6)
    put(platform, "a", *["x"] * 9, *["y"] * 9, *["z"] * 9)
    of = lane(platform, small)
    taken = take(platform, of)
    assert sorted(row.receiver for row in taken) == ["x", "x", "y", "z"] or len(taken) == 4
    assert max(sum(row.receiver == each for row in taken) for each in "xyz") <= 2
    put(platform, "b", "w", "w", "w")
    assert [row.tenant_id for row in take(platform, of)] == ["b", "b"]
    of.ended(taken[0], None)
    assert len(take(platform, of)) == 1


def test_second_tries_leave_room_for_first_ones(platform: Platform) -> None:
    small = Lane("small", threads=6, per_tenant=6, per_receiver=6, second_tries=2)
    put(platform, "a", *["x"] * 9, attempts=1)
    of = lane(platform, small)
    assert len(take(platform, of)) == 2
    put(platform, "a", *["x"] * 9)
    assert [row.attempt for row in take(platform, of)] == [1, 1, 1, 1]


def test_after_an_outage_one_row_asks_whether_it_is_over(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    put(platform, "a", *["x"] * 9)
    of = lane(platform)
    (first,) = take(platform, of, 1)
    of.ended(first, Outage("away"))
    assert take(platform, of) == []
    monkeypatch.setattr(turns.time, "monotonic", later(turns.OUTAGE_S + 1))
    (probe,) = take(platform, of)
    of.ended(probe, None)
    assert len(take(platform, of)) == 7


@pytest.mark.parametrize("outcome", [TryLater("no"), GiveUp("no"), RuntimeError("no")])
def test_a_row_that_fails_alone_holds_nobody_up(platform: Platform, outcome: Exception) -> None:
    put(platform, "a", *["x"] * 3)
    of = lane(platform)
    (first,) = take(platform, of, 1)
    of.ended(first, outcome)
    assert len(take(platform, of)) == 2


def test_a_silent_receiver_rests_and_the_others_go_on(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    put(platform, "a", *["x"] * 3, "y")
    of = lane(platform)
    first, other = take(platform, of, 2)
    of.ended(first, Unanswered("silent"))
    of.ended(other, None)
    assert take(platform, of) == []
    put(platform, "b", "y")
    assert [row.receiver for row in take(platform, of)] == ["y"]
    monkeypatch.setattr(turns.time, "monotonic", later(turns.SILENT_RECEIVER_S + 1))
    assert [row.receiver for row in take(platform, of)] == ["x"]


def later(seconds: float) -> Callable[[], float]:
    now = turns.time.monotonic()
    return lambda: now + seconds


def test_a_task_that_this_version_does_not_know_is_never_taken(platform: Platform) -> None:
    put(platform, "a", "x", task="from.the.future")
    assert [row for each in Loop(platform).lanes() for row in take(platform, each)] == []
    with platform.db.reading("a") as session:
        assert session.scalars(select(OutboxItem.attempts)).one() == 0


def test_nothing_is_taken_before_every_task_is_registered(
    platform: Platform, work: Work, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    complete, asked = threading.Event(), threading.Event()

    def wait(_seconds: float) -> bool:
        asked.set()
        return complete.wait(0.01)

    monkeypatch.setattr(tasks, "wait_until_complete", wait)
    monkeypatch.setattr(run, "POLL_S", 0.05)
    put(platform, "default", *[NOBODY] * 8)
    loop = Loop(platform)
    loop.start()
    assert asked.wait(5)
    assert recorder.done == []
    complete.set()
    eventually(lambda: len(recorder.done) == 8)
    loop.stop()
    with platform.db.reading("default") as session:
        assert set(session.scalars(select(OutboxItem.attempts))) == {1}


def eventually(condition: Callable[[], bool]) -> None:
    waiting = threading.Event()
    for _ in range(1000):
        if condition():
            return
        waiting.wait(0.01)
    raise AssertionError("not within ten seconds")


MODULE = """
import threading, time
from tests.foundation.queue.test_lanes import loads
loads.append(threading.current_thread().name)
time.sleep(0.05)
prepared = []
def prepare():
    time.sleep(0.05)
    prepared.append(1)
def handle(work, payload):
    assert prepared == [1]
"""
loads: list[str] = []


@pytest.fixture
def slow_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A handler whose module takes its time to be imported."""
    (tmp_path / "slow_handler.py").write_text(MODULE, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    loads.clear()
    yield "slow_handler"
    sys.modules.pop("slow_handler", None)


def test_handlers_wanted_at_the_same_moment_are_loaded_once_and_whole(slow_module: str) -> None:
    tasks.register("test.slow", f"{slow_module}:handle")
    found: list[Any] = []
    barrier = threading.Barrier(8)

    def ask() -> None:
        barrier.wait()
        found.append(tasks.find("test.slow"))
        found[-1](None, {})

    askers = [threading.Thread(target=ask) for _ in range(8)]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join()
    assert len(set(found)) == 1
    assert len(found) == 8
    assert len(loads) == 1


def test_a_handler_that_cannot_be_loaded_costs_no_attempt(platform: Platform) -> None:
    tasks.register("test.broken", "no.such.module:handle")
    put(platform, "a", "x", task="test.broken")
    put(platform, "a", "x")
    assert [row.task for row in take(platform, lane(platform, ROOMY, "test.broken", TASK))] == [TASK]
    with platform.db.reading("a") as session:
        assert session.scalars(select(OutboxItem.attempts).where(OutboxItem.task == "test.broken")).one() == 0


def test_a_lane_that_hangs_holds_neither_another_lane_nor_the_database(
    platform: Platform, work: Work, recorder: Recorder
) -> None:
    hanging, let_go = threading.Semaphore(0), threading.Event()

    def hang(at: Work, _payload: dict[str, Any]) -> None:
        with slow_work("hanging"):
            hanging.release()
            let_go.wait(30)
        assert at.config.tenant_id == "default"
        at.refresh()  # the database is there again when it is needed

    wide = Lane("wide", threads=30, per_tenant=30, per_receiver=30, second_tries=30)
    tasks.register("test.hang", hang, wide)
    put(platform, "default", *[NOBODY] * 30, task="test.hang")
    loop = Loop(platform, lanes={wide: ["test.hang"], OTHERS: [TASK]})
    loop.start()
    for _ in range(30):
        assert hanging.acquire(timeout=20)
    put(platform, "default", NOBODY, NOBODY)
    eventually(lambda: len(recorder.done) == 2)
    let_go.set()
    loop.stop()
    with platform.db.reading("default") as session:
        assert all(session.scalars(select(OutboxItem.done_at)))


@pytest.mark.parametrize("limits", [MAIL, CALLS, OTHERS])
def test_no_lane_can_be_held_by_one_tenant_or_by_what_failed_before(limits: Lane) -> None:
    assert limits.per_receiver <= limits.per_tenant < limits.threads
    assert limits.second_tries < limits.threads
