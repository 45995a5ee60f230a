"""Whose scripts may run at once: a tenant whose scripts hang keeps nobody else waiting."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest

from idp.foundation.scripts import Outcome, Script
from idp.foundation.scripts import pool as pools
from idp.foundation.scripts.pool import Pool, TooLate


class Stub:
    """A worker that ends when the test says so; sources are ``hang`` or anything else."""

    go = threading.Event()
    began = threading.Semaphore(0)

    def __init__(self) -> None:
        self.runs, self.walls = 0, True

    def begin(self) -> None:
        """Ready at once."""

    def run(self, call: dict[str, Any], _answer: object, _ends: float) -> dict[str, Any]:
        """The outcome, or no end in time."""
        if call["source"] != "hang":
            return {"values": [1]}
        type(self).began.release()
        assert type(self).go.wait(60)
        raise TooLate

    def alive(self) -> bool:
        """Always."""
        return True

    def end(self) -> None:
        """Nothing to end."""


@pytest.fixture
def pool(monkeypatch: pytest.MonkeyPatch) -> Pool:
    """Four places, and nobody waits."""
    Stub.go, Stub.began = threading.Event(), threading.Semaphore(0)
    monkeypatch.setattr(pools, "Worker", Stub)
    return Pool(wait_s=0.0)


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    """For runs that hang."""
    with ThreadPoolExecutor(8) as made:
        yield made
        Stub.go.set()


def quick(pool: Pool, owner: str) -> str | None:
    """Why a good script of that owner did not run."""
    return pool.run(Script(source="good", entry="login", args=[], owner=owner), lambda *_: None, 1.0).failed


def hang(pool: Pool, threads: ThreadPoolExecutor, owner: str) -> Future[Outcome]:
    """A script of that owner that goes on until the test says so; has begun, or was told that there is no place."""
    script = Script(source="hang", entry="login", args=[], owner=owner)
    future = threads.submit(pool.run, script, lambda *_: None, 1.0)
    while not future.done() and not Stub.began.acquire(timeout=0.01):
        pass
    return future


def test_two_owners_that_hang_leave_a_place(pool: Pool, threads: ThreadPoolExecutor) -> None:
    outcomes = [hang(pool, threads, owner) for owner in ("a", "a", "b", "b", "a", "b")]
    assert [each.done() for each in outcomes] == [False, False, False, True, True, True]
    assert {each.result().failed for each in outcomes if each.done()} == {"busy"}
    assert quick(pool, "c") is None


def test_owners_that_hung_never_hold_all_places_again(pool: Pool, threads: ThreadPoolExecutor) -> None:
    owners = ("a", "b", "c", "d")
    first = [hang(pool, threads, owner) for owner in owners]
    assert quick(pool, "e") == "busy"
    Stub.go.set()
    assert {each.result().failed for each in first} == {"timeout"}
    Stub.go.clear()
    again = [hang(pool, threads, owner) for owner in owners]
    assert [each.done() for each in again] == [False, False, False, True]
    assert quick(pool, "e") is None


def test_one_run_that_ends_in_time_makes_good(pool: Pool, threads: ThreadPoolExecutor) -> None:
    late = hang(pool, threads, "a")
    Stub.go.set()
    assert late.result().failed == "timeout"
    Stub.go.clear()
    assert quick(pool, "a") is None
    for owner in ("b", "c", "d"):
        hang(pool, threads, owner)
    assert quick(pool, "a") is None
