"""Discovery and stream management (OpenID SSF 1.0 sections 7 and 8.1), with the negative modules of the Foundation's
suite.
"""

from __future__ import annotations

from typing import Any

import pytest

from idp.foundation.ephemeral import limits
from idp.foundation.ephemeral.limits import Limit
from idp.protocol.signals import people, runtime, service
from tests.protocol.signals.conftest import GRANTS
from tests.security.rows import row
from tests.world.application import Application
from tests.world.fixtures import Clock, on_both_stores
from tests.world.racing import at_once
from tests.world.signals import (
    CHANGED,
    POLL,
    PUSH,
    REVOKED,
    Endpoint,
    Receiver,
    own_token,
    receiver,
    switch_on,
)
from tests.world.world import API, Person, World

CONFIGURATION = "/.well-known/ssf-configuration"


def error(answer: Any) -> tuple[int, str]:
    assert answer.headers["Cache-Control"] == "no-store"
    return answer.status_code, answer.get_json()["error"]


def test_nothing_is_there_before_its_api_is_made(world: World) -> None:
    before = world.get("/.well-known/openid-configuration").get_json()
    assert world.get(CONFIGURATION).status_code == 404
    assert error(world.send("POST", "/ssf/streams", json={})) == (404, "not_found")
    audience = switch_on(world)
    assert world.get(CONFIGURATION).status_code == 200
    assert world.get("/.well-known/openid-configuration").get_json() == before
    made = world.caller().get(f"/resource-servers/{audience.replace('/', '%2F').replace(':', '%3A')}").get_json()
    assert [each["value"] for each in made["scopes"]] == ["ssf.read", "ssf.manage"]
    assert made["token_lifetime"] == 3600


def test_the_metadata_follow_the_specification(world: World, hears: Receiver) -> None:
    answer = world.get(CONFIGURATION)
    assert answer.mimetype == "application/json"
    found = answer.get_json()
    assert (found["issuer"], found["spec_version"]) == (world.issuer, "1_0")
    assert found["jwks_uri"] == f"{world.issuer}.well-known/jwks.json"
    assert found["delivery_methods_supported"] == [PUSH, POLL]
    assert found["authorization_schemes"] == [{"spec_urn": "urn:ietf:rfc:6749"}]
    assert found["default_subjects"] == "ALL"
    names = ("configuration", "status", "add_subject", "remove_subject", "verification")
    assert all(found[f"{name}_endpoint"].startswith(f"{world.issuer}ssf/") for name in names)
    resource = world.get("/.well-known/oauth-protected-resource/ssf/").get_json()
    assert resource["scopes_supported"] == ["ssf.manage", "ssf.read"]


def test_a_stream_is_made_read_changed_replaced_and_deleted(hears: Receiver, there: Endpoint) -> None:
    assert hears("GET", "streams").get_json() == []
    asked = [REVOKED, "urn:example:unknown"]
    made = hears.pushed_to(there, *asked, header="Bearer of theirs", description="First")
    assert made["iss"] == hears.world.issuer
    assert made["aud"] == hears.app.client_id
    assert made["delivery"] == {"method": PUSH, "endpoint_url": there.url}
    assert (made["events_requested"], made["events_delivered"]) == (asked, [REVOKED])
    assert made["events_supported"] == [REVOKED, CHANGED]
    named = {"stream_id": made["stream_id"]}
    where = f"streams?stream_id={made['stream_id']}"
    assert hears("GET", where).get_json() == made
    assert hears("GET", "streams").get_json() == [made]
    answer = hears("PATCH", "streams", {**named, "events_requested": [CHANGED], "iss": made["iss"]})
    assert answer.status_code == 200, answer.text
    assert answer.get_json() == {**made, "events_requested": [CHANGED], "events_delivered": [CHANGED]}
    replaced = hears("PUT", "streams", {**named, "events_requested": [REVOKED], "delivery": {"method": POLL}})
    assert replaced.status_code == 200, replaced.text
    now = replaced.get_json()
    assert "description" not in now, "what is not said is deleted"
    assert now["delivery"] == {"method": POLL, "endpoint_url": f"{hears.world.issuer}ssf/poll/{made['stream_id']}"}
    gone = hears("DELETE", where)
    assert (gone.status_code, gone.data) == (204, b"")
    assert error(hears("GET", where)) == (404, "not_found")
    kinds = [entry.type for entry in hears.world.logs("ssfc", "ssfu", "ssfd")]
    assert kinds == ["ssfc", "ssfu", "ssfu", "ssfd"]


def test_status_is_read_and_changed(hears: Receiver) -> None:
    stream = hears.stream()
    named = {"stream_id": stream["stream_id"]}
    where = f"status?stream_id={stream['stream_id']}"
    assert hears("GET", where).get_json() == {**named, "status": "enabled"}
    for status in ("paused", "disabled", "enabled"):
        answer = hears("POST", "status", {**named, "status": status, "reason": "Because"})
        assert (answer.status_code, answer.get_json()) == (200, {**named, "status": status, "reason": "Because"})
        assert hears("GET", where).get_json()["status"] == status
    assert error(hears("POST", "status", {**named, "status": "asleep"})) == (400, "invalid_request")


@on_both_stores
def test_a_receiver_has_one_stream(hears: Receiver, world: World) -> None:
    asked = {"events_requested": [REVOKED], "delivery": {"method": POLL}}
    answers = at_once([lambda: hears("POST", "streams", asked).status_code for _ in range(3)])
    assert sorted(answers) == [201, 409, 409]


BAD_STREAMS = [
    b"no json",
    b'{"events_requested": ["urn:a"], "events_requested": ["urn:b"]}',
    b"[]",
    b'{"events_requested": "urn:a"}',
    b'{"events_requested": []}',
    b'{"delivery": {"method": "urn:example:pigeon"}}',
    b'{"delivery": {"method": "urn:ietf:rfc:8935"}}',
    b'{"delivery": {"method": "urn:ietf:rfc:8935", "endpoint_url": "javascript:alert(1)"}}',
    b'{"delivery": {"method": "urn:ietf:rfc:8935", "endpoint_url": "https://user:pw@example.com/"}}',
    b'{"delivery": {"method": "urn:ietf:rfc:8935", "endpoint_url": "https://e.com/", "authorization_header": "a\\nb"}}',
    b'{"format": "did"}',
    b'{"stream_id": "mine"}',
    b'{"description": "' + b"x" * 256 + b'"}',
]


@pytest.mark.parametrize("body", BAD_STREAMS, ids=range(len(BAD_STREAMS)))
def test_a_stream_that_cannot_be_is_refused(hears: Receiver, body: bytes) -> None:
    headers = {"Authorization": f"Bearer {hears.token}", "Content-Type": "application/json"}
    assert error(hears.world.send("POST", "/ssf/streams", data=body, headers=headers)) == (400, "invalid_request")
    assert hears("GET", "streams").get_json() == []


BAD_CHANGES: list[dict[str, Any]] = [
    {"iss": "https://elsewhere.example"},
    {"aud": "somebody"},
    {"events_delivered": []},
    {"events_supported": ["urn:a"]},
    {"min_verification_interval": 1},
    {"events_requested": 7},
    {"delivery": {"method": POLL, "endpoint_url": "https://elsewhere.example/poll"}},
]


@pytest.mark.parametrize("method", ["PATCH", "PUT"])
@pytest.mark.parametrize("change", BAD_CHANGES, ids=range(len(BAD_CHANGES)))
def test_what_the_transmitter_supplies_is_not_changed(hears: Receiver, method: str, change: dict[str, Any]) -> None:
    stream = hears.stream()
    answer = hears(method, "streams", {"stream_id": stream["stream_id"], **change})
    assert error(answer) == (400, "invalid_request")
    assert hears("GET", "streams").get_json() == [stream]


CALLS: list[tuple[str, str, Any]] = [
    ("GET", "streams?stream_id={id}", None),
    ("PATCH", "streams", {"stream_id": "{id}"}),
    ("PUT", "streams", {"stream_id": "{id}", "events_requested": [REVOKED]}),
    ("DELETE", "streams?stream_id={id}", None),
    ("GET", "status?stream_id={id}", None),
    ("POST", "status", {"stream_id": "{id}", "status": "paused"}),
    ("POST", "subjects/add", {"stream_id": "{id}", "subject": {"format": "email", "email": "a@example.com"}}),
    ("POST", "subjects/remove", {"stream_id": "{id}", "subject": {"format": "email", "email": "a@example.com"}}),
    ("POST", "verify", {"stream_id": "{id}"}),
    ("POST", "poll/{id}", {"returnImmediately": True}),
]


def filled(call: tuple[str, str, Any], stream_id: str) -> tuple[str, str, Any]:
    method, path, body = call
    named = {**body, **({"stream_id": stream_id} if "stream_id" in body else {})} if body else body
    return method, path.format(id=stream_id), named


@pytest.mark.parametrize("call", CALLS, ids=[f"{method} {path}" for method, path, _ in CALLS])
@row("W1")
def test_every_call_needs_a_token_a_body_and_an_own_stream(world: World, hears: Receiver, call: Any) -> None:
    stream = hears.stream()
    method, path, body = filled(call, stream["stream_id"])
    nobody = world.send(method, f"/ssf/{path}", json=body)
    assert error(nobody) == (401, "missing_token")
    assert "resource_metadata=" in nobody.headers["WWW-Authenticate"]
    wrong = world.send(method, f"/ssf/{path}", json=body, headers={"Authorization": "Bearer nonsense"})
    assert error(wrong) == (401, "invalid_token")
    other = receiver(world, world.client("m2m", grant_types=["client_credentials"]))
    assert error(other(*filled(call, stream["stream_id"]))) == (404, "not_found"), "another receiver's"
    assert error(hears(*filled(call, "sst_nothing"))) == (404, "not_found")
    if body is not None:
        headers = {"Authorization": f"Bearer {hears.token}", "Content-Type": "application/json"}
        bad = world.send(method, f"/ssf/{path}", data=b"{", headers=headers)
        assert error(bad) == (400, "invalid_request")
    assert hears("GET", "streams").get_json() == [stream]


def test_ids_that_are_missing_or_doubled_are_bad_requests(hears: Receiver) -> None:
    assert error(hears("GET", "status")) == (400, "invalid_request")
    assert error(hears("DELETE", "streams")) == (400, "invalid_request")
    assert error(hears("GET", "streams?stream_id=a&stream_id=b")) == (400, "invalid_request")
    assert error(hears("PATCH", "streams", {"description": "x"})) == (400, "invalid_request")


@row("E6")
def test_scopes_say_what_a_receiver_may(world: World, app: Application) -> None:
    reads = receiver(world, app, "ssf.read")
    assert reads("GET", "streams").status_code == 200
    assert error(reads("POST", "streams", {"events_requested": [REVOKED]})) == (403, "insufficient_scope")
    other = world.client(grant_types=GRANTS)
    manages = receiver(world, other, "ssf.manage")
    stream = manages.stream()
    assert manages.poll(stream) == {}, "who manages a stream reads it"
    assert {entry.client_id for entry in world.logs("fssf")} == {None}


@row("E6")
def test_tokens_of_others_open_nothing(world: World, app: Application, browser: Any, jane: Person) -> None:
    hears = receiver(world, app)
    world.api()
    world.grant(app.client_id, API, "read:things")
    for token in (
        own_token(app, API),
        world.token(aud=f"{world.issuer}ssf/", scope="ssf.manage", sub=jane.user_id, azp=app.client_id),
        world.token(aud=f"{world.issuer}ssf/", scope="ssf.manage", azp=app.client_id),
        world.token(scope="ssf.manage"),
        world.token(aud=f"{world.issuer}ssf/", iss="https://elsewhere.example/", scope="ssf.manage"),
        app.sign_in(browser, jane).access_token,
    ):
        answer = world.send("GET", "/ssf/streams", headers={"Authorization": f"Bearer {token}"})
        assert error(answer) == (401, "invalid_token")
    assert hears("GET", "streams").status_code == 200


def test_a_receiver_may_ask_for_the_scopes_alone(world: World, hears: Receiver) -> None:
    answer = hears.app.token(grant_type="client_credentials", scope="ssf.read")
    assert answer.status_code == 200, answer.text
    assert answer.get_json()["scope"] == "ssf.read"
    reads = Receiver(hears.app, answer.get_json()["access_token"])
    assert reads("GET", "streams").status_code == 200
    refused = reads("POST", "streams", {"events_requested": [REVOKED]})
    assert error(refused) == (403, "insufficient_scope")
    assert 'error="insufficient_scope"' in refused.headers["WWW-Authenticate"]
    assert hears.app.token(grant_type="client_credentials", scope="ssf.read read:things").status_code == 400
    in_query = world.send("GET", f"/ssf/streams?access_token={hears.token}")
    assert error(in_query) == (401, "missing_token")


@row("E6", "F5")
def test_a_grant_that_is_gone_is_gone_at_once(world: World, hears: Receiver) -> None:
    hears.stream()
    grants = world.caller().get("/client-grants", client_id=hears.app.client_id).get_json()
    assert world.caller().delete(f"/client-grants/{grants[0]['id']}").status_code == 204
    assert error(hears("GET", "streams")) == (401, "invalid_token")
    with world.context() as work:
        assert runtime.of_tenant(work) == [], "and nothing is pushed"


def test_another_tenants_receivers_find_nothing(world: World, hears: Receiver, tmp_path: Any) -> None:
    stream = hears.stream()
    other = world.other_tenant("other", "https://other.example.test/")
    switch_on(other)
    theirs = receiver(other, other.client("m2m", grant_types=["client_credentials"]))
    assert error(theirs("GET", f"streams?stream_id={stream['stream_id']}")) == (404, "not_found")
    assert error(
        hears.world.send("GET", f"{other.issuer}ssf/streams", headers={"Authorization": f"Bearer {hears.token}"})
    ) == (
        401,
        "invalid_token",
    )


def test_bounds(world: World, hears: Receiver, jane: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    stream = hears.stream()
    monkeypatch.setattr(people, "MOST", 1)
    for person in (jane, world.user("john@example.com")):
        subject = {"format": "iss_sub", "iss": world.issuer, "sub": person.user_id}
        answer = hears("POST", "subjects/add", {"stream_id": stream["stream_id"], "subject": subject})
    assert error(answer) == (403, "access_denied")
    monkeypatch.setattr(service.runtime, "MOST_STREAMS", 1)
    other = receiver(world, world.client("m2m", grant_types=["client_credentials"]))
    assert error(other("POST", "streams", {"events_requested": [REVOKED]})) == (403, "access_denied")
    large = {"stream_id": stream["stream_id"], "state": "x" * 70_000}
    assert error(hears("POST", "verify", large)) == (413, "invalid_request")
    monkeypatch.setattr(limits, "SIGNALS", Limit("signals-few", 1, 60_000))
    assert [hears("GET", "streams").status_code for _ in range(2)] == [200, 429]
    assert runtime.MOST_STREAMS == 1


def test_verification_is_asked_for_now_and_then(hears: Receiver, clock: Clock) -> None:
    stream = hears.stream()
    named = {"stream_id": stream["stream_id"]}
    assert hears("POST", "verify", named).status_code == 204
    again = hears("POST", "verify", named)
    assert error(again) == (429, "slow_down")
    assert int(again.headers["Retry-After"]) == stream["min_verification_interval"]
    clock.forward(seconds=stream["min_verification_interval"] + 1)
    assert hears("POST", "verify", named).status_code == 204
    hears("POST", "status", {**named, "status": "disabled"})
    clock.forward(seconds=31)
    assert error(hears("POST", "verify", named)) == (400, "invalid_request")


def test_streams_go_with_their_client_and_with_the_api(world: World, hears: Receiver) -> None:
    hears.stream()
    world.delete_client(hears.app.client_id)
    other = receiver(world, world.client("m2m", grant_types=["client_credentials"]))
    other.stream()
    with world.context() as work:
        assert [each.client_id for each in runtime.of_tenant(work)] == [other.app.client_id]
    api = next(
        each for each in world.caller().get("/resource-servers").get_json() if each["identifier"].endswith("ssf/")
    )
    assert world.caller().delete(f"/resource-servers/{api['id']}").status_code == 204
    assert world.get(CONFIGURATION).status_code == 404
    with world.context() as work:
        assert runtime.of_tenant(work) == []
