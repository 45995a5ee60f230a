"""Receivers that want more than they may: around an administrator who holds their stream, after their grant was cut
down, and about the network that their events leave from.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from idp.foundation import egress
from idp.protocol.signals import people, runtime, service, types
from tests.security.rows import row
from tests.world.browser import Browser
from tests.world.fixtures import Clock, on_both_stores
from tests.world.racing import at_once
from tests.world.signals import Endpoint, Receiver, own_token, receiver
from tests.world.world import Person, World


def hold(world: World, stream: dict[str, Any], status: str = "paused") -> None:
    answer = world.caller().patch(f"/shared-signals/streams/{stream['stream_id']}", {"status": status})
    assert answer.status_code == 200, answer.text


def verify(hears: Receiver, stream: dict[str, Any]) -> int:
    return hears("POST", "verify", {"stream_id": stream["stream_id"]}).status_code


@row("W1")
@on_both_stores
@pytest.mark.parametrize("status", ["paused", "disabled"])
def test_what_an_administrator_holds_stays_held(world: World, hears: Receiver, status: str) -> None:
    """Neither by saying the same once more, nor by a new stream in its place."""
    stream = hears.stream()
    named = {"stream_id": stream["stream_id"]}
    hold(world, stream, status)
    for asked in (status, "enabled", "disabled"):
        assert hears("POST", "status", {**named, "status": asked}).status_code == 403
    assert hears("DELETE", f"streams?stream_id={stream['stream_id']}").status_code == 403
    assert hears("POST", "streams", {"events_requested": ["urn:a"]}).status_code == 409
    found = world.caller().get(f"/shared-signals/streams/{stream['stream_id']}").get_json()
    assert (found["status"], found["held_by"]) == (status, "administrator")
    hold(world, stream, "enabled")
    assert hears("POST", "status", {**named, "status": "paused"}).status_code == 200
    assert hears("DELETE", f"streams?stream_id={stream['stream_id']}").status_code == 204


@row("W1")
@pytest.mark.parametrize("status", ["paused", "disabled"])
def test_what_a_receiver_held_back_first_an_administrator_holds_as_well(
    world: World, hears: Receiver, status: str
) -> None:
    """Whoever pauses their stream in time is not left its key."""
    stream = hears.stream()
    named = {"stream_id": stream["stream_id"]}
    assert hears("POST", "status", {**named, "status": status}).status_code == 200
    hold(world, stream, status)
    found = world.caller().get(f"/shared-signals/streams/{stream['stream_id']}").get_json()
    assert (found["status"], found["held_by"]) == (status, "administrator")
    assert hears("POST", "status", {**named, "status": "enabled"}).status_code == 403


def test_an_administrator_who_comes_between_is_obeyed(
    world: World, hears: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = hears.stream()
    known = service.own

    def own(*given: Any) -> Any:
        found = known(*given)
        monkeypatch.setattr(service, "own", known)
        with given[0].transaction():
            service._set_status(given[0], found.id, types.PAUSED, None, types.ADMINISTRATOR)
        return found

    monkeypatch.setattr(service, "own", own)
    named = {"stream_id": stream["stream_id"]}
    assert hears("POST", "status", {**named, "status": "enabled"}).status_code == 403


@row("P7")
def test_a_receiver_is_not_told_where_names_lead(
    world: World, hears: Receiver, there: Endpoint, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: Any, **__: Any) -> None:
        raise egress.Refused("db.example.test is at 10.0.0.7, a private address")

    stream = hears.pushed_to(there)
    monkeypatch.setattr(egress.load(), "post", refused)
    assert verify(hears, stream) == 204
    world.work()
    clock.forward(hours=25)
    hears.token = own_token(hears.app, f"{world.issuer}ssf/")
    assert verify(hears, stream) == 204
    world.work()
    answer = hears("GET", f"status?stream_id={stream['stream_id']}")
    assert answer.get_json()["status"] == "paused"
    assert "10.0.0.7" not in answer.text
    found = world.caller().get(f"/shared-signals/streams/{stream['stream_id']}").get_json()
    assert "10.0.0.7" in found["failure"], "administrators see why"


@row("E6", "F5")
def test_a_receiver_without_its_scopes_is_sent_nothing(
    world: World, hears: Receiver, there: Endpoint, browser: Browser, jane: Person
) -> None:
    hears.app.sign_in(browser, jane)
    stream = hears.pushed_to(there)
    assert verify(hears, stream) == 204
    caller = world.caller()
    [grant] = caller.get("/client-grants", client_id=hears.app.client_id).get_json()
    assert caller.patch(f"/client-grants/{grant['id']}", {"scope": []}).status_code == 200
    assert caller.patch(f"/users/{jane.user_id}", {"blocked": True}).status_code == 200
    world.work()
    assert there.sets == [], "neither what waited nor what came since"
    assert caller.patch(f"/client-grants/{grant['id']}", {"scope": ["ssf.read"]}).status_code == 200
    assert caller.post(f"/shared-signals/streams/{stream['stream_id']}/verification").status_code == 204
    world.work()
    assert there.sets != []


@row("I1")
def test_a_full_stream_answers_alike_whoever_is_meant(
    world: World, hears: Receiver, jane: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = hears.stream()
    monkeypatch.setattr(people, "MOST", 0)
    for sub in (jane.user_id, "auth0|nobody"):
        subject = {"format": "iss_sub", "iss": world.issuer, "sub": sub}
        for path in ("add", "remove"):
            answer = hears("POST", f"subjects/{path}", {"stream_id": stream["stream_id"], "subject": subject})
            assert answer.status_code == 403


@on_both_stores
def test_what_no_store_keeps_is_no_fault_of_ours(
    world: World, hears: Receiver, there: Endpoint, browser: Browser, jane: Person
) -> None:
    """NUL and the like in what a receiver answers and asks for."""
    stream = hears.pushed_to(there, header=" Bearer \\ of theirs")
    there.status, there.body = 400, b'{"err": "invalid_\\u0000key", "description": "\\u0000 \\ud83d\\ude00"}'
    assert verify(hears, stream) == 204
    world.work()
    assert [entry.type for entry in world.logs("fssfe")] == ["fssfe"]
    assert hears("POST", "poll/%00", {}).status_code in {400, 404}
    assert hears("GET", "streams?stream_id=%00").status_code in {400, 404}


@row("P1")
@on_both_stores
def test_of_many_at_once_none_goes_beyond_the_number(
    world: World, hears: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = [receiver(world, world.client("m2m", grant_types=["client_credentials"])) for _ in range(4)]
    monkeypatch.setattr(runtime, "MOST_STREAMS", 2)
    made = [partial(each, "POST", "streams", {"events_requested": [types.SESSION_REVOKED]}) for each in others]
    assert sorted(answer.status_code for answer in at_once(made)) == [201, 201, 403, 403]
    monkeypatch.setattr(runtime, "MOST_STREAMS", 3)
    monkeypatch.setattr(people, "MOST", 2)
    stream = hears.stream()
    named = [{"format": "email", "email": world.user(f"number{each}@example.com").email} for each in range(4)]
    asked = [{"stream_id": stream["stream_id"], "subject": each} for each in named]
    added = [partial(hears, "POST", "subjects/add", each) for each in asked]
    assert sorted(answer.status_code for answer in at_once(added)) == [200, 200, 403, 403]
