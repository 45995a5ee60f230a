"""How events leave: pushed (RFC 8935) and fetched (RFC 8936), to a real receiver that verifies them."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import partial
from typing import Any

import pytest

from idp.processes import purges
from idp.protocol.signals import delivery, kept, service, types, views
from idp.protocol.signals.models import SignalEvent
from tests.security.rows import row
from tests.world.fixtures import Clock, on_both_stores
from tests.world.racing import at_once
from tests.world.signals import (
    PUSH,
    REVOKED,
    Endpoint,
    Receiver,
    encoded,
    header_of,
    kinds,
    own_token,
    receiver,
    said,
)
from tests.world.world import World


def verify(hears: Receiver, stream: dict[str, Any], state: str | None = None) -> None:
    asked = {"stream_id": stream["stream_id"], **({"state": state} if state is not None else {})}
    assert hears("POST", "verify", asked).status_code == 204


def several(hears: Receiver, stream: dict[str, Any], clock: Clock, number: int) -> None:
    """Events that prove the stream, each with its number for its state."""
    for each in range(number):
        verify(hears, stream, str(each))
        clock.forward(seconds=31)


def waiting(world: World) -> int:
    with world.platform.db.reading(world.tenant) as session:
        return session.query(SignalEvent).count()


def test_a_pushed_event_is_what_the_specifications_want(hears: Receiver, there: Endpoint) -> None:
    stream = hears.pushed_to(there, header="Bearer of theirs")
    verify(hears, stream, "a state")
    hears.world.work()
    [(headers, body)] = there.came
    assert headers["content-type"] == "application/secevent+jwt"
    assert headers["accept"] == "application/json"
    assert headers["authorization"] == "Bearer of theirs"
    assert header_of(body)["alg"] == "RS256"
    claims = hears.verified(body)
    assert claims["sub_id"] == {"format": "opaque", "id": stream["stream_id"]}
    assert (kinds([claims]), said(claims)) == (["verification"], {"state": "a state"})
    hears.world.work()
    assert len(there.came) == 1
    assert waiting(hears.world) == 0
    assert [entry.client_id for entry in hears.world.logs("ssfe")] == [hears.app.client_id]


def test_without_a_header_none_is_sent(hears: Receiver, there: Endpoint) -> None:
    verify(hears, hears.pushed_to(there))
    hears.world.work()
    assert "authorization" not in there.came[0][0]
    assert said(hears.verified(there.sets[0])) == {}


@row("SEC3")
def test_the_header_is_sealed_and_shown_to_nobody(hears: Receiver, there: Endpoint) -> None:
    hears.pushed_to(there, header="Bearer very-secret-of-theirs")
    shown = hears("GET", "streams").text + hears.world.caller().get("/shared-signals/streams").text
    assert "very-secret" not in shown
    with hears.world.platform.db.engine.connect() as connection:
        [[stored]] = connection.exec_driver_sql("SELECT authorization_sealed FROM signal_streams").fetchall()
    assert "very-secret" not in stored
    assert stored.startswith("v2.")


def test_events_that_are_fetched_stay_until_they_are_acknowledged(hears: Receiver, clock: Clock) -> None:
    stream = hears.stream()
    several(hears, stream, clock, 3)
    first = hears("POST", f"poll/{stream['stream_id']}", {"maxEvents": 2, "returnImmediately": True}).get_json()
    assert (len(first["sets"]), first["moreAvailable"]) == (2, True)
    assert [said(hears.verified(each))["state"] for each in first["sets"].values()] == ["0", "1"]
    again = hears.poll(stream)
    assert list(again)[:2] == list(first["sets"]), "nothing was acknowledged"
    rest = hears.poll(stream, ack=list(first["sets"]))
    assert list(rest) == list(again)[2:]
    only = hears("POST", f"poll/{stream['stream_id']}", {"ack": list(rest), "maxEvents": 0}).get_json()
    assert only == {"sets": {}, "moreAvailable": False}
    assert hears.poll(stream, ack=list(rest)) == {}, "twice is no error"
    assert hears.world.work() == 0


def test_events_of_one_moment_leave_in_their_order(
    world: World, hears: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream, moment = hears.stream(), kept.clock.now_ms()
    with world.writing() as work, monkeypatch.context() as still:
        still.setattr(kept.clock, "now_ms", lambda: moment)
        [config] = views.runtime.of_tenant(work)
        for each in map(str, range(8)):
            kept.put(work, config, {"format": "opaque", "id": config.id}, types.VERIFICATION, {"state": each}, txn=each)
    assert [said(each)["state"] for each in hears.heard(stream)] == list(map(str, range(8)))


def test_an_event_that_a_receiver_cannot_read_is_not_sent_again(hears: Receiver) -> None:
    stream = hears.stream()
    verify(hears, stream)
    [jti] = hears.poll(stream)
    why = {"err": "invalid_key", "description": "no such key"}
    assert hears.poll(stream, setErrs={jti: why}) == {}
    [entry] = hears.world.logs("fssfe")
    assert "invalid_key" in entry.description


BAD_POLLS = [b"", b"{", b"[]", b'{"maxEvents": -1}', b'{"ack": "x"}', b'{"ack": [7]}', b'{"setErrs": {"a": 1}}']


@pytest.mark.parametrize("body", BAD_POLLS, ids=range(len(BAD_POLLS)))
def test_polls_that_cannot_be_read(hears: Receiver, body: bytes) -> None:
    stream = hears.stream()
    headers = {"Authorization": f"Bearer {hears.token}", "Content-Type": "application/json"}
    answer = hears.world.send("POST", f"/ssf/poll/{stream['stream_id']}", data=body, headers=headers)
    assert answer.status_code == 400, answer.text


def test_a_stream_that_is_pushed_is_not_polled(hears: Receiver, there: Endpoint) -> None:
    stream = hears.pushed_to(there)
    assert hears("POST", f"poll/{stream['stream_id']}", {}).status_code == 400


def test_whoever_acknowledges_for_others_acknowledges_nothing(world: World, hears: Receiver) -> None:
    stream = hears.stream()
    verify(hears, stream)
    [jti] = hears.poll(stream)
    other = receiver(world, world.client("m2m", grant_types=["client_credentials"]))
    theirs = other.stream()
    assert other.poll(theirs, ack=[jti]) == {}
    assert list(hears.poll(stream)) == [jti]


def test_what_fails_is_tried_again_in_order(hears: Receiver, there: Endpoint, clock: Clock) -> None:
    stream = hears.pushed_to(there)
    there.status = 503
    verify(hears, stream, "0")
    hears.world.work()
    assert len(there.came) == 1
    there.came.clear()
    there.status = 202
    clock.forward(seconds=31)
    verify(hears, stream, "1")
    hears.world.work()
    assert [said(hears.verified(each))["state"] for each in there.sets] == ["0", "1"]
    clock.forward(minutes=2)
    hears.world.work()
    assert len(there.came) == 2
    shown = hears.world.caller().get(f"/shared-signals/streams/{stream['stream_id']}").get_json()
    assert "failure" not in shown


@pytest.mark.parametrize(
    ("body", "waits"),
    [
        ({"err": "invalid_audience", "description": "not for us"}, 0),
        ({"err": "authentication_failed", "description": "who?"}, 1),
        ({}, 1),
    ],
)
def test_what_a_receiver_says_of_an_event(hears: Receiver, there: Endpoint, body: dict[str, str], waits: int) -> None:
    stream = hears.pushed_to(there)
    there.status, there.body = 400, encoded(body)
    verify(hears, stream)
    hears.world.work()
    assert waiting(hears.world) == waits
    [entry] = hears.world.logs("fssfe")
    assert body.get("err", "answered 400") in entry.description


def test_after_a_day_of_failures_a_stream_is_paused(hears: Receiver, there: Endpoint, clock: Clock) -> None:
    stream = hears.pushed_to(there)
    there.status = 500
    verify(hears, stream)
    hears.world.work()
    clock.forward(hours=25)
    hears.world.work()
    where = f"status?stream_id={stream['stream_id']}"
    hears.token = own_token(hears.app, f"{hears.world.issuer}ssf/")
    status = hears("GET", where).get_json()
    assert (status["status"], status["reason"]) == ("paused", service.FAILING)
    assert [entry.type for entry in hears.world.logs("fssfp")] == ["fssfp"]
    there.came.clear()
    there.status = 202
    clock.forward(minutes=10)
    hears.world.work()
    assert kinds([hears.verified(each) for each in there.sets]) == ["stream-updated"], "the others wait"
    assert hears("POST", "status", {"stream_id": stream["stream_id"], "status": "enabled"}).status_code == 200
    hears.world.work()
    assert kinds([hears.verified(each) for each in there.sets]) == ["stream-updated", "verification"]


def test_paused_streams_keep_and_disabled_ones_forget(hears: Receiver, clock: Clock) -> None:
    stream = hears.stream()
    named = {"stream_id": stream["stream_id"]}
    hears("POST", "status", {**named, "status": "paused"})
    several(hears, stream, clock, 2)
    assert hears.poll(stream) == {}
    hears("POST", "status", {**named, "status": "enabled"})
    assert [said(each)["state"] for each in hears.heard(stream)] == ["0", "1"]
    verify(hears, stream)
    hears("POST", "status", {**named, "status": "disabled"})
    hears("POST", "status", {**named, "status": "enabled"})
    assert hears.poll(stream) == {}


@on_both_stores
def test_two_workers_deliver_once(processes: Sequence[World], hears: Receiver, there: Endpoint, clock: Clock) -> None:
    stream = hears.pushed_to(there)
    several(hears, stream, clock, 4)

    def push(world: World) -> None:
        with world.platform.work(world.tenant) as work:
            delivery.push(work, {"stream_id": stream["stream_id"]})

    at_once([partial(push, each) for each in processes])
    states = sorted(said(hears.verified(each))["state"] for each in there.sets)
    assert states == ["0", "1", "2", "3"]
    assert waiting(hears.world) == 0


@on_both_stores
def test_whoever_acknowledges_at_once_is_counted_once(hears: Receiver) -> None:
    stream = hears.stream()
    verify(hears, stream)
    [jti] = hears.poll(stream)
    assert at_once([lambda: hears.poll(stream, ack=[jti]) for _ in range(3)]) == [{}, {}, {}]
    assert len(hears.world.logs("ssfe")) == 1


def test_a_worker_that_died_gives_the_event_back(hears: Receiver, there: Endpoint, clock: Clock) -> None:
    stream = hears.pushed_to(there)
    verify(hears, stream)
    with hears.world.context() as work:
        config = next(iter(views.runtime.of_tenant(work)))
        assert kept.take(work, config) is not None
        assert kept.take(work, config) is None
        clock.forward(milliseconds=kept.LEASE_MS)
        assert kept.take(work, config) is not None


def test_what_waits_is_bounded(hears: Receiver, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    stream = hears.stream()
    monkeypatch.setattr(kept, "MOST_KEPT", 2)
    several(hears, stream, clock, 4)
    assert [said(each)["state"] for each in hears.heard(stream)] == ["2", "3"]
    verify(hears, stream)
    clock.forward(days=7, seconds=1)
    purges.purge(hears.world.platform.db, threading.Event())
    assert waiting(hears.world) == 0


@row("P7")
@pytest.mark.parametrize("url", ["https://169.254.169.254/latest", "https://10.0.0.7/", "https://[::ffff:10.0.0.7]/"])
def test_events_are_not_pushed_inward(hears: Receiver, url: str) -> None:
    stream = hears.stream(REVOKED, delivery={"method": PUSH, "endpoint_url": url})
    verify(hears, stream)
    hears.world.work()
    [entry] = hears.world.logs("fssfe")
    assert "private address" in entry.description
    assert hears.world.work() == 0, "given up"


@row("P5")
def test_redirects_are_not_followed(hears: Receiver, there: Endpoint) -> None:
    stream = hears.pushed_to(there)
    there.status = 302
    verify(hears, stream)
    hears.world.work()
    assert len(there.came) == 1
    assert waiting(hears.world) == 1


def test_events_are_signed_with_the_key_of_the_moment(hears: Receiver) -> None:
    stream = hears.stream()
    verify(hears, stream)
    before = header_of(next(iter(hears.poll(stream).values())))["kid"]
    hears.world.rotate_keys()
    [token] = hears.poll(stream).values()
    assert header_of(token)["kid"] != before
    hears.verified(token)
