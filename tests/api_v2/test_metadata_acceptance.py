"""Lines of the Acceptance list of spec/metadata.md that no other test goes through as a whole."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api_v2.test_users import create, path
from tests.world.fixtures import on_both_stores
from tests.world.management import Api
from tests.world.sources import StubRedirect, arrive
from tests.world.templates import CONNECTION
from tests.world.world import PASSWORD, Person, World


@pytest.mark.parametrize("kind", ["user_metadata", "app_metadata"])
@pytest.mark.parametrize(
    ("patch", "result"),
    [
        ({"k": "v"}, {"k": "v", "a": {"b": 1, "c": 2}}),
        ({"a": {"b": 9}}, {"k": 0, "a": {"b": 9}}),
        ({"k": None}, {"a": {"b": 1, "c": 2}}),
        ({"a": {"b": None}}, {"k": 0, "a": {"b": None}}),
        ({}, {}),
        (None, {}),
    ],
)
def test_metadata_1_each_row_of_the_merge(api: Api, kind: str, patch: Any, result: dict[str, Any]) -> None:
    where = path(create(api, **{kind: {"k": 0, "a": {"b": 1, "c": 2}}}))
    assert api.patch(where, {kind: patch}).json.get(kind, {}) == result
    assert api.patch(where, {"name": "other"}).json.get(kind, {}) == result, "not named: untouched"


@pytest.mark.parametrize("kind", ["user_metadata", "app_metadata"])
@pytest.mark.parametrize("name", ["a.b", "$a", "a$", "a$b", "."])
@pytest.mark.parametrize("wrap", [lambda m: m, lambda m: {"x": m}, lambda m: {"x": [{"y": m}]}])
def test_metadata_3_names_without_dots_and_dollars(api: Api, kind: str, name: str, wrap: Any) -> None:
    user = create(api, **{kind: {"kept": 1}})
    refused = api.patch(path(user), {kind: wrap({name: 1})})
    assert (refused.status_code, refused.json["errorCode"]) == (400, "invalid_body")
    assert api.get(path(user)).json[kind] == {"kept": 1}


def test_metadata_is_a_megabyte_at_most(api: Api) -> None:
    user = create(api)
    half = "x" * 600_000
    assert api.patch(path(user), {"user_metadata": {"a": half}}).status_code == 200
    refused = api.patch(path(user), {"user_metadata": {"b": half}})
    assert (refused.status_code, refused.json["errorCode"]) == (400, "invalid_body")
    assert "Metadata is larger than 1048576 bytes" in refused.json["message"]
    assert set(api.get(path(user)).json["user_metadata"]) == {"a"}


@pytest.mark.parametrize(
    "raw",
    [
        b'{"user_metadata":{"a":"\\u0000"}}',
        b'{"user_metadata":{"a\\u0000":1}}',
        b'{"user_metadata":{"a":"\\ud800"}}',
        b'{"app_metadata":{"a":NaN}}',
        b'{"app_metadata":{"a":Infinity}}',
        b'{"app_metadata":{"a":1e999}}',
        b'{"app_metadata":{"a":99999999999999999999}}',
        b'{"user_metadata":{"a":1,"a":2}}',
        b'{"user_metadata":' + b'{"a":' * 70 + b"1" + b"}" * 71,
        b'{"user_metadata":' + b'{"a":' * 9_000 + b"1" + b"}" * 9_001,
        b'{"user_metadata":{"a":' + b"[" * 70 + b"]" * 70 + b"}}",
    ],
)
def test_metadata_that_no_store_keeps_is_refused(api: Api, raw: bytes) -> None:
    """W6: refused, or read back as it was sent."""
    user = create(api)
    answer = api("PATCH", path(user), data=raw, content_type="application/json")
    assert (answer.status_code, answer.json["errorCode"]) == (400, "invalid_body")
    assert api.get(path(user)).json == user


@on_both_stores
def test_metadata_that_may_be_stored_is_read_back_as_it_was_sent(world: World) -> None:
    api = world.caller()
    odd = {"é": "Ünï 🦊", "deep": [[[{"a": [1, 2.5, None, True, ""]}]]], "": {"": ""}, "n": -(2**63), "e": 1e-300}
    user = create(api, user_metadata=odd)
    assert api.get(path(user)).json["user_metadata"] == odd
    assert api.get("/users", q='user_metadata.n:"x"').json == []


@pytest.mark.usefixtures("source_stubs")
def test_app_metadata_is_out_of_peoples_reach(world: World, jane: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    """metadata.md, "Kinds": by no page, no embedded form, no source and no token of theirs."""
    app, browser = world.client(), world.browser()
    planted = {"role": "admin"}
    sent = {"client_id": app.client_id, "connection": CONNECTION, "email": "new@example.com", "password": PASSWORD}
    world.send("POST", "/dbconnections/signup", json={**sent, "app_metadata": planted, "user_metadata": {"a": "b"}})
    monkeypatch.setattr(StubRedirect, "profile", {"app_metadata": planted, "user_metadata": planted, "blocked": True})
    arrive(world, {})
    app.begin(browser, screen_hint="signup")
    form = browser.shown.form("email", "password")
    browser.send_form(form, email="third@example.com", password=PASSWORD, app_metadata='{"role":"admin"}')
    mine = world.caller_for(jane.user_id, "read:current_user", "update:current_user_metadata")
    where = f"/users/{jane.user_id}"
    for body in ({"app_metadata": planted}, {"user_metadata": {"a": 1}, "app_metadata": planted}):
        assert mine.patch(where, body).status_code == 403
    account = world.browser()
    account.open("/account")
    account.submit(username=jane.email, password=jane.password)
    form = account.shown.form("name")
    account.send_form(form, name="Jane", app_metadata='{"role":"admin"}')
    api = world.caller()
    assert [user["user_id"] for user in api.get("/users").json if "app_metadata" in user] == []
    world.caller().post(f"{where}/identities", {"provider": "stub-social", "user_id": "acc-1"})
    linked = api.get(where).json
    assert "app_metadata" not in linked
    assert all("app_metadata" not in each.get("profileData", {}) for each in linked["identities"])


def test_metadata_6_session_metadata_has_25_entries_of_255(world: World, jane: Person) -> None:
    world.client().sign_in(world.browser(), jane)
    api = world.caller()
    session = f"/sessions/{api.get(f'/users/{jane.user_id}/sessions').json['sessions'][0]['id']}"
    fits = {f"k{number}": "v" * 255 for number in range(25)}
    assert api.patch(session, {"session_metadata": fits}).json["session_metadata"] == fits
    for wrong in ({**fits, "one": "more"}, {"k": "v" * 256}, {"k" * 256: "v"}, {"a b": "v"}):
        refused = api.patch(session, {"session_metadata": wrong})
        assert refused.status_code == 400
        assert "25" in refused.json["message"]
        assert "255" in refused.json["message"]
    assert "session_metadata" not in api.patch(session, {"session_metadata": {}}).json
