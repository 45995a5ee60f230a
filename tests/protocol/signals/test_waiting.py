"""Polls that wait for something (RFC 8936 2.2)."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from idp.foundation.kernel.errors import Overloaded
from idp.foundation.kernel.place import Slow, of_this_thread
from idp.protocol.signals import kept, runtime, types, waiting
from tests.security.rows import row
from tests.world.signals import Receiver, said

Happens = Callable[[], None]


@pytest.fixture
def away(monkeypatch: pytest.MonkeyPatch) -> Callable[[Happens], list[Slow]]:
    """A thread of a room, whose place is another's while it waits; something happens each time that it does."""
    monkeypatch.setattr(waiting, "LOOK_S", 0.001)

    def begin(happens: Happens) -> list[Slow]:
        left: list[Slow] = []

        @contextmanager
        def leave(slow: Slow) -> Iterator[None]:
            left.append(slow)
            happens()
            yield

        monkeypatch.setattr(of_this_thread, "away", leave)
        return left

    return begin


def polled(hears: Receiver, stream: dict[str, Any], **asked: Any) -> Any:
    answer = hears("POST", f"poll/{stream['stream_id']}", asked)
    return answer.status_code, answer.get_json()


def elsewhere(work: Callable[[], Any]) -> None:
    """On another thread, as everybody else's requests are."""
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()


def test_a_poll_waits_until_something_comes(hears: Receiver, away: Callable[[Happens], list[Slow]]) -> None:
    stream = hears.stream()
    asked = {"stream_id": stream["stream_id"], "state": "here"}

    def happens() -> None:
        if len(left) == 3:
            elsewhere(lambda: hears("POST", "verify", asked))

    left: list[Slow] = away(happens)
    status, answer = polled(hears, stream)
    assert (status, answer["moreAvailable"]) == (200, False)
    [token] = answer["sets"].values()
    assert said(hears.verified(token)) == {"state": "here"}
    assert left == [Slow.WAITING] * 3


def test_and_is_answered_in_the_end(
    hears: Receiver, away: Callable[[Happens], list[Slow]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting, "WAIT_S", 0.02)
    left, stream = away(lambda: None), hears.stream()
    assert polled(hears, stream) == (200, {"sets": {}, "moreAvailable": False})
    assert left
    del left[:]
    for asked in ({"returnImmediately": True}, {"maxEvents": 0}):
        assert polled(hears, stream, **asked) == (200, {"sets": {}, "moreAvailable": False})
    assert not left


@row("X2")
def test_those_who_cannot_wait_are_answered_at_once(hears: Receiver, away: Callable[[Happens], list[Slow]]) -> None:
    """There are too many, or another poll of the stream waits already, or the web server has no other thread."""
    nothing, stream = (200, {"sets": {}, "moreAvailable": False}), hears.stream()
    assert polled(hears, stream) == nothing

    def full() -> None:
        raise Overloaded("too many")

    assert (polled(hears, stream), away(full)) == (nothing, [])
    left: list[Slow] = away(full)
    assert polled(hears, stream) == nothing
    assert len(left) == 1
    second: list[Any] = []

    def again() -> None:
        second.append(polled(hears, stream))
        raise Overloaded("enough")

    away(again)
    assert polled(hears, stream) == nothing
    assert second == [nothing]


@row("SEC3")
@pytest.mark.parametrize("change", ["deleted", "paused", "grant"])
def test_what_ended_meanwhile_is_told_nothing(
    hears: Receiver, away: Callable[[Happens], list[Slow]], change: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting, "WAIT_S", 0.3)
    stream, management = hears.stream(), hears.world.management()
    named = {"stream_id": stream["stream_id"]}
    ends = {
        "deleted": lambda: hears("DELETE", f"streams?stream_id={stream['stream_id']}"),
        "paused": lambda: hears("POST", "status", {**named, "status": types.PAUSED}),
        "grant": lambda: [
            management.delete(f"/client-grants/{each['id']}")
            for each in management.get(f"/client-grants?client_id={hears.app.client_id}")
        ],
    }

    def put() -> None:
        with hears.world.writing() as work:
            [config] = runtime.of_tenant(work)
            kept.put(work, config, {"format": "opaque", "id": "x"}, types.SESSION_REVOKED, {}, txn="x")

    def happens() -> None:
        if len(left) == 1:
            elsewhere(put)
            elsewhere(ends[change])

    left: list[Slow] = away(happens)
    status, answer = polled(hears, stream)
    assert not answer.get("sets")
    assert status == {"deleted": 404, "paused": 200}.get(change, status)
