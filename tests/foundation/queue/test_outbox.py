"""The outbox on both stores: nothing lost, nothing twice (security.md RL6, RL20)."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import select

from idp.foundation.kernel import clock
from idp.foundation.queue import outbox, run, store, wake
from idp.foundation.queue.lanes import OTHERS, Lane
from idp.foundation.queue.models import OutboxItem
from idp.foundation.queue.run import Loop
from idp.foundation.queue.tasks import GiveUp, Outage
from idp.foundation.queue.turns import Turns
from idp.foundation.redis_client import client
from idp.foundation.tenancy.work import Platform, Work
from tests.foundation.queue.conftest import Recorder
from tests.world.outbox import work_off

MINUTE = 60_000


def put(work: Work, *numbers: int) -> None:
    with work.hot.transaction():
        for number in numbers:
            outbox.put(work, "test.record", {"n": number})


def rows(platform: Platform) -> list[OutboxItem]:
    with platform.db.reading("default") as session:
        return list(session.scalars(select(OutboxItem).order_by(OutboxItem.created_at)))


def work_once(platform: Platform) -> None:
    """Take and do everything that is due now."""
    work_off(platform)


def one_lane(platform: Platform) -> Turns:
    """The lane of the tests' task."""
    (only,) = Loop(platform).lanes()
    return only


def pass_time(monkeypatch: pytest.MonkeyPatch, ms: int) -> None:
    now = clock.now_ms() + ms
    monkeypatch.setattr(clock, "now_ms", lambda: now)


def test_work_is_done_once_and_closed(platform: Platform, work: Work, recorder: Recorder) -> None:
    put(work, 1, 2)
    work_once(platform)
    work_once(platform)
    assert sorted(recorder.done) == [1, 2]
    assert all(row.done_at and not row.failure for row in rows(platform))


def test_work_of_a_change_that_was_rolled_back_is_never_done(
    platform: Platform, work: Work, recorder: Recorder
) -> None:
    def change_and_fail() -> None:
        with work.hot.transaction():
            outbox.put(work, "test.record", {"n": 1})
            raise RuntimeError("rolled back")

    with pytest.raises(RuntimeError):
        change_and_fail()
    work_once(platform)
    assert recorder.done == []


def test_payloads_are_unreadable_at_rest(platform: Platform, work: Work) -> None:
    with work.hot.transaction():
        outbox.put(work, "test.record", {"link": "https://id.test/?ticket=very-secret"})
    assert "very-secret" not in rows(platform)[0].payload_sealed


def test_failures_are_tried_again_later_and_later(
    platform: Platform, work: Work, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorder.failures = [RuntimeError("no") for _ in range(3)]
    put(work, 1)
    for minutes in (1, 2, 5):
        work_once(platform)
        assert "RuntimeError" in str(rows(platform)[0].failure)
        pass_time(monkeypatch, minutes * MINUTE - 1000)
        work_once(platform)  # too early: nothing happens
        assert recorder.done == []
        pass_time(monkeypatch, 2000)
    work_once(platform)
    assert recorder.done == [1]
    assert rows(platform)[0].done_at


def test_an_outage_stops_the_whole_task_and_is_probed_soon(
    platform: Platform, work: Work, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorder.failures = [Outage("no server")]
    put(work, 1)
    work_once(platform)
    put(work, 2)
    pass_time(monkeypatch, store.PROBE_AFTER_MS + 1)
    work_once(platform)
    assert sorted(recorder.done) == [1, 2]


def test_what_can_not_work_is_given_up(platform: Platform, work: Work, recorder: Recorder) -> None:
    recorder.failures = [GiveUp("no such address")]
    put(work, 1)
    work_once(platform)
    work_once(platform)
    assert recorder.done == []
    (row,) = rows(platform)
    assert row.done_at
    assert "no such address" in str(row.failure)


def test_an_unknown_task_waits_for_a_version_that_knows_it(platform: Platform, work: Work, recorder: Recorder) -> None:
    with work.hot.transaction():
        outbox.put(work, "from.the.future", {})
    work_once(platform)
    assert rows(platform)[0].done_at is None
    assert rows(platform)[0].attempts == 0


def test_a_dead_workers_rows_come_back_and_its_late_word_counts_nothing(
    platform: Platform, work: Work, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(work, 1)
    with platform.db.hot() as hot:
        dead = one_lane(platform).next(hot)
        assert dead is not None
        assert one_lane(platform).next(hot) is None
        pass_time(monkeypatch, OTHERS.lease_ms + 1)
        mine = one_lane(platform).next(hot)
        assert mine is not None
        assert mine.id == dead.id
        assert not store.finish(hot, dead)
        assert rows(platform)[0].done_at is None
        assert store.finish(hot, mine)


def test_many_takers_share_without_taking_twice(
    platform: Platform, work: Work, recorder: Recorder, open_platform: Callable[..., Platform]
) -> None:
    amount = 60
    with work.hot.transaction():
        for number in range(amount):
            outbox.put(work, "test.record", {"n": number})
    taken: list[str] = []

    def take_all(own: Platform) -> None:
        roomy = Turns(Lane("roomy", 100, 100, 100, 100), ["test.record"], sqlite=own.db.sqlite)
        with own.db.hot() as hot:
            while store.any_due(hot):
                found = roomy.next(hot)
                if found is not None:
                    taken.append(found.id)

    takers = [threading.Thread(target=take_all, args=(open_platform(),)) for _ in range(4)]
    for taker in takers:
        taker.start()
    for taker in takers:
        taker.join()
    assert len(taken) == len(set(taken)) == amount


def test_the_loop_is_woken_and_stops_after_what_it_began(platform: Platform, work: Work, recorder: Recorder) -> None:
    loop = Loop(platform)
    loop.start()
    begun = time.monotonic()
    put(work, 1)
    while not recorder.done:
        assert time.monotonic() - begun < 5
        time.sleep(0.01)
    assert time.monotonic() - begun < run.POLL_S
    recorder.gate.clear()
    put(work, 2)
    time.sleep(0.3)
    threading.Timer(0.3, recorder.gate.set).start()
    loop.stop()
    assert recorder.done == [1, 2]
    assert all(row.done_at for row in rows(platform))


def test_a_loop_never_takes_more_than_it_can_do_at_once(platform: Platform, work: Work, recorder: Recorder) -> None:
    put(work, *range(10))
    recorder.gate.clear()
    lane = Lane("two", threads=2, per_tenant=2, per_receiver=2, second_tries=2)
    loop = Loop(platform, lanes={lane: ["test.record"]})
    (turns,) = loop.lanes()
    with ThreadPoolExecutor(2) as pool:
        loop.round({turns: pool})
        loop.round({turns: pool})
        assert len([row for row in rows(platform) if row.locked_until]) == 2
        recorder.gate.set()


def test_redis_wakes_another_process(redis_url: str, platform: Platform) -> None:
    settings = replace(platform.settings, redis_url=redis_url)
    listener = wake.Listener(settings)
    listener.start()
    deadline = time.monotonic() + 10
    wake._here.clear()
    while not wake._here.wait(0.1) and time.monotonic() < deadline:
        client(settings).publish(wake.CHANNEL, "1")  # said before anybody listened is said to nobody
    heard = wake._here.is_set()
    listener.stop()
    listener.join(3)
    assert heard


def test_without_redis_work_goes_on(
    platform: Platform, recorder: Recorder, open_platform: Callable[..., Platform]
) -> None:
    away = open_platform(redis_url="redis://127.0.0.1:1/0")
    with away.db.hot() as hot:
        work = Work(away, away.configurations.reload("default", hot), hot)
        put(work, 1)
    loop = Loop(away)
    loop.start()
    deadline = time.monotonic() + 5
    while not recorder.done and time.monotonic() < deadline:
        time.sleep(0.05)
    loop.stop()
    assert recorder.done == [1]
