"""``ETag`` and ``If-Match``, and ``details.changes`` of the log (spec/dashboard.md, acceptance 7 and 10)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api_v2.test_users import create, path
from tests.world.counting import statements
from tests.world.fixtures import on_both_stores
from tests.world.management import Api
from tests.world.world import World


def made(api: Api, where: str, body: dict[str, Any]) -> str:
    answer = api.post(where, body)
    assert answer.status_code in {200, 201}, answer.text
    found = answer.json or {}
    return f"{where}/{found.get('client_id') or found['id']}"


SECRET = "0123456789abcdefghij" * 3
ALG = {"jwt_configuration": {"alg": "PS256"}}
OBJECTS = [
    ("/clients", {"name": "a"}, {"name": "b"}),
    ("/roles", {"name": "a"}, {"name": "b"}),
    ("/resource-servers", {"identifier": "https://a.example/", "name": "a"}, {"name": "b"}),
    ("/connections", {"name": "a", "strategy": "auth0"}, {"metadata": {"a": "b"}}),
]


@pytest.mark.parametrize(("where", "body", "change"), OBJECTS, ids=[where for where, _, _ in OBJECTS])
@on_both_stores
def test_acceptance_7_the_second_of_two_is_told(
    api: Api, where: str, body: dict[str, Any], change: dict[str, Any]
) -> None:
    place = made(api, where, body)
    seen = api.get(place).headers["ETag"]
    assert seen == api.get(place).headers["ETag"], "looking changes nothing"
    first = api("PATCH", place, json=change, headers={"If-Match": seen})
    assert first.status_code == 200, first.text
    assert first.headers["ETag"] != seen
    assert first.headers["ETag"] == api.get(place).headers["ETag"]
    before = api.get(place).json
    second = api("PATCH", place, json=body if where != "/connections" else {"metadata": {}}, headers={"If-Match": seen})
    assert (second.status_code, (second.json or {})["errorCode"]) == (412, "precondition_failed")
    assert api.get(place).json == before
    assert api("DELETE", place, headers={"If-Match": seen}).status_code == 412
    assert api("DELETE", place, headers={"If-Match": first.headers["ETag"]}).status_code < 300


def test_users_and_the_tenant(api: Api) -> None:
    user = path(create(api))
    for place, change in ((user, {"user_metadata": {"a": 1}}), ("/tenants/settings", {"friendly_name": "x"})):
        seen = api.get(place).headers["ETag"]
        assert api("PATCH", place, json=change, headers={"If-Match": seen}).status_code == 200
        assert api("PATCH", place, json=change, headers={"If-Match": seen}).status_code == 412
        assert api("PATCH", place, json=change, headers={"If-Match": "*"}).status_code == 200
        now = api.get(place).headers["ETag"]
        assert api("PATCH", place, json=change, headers={"If-Match": f"{seen}, {now}"}).status_code == 200
        assert api("PATCH", place, json=change, headers={"If-Match": "nonsense"}).status_code == 412
    assert api("PATCH", "/users/auth0%7Cnobody", json={"name": "x"}, headers={"If-Match": '"v1"'}).status_code == 412


def test_a_change_of_nothing_is_no_new_version(api: Api) -> None:
    place = made(api, "/clients", {"name": "a", "client_metadata": {"k": "v"}})
    seen = api.get(place).headers["ETag"]
    assert api.patch(place, {"name": "a"}).headers["ETag"] == seen


def test_a_sign_in_is_no_new_version(world: World, api: Api) -> None:
    jane = world.user()
    place = f"/users/{jane.user_id.replace('|', '%7C')}"
    seen = api.get(place).headers["ETag"]
    world.client().sign_in(world.browser(), jane)
    assert api.get(place).headers["ETag"] == seen


def test_a_password_with_a_version(world: World, api: Api) -> None:
    """Hashing begins before anything is locked; the version is compared all the same."""
    place = path(create(api))
    seen = api.get(place).headers["ETag"]
    api.patch(place, {"user_metadata": {"a": 1}})
    body = {"password": "an entirely New passphrase 7"}
    assert api("PATCH", place, json=body, headers={"If-Match": seen}).status_code == 412
    now = api.get(place).headers["ETag"]
    assert api("PATCH", place, json=body, headers={"If-Match": now}).status_code == 200


# ---- details.changes
def changes_of(world: World) -> tuple[str | None, dict[str, Any]]:
    entry = world.logs("sapi")[-1]
    return entry.object, entry.rest["details"].get("changes", {})


def test_acceptance_10_old_and_new(world: World, api: Api) -> None:
    place = made(api, "/clients", {"name": "a", "callbacks": ["https://a.example/"]})
    answer = api.patch(place, {"callbacks": ["https://b.example/"], "client_secret": SECRET, **ALG})
    assert answer.status_code == 200, answer.text
    about, changes = changes_of(world)
    assert about == place.removeprefix("/")
    told = {name: (each["old"], each["new"]) for name, each in changes.items()}
    assert told["callbacks"] == (["https://a.example/"], ["https://b.example/"])
    assert told["jwt_configuration.alg"] == (None, "PS256")
    assert told["client_secret"] == ("***", "***")
    assert SECRET not in str(world.logs("sapi")[-1].rest)
    assert "v2." not in str(world.logs("sapi")[-1].rest)


def test_secrets_that_stay_are_no_change(world: World, api: Api) -> None:
    options = {"client_id": "a", "client_secret": "topsecret-1"}
    place = made(api, "/connections", {"name": "google", "strategy": "google-oauth2", "options": options})
    api.patch(place, {"options": {**options, "client_id": "b"}})
    _, changes = changes_of(world)
    assert list(changes) == ["options.client_id"]
    api.patch(place, {"options": {"client_id": "b", "client_secret": "topsecret-2"}})
    _, changes = changes_of(world)
    assert changes == {"options.client_secret": {"old": "***", "new": "***"}}


def test_of_users(world: World, api: Api) -> None:
    user = create(api)
    api.patch(path(user), {"user_metadata": {"plan": "gold", "api_key": "12345"}, "blocked": True})
    about, changes = changes_of(world)
    assert about == f"users/{user['user_id']}"
    told = {name: each["new"] for name, each in changes.items()}
    assert told == {"blocked": True, "user_metadata.plan": "gold", "user_metadata.api_key": "***"}
    api.patch(path(user), {"password": "an entirely New passphrase 7"})
    assert changes_of(world)[1] == {"password": {"old": "***", "new": "***"}}
    role = (api.post("/roles", {"name": "r"}).json or {})["id"]
    api.post(f"{path(user)}/roles", {"roles": [role]})
    assert changes_of(world) == (f"users/{user['user_id']}", {"roles": {"old": None, "new": [role]}})
    api.delete(f"{path(user)}/roles", {"roles": [role]})
    assert changes_of(world)[1] == {"roles": {"old": [role], "new": None}}


def test_the_size_is_bounded(world: World, api: Api) -> None:
    user = create(api)
    many = {f"k{number}": "x" * 3000 for number in range(4)} | {f"m{number}": number for number in range(80)}
    assert api.patch(path(user), {"app_metadata": many}).status_code == 200
    _, changes = changes_of(world)
    assert len(changes) == 51
    assert changes["…"]["new"].endswith("more")
    assert len(str(changes)) < 24_000


def test_statements_are_no_more(world: World, api: Api) -> None:
    """Comparing a version and noting a change ask the store for nothing."""
    place = made(api, "/clients", {"name": "a"})
    seen = api.get(place).headers["ETag"]
    with statements(world.platform) as plain:
        api.patch(place, {"name": "b"})
    now = api.get(place).headers["ETag"]
    assert now != seen
    with statements(world.platform) as compared:
        api("PATCH", place, json={"name": "c"}, headers={"If-Match": now})
    assert len(compared) <= len(plain) + 1, "an early look, so that nothing slow is begun in vain"
