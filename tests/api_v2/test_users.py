"""``/users``: creation, the rules of PATCH, metadata, removal (spec/user-profile.md, spec/metadata.md)."""

from __future__ import annotations

import re
from typing import Any

import pytest

from idp.directory.users.metadata import RESERVED
from tests.world.management import Api
from tests.world.templates import CONNECTION
from tests.world.world import PASSWORD, World


def create(api: Api, email: str | None = "jane@example.com", **members: Any) -> dict[str, Any]:
    body = {"connection": CONNECTION, "password": PASSWORD, **({"email": email} if email else {}), **members}
    answer = api.post("/users", body)
    assert answer.status_code == 201, answer.json
    return dict(answer.json or {})


def path(user: dict[str, Any]) -> str:
    return f"/users/{user['user_id'].replace('|', '%7C')}"


def test_a_new_user_has_exactly_the_documented_members(api: Api) -> None:
    user = create(api)
    assert set(user) == {
        "created_at",
        "email",
        "email_verified",
        "identities",
        "name",
        "nickname",
        "picture",
        "updated_at",
        "user_id",
    }
    assert re.fullmatch(r"auth0\|[0-9a-f]{24}", user["user_id"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", user["created_at"])
    assert (user["name"], user["nickname"], user["email_verified"]) == ("jane@example.com", "jane", False)
    (identity,) = user["identities"]
    assert identity == {
        "connection": CONNECTION,
        "provider": "auth0",
        "user_id": user["user_id"].removeprefix("auth0|"),
        "isSocial": False,
    }
    assert api.get(path(user)).json == user
    assert api.get(f"/users/{user['user_id']}").json == user, "a raw | is as good as %7C"


def test_ids_of_ones_own(api: Api) -> None:
    assert create(api, user_id="abc")["user_id"] == "auth0|abc"
    again = api.post(
        "/users", {"connection": CONNECTION, "email": "x@example.com", "password": PASSWORD, "user_id": "auth0|abc"}
    )
    assert again.status_code == 409
    assert again.json == {
        "statusCode": 409,
        "error": "Conflict",
        "message": "The user already exists.",
        "errorCode": "auth0_idp_error",
    }
    assert len(api.get("/users").json) == 1, "nothing is half written"


def test_an_address_is_taken_in_any_spelling(api: Api) -> None:
    create(api)
    assert (
        api.post("/users", {"connection": CONNECTION, "email": "JANE@Example.com", "password": PASSWORD}).status_code
        == 409
    )


@pytest.mark.parametrize(
    "members",
    [
        {"connection": "nowhere"},
        {"email": "not an address"},
        {"email": None},
        {"password": "x"},
        {"username": "jane"},
        {"colour": "red"},
        {"user_id": "a b"},
        {"phone_number": "0123"},
        {"given_name": "x" * 151},
        {"picture": "javascript:1"},
        {"user_metadata": {"a.b": 1}},
        {"user_metadata": {"a": [{"$x": 1}]}},
        {"app_metadata": "text"},
    ],
)
def test_refused_creations(api: Api, members: dict[str, Any]) -> None:
    body = {"connection": CONNECTION, "email": "j@example.com", "password": PASSWORD, **members}
    answer = api.post("/users", {name: value for name, value in body.items() if value is not None})
    assert answer.status_code == 400, answer.json
    assert api.get("/users").json == []


def test_weak_passwords_name_the_policy_and_no_rule(api: Api) -> None:
    answer = api.post("/users", {"connection": CONNECTION, "email": "j@example.com", "password": "abc"})
    assert answer.json is not None
    assert answer.json["message"] == "PasswordStrengthError: Password is too weak"


@pytest.mark.parametrize("name", sorted(RESERVED))
def test_reserved_names_of_app_metadata(api: Api, name: str) -> None:
    user = create(api, user_metadata={name: 1})
    assert user["user_metadata"] == {name: 1}
    assert api.patch(path(user), {"app_metadata": {name: 1}}).status_code == 400


@pytest.mark.parametrize("kind", ["user_metadata", "app_metadata"])
def test_metadata_merges_at_its_first_level(api: Api, kind: str) -> None:
    where = path(create(api, **{kind: {"a": 1, "b": {"x": 1}}}))

    def patch(value: Any) -> Any:
        return (api.patch(where, {kind: value}).json or {}).get(kind)

    assert patch({"c": 2}) == {"a": 1, "b": {"x": 1}, "c": 2}
    assert patch({"b": {"y": None}}) == {"a": 1, "b": {"y": None}, "c": 2}
    assert patch({"a": None}) == {"b": {"y": None}, "c": 2}
    assert (api.patch(where, {"name": "J"}).json or {})[kind] == {"b": {"y": None}, "c": 2}
    assert patch({}) == {}


@pytest.mark.parametrize(
    "members",
    [
        {"password": PASSWORD, "email": "b@example.com"},
        {"password": PASSWORD, "email_verified": True},
        {"username": "u", "email": "b@example.com"},
        {"username": "u", "email_verified": True},
        {"username": "u", "password": PASSWORD},
        {"username": "u"},
        {"email": None},
        {"email": "none"},
        {"connection": "other", "name": "x"},
        {"identities": []},
    ],
)
def test_forbidden_changes(api: Api, members: dict[str, Any]) -> None:
    user = create(api)
    assert api.patch(path(user), members).status_code == 400
    assert api.get(path(user)).json == user


def test_a_new_address_is_unverified_unless_told(api: Api) -> None:
    user = create(api, email_verified=True)
    changed = api.patch(path(user), {"email": "New@Example.com", "connection": CONNECTION}).json or {}
    assert (changed["email"], changed["email_verified"]) == ("new@example.com", False)
    told = api.patch(path(user), {"email": "third@example.com", "email_verified": True}).json or {}
    assert told["email_verified"] is True
    create(api, "other@example.com")
    assert api.patch(path(user), {"email": "other@example.com"}).status_code == 409


def test_null_removes_and_blocked_shows(api: Api) -> None:
    user = create(api)
    changed = api.patch(path(user), {"nickname": None, "blocked": True}).json or {}
    assert "nickname" not in changed
    assert changed["blocked"] is True
    assert "blocked" not in (api.patch(path(user), {"blocked": False}).json or {})


def test_a_password_change_leaves_its_date(api: Api) -> None:
    user = create(api)
    changed = api.patch(path(user), {"password": "another 7 Battery staple", "connection": CONNECTION})
    assert changed.status_code == 200
    assert "last_password_reset" in (changed.json or {})
    assert "battery" not in changed.get_data(as_text=True).lower()


def test_by_email_is_exact_and_an_array(api: Api) -> None:
    user = create(api)
    assert api.get("/users-by-email", email="jane@example.com").json == [user]
    assert api.get("/users-by-email", email="jane@example.co").json == []
    assert api.get("/users-by-email").status_code == 400


def test_fields(api: Api) -> None:
    user = create(api)
    assert api.get(path(user), fields="user_metadata", include_fields="true").json == {}
    assert api.get(path(user), fields="email,user_id").json == {"email": user["email"], "user_id": user["user_id"]}
    assert "identities" not in (api.get(path(user), fields="identities", include_fields="false").json or {})


def test_deleting_is_idempotent(api: Api) -> None:
    user = create(api)
    assert api.delete(path(user)).status_code == 204
    assert api.delete(path(user)).status_code == 204
    assert api.get(path(user)).json == {
        "statusCode": 404,
        "error": "Not Found",
        "message": "The user does not exist.",
        "errorCode": "inexistent_user",
    }
    create(api)


def test_users_may_only_touch_themselves(api: Api, world: World) -> None:
    mine, other = create(api), create(api, "other@example.com")
    me = world.caller_for(mine["user_id"], "read:current_user", "update:current_user_metadata")
    assert me.get(path(mine)).status_code == 200
    assert me.get(path(other)).status_code == 403
    assert me.patch(path(mine), {"user_metadata": {"a": 1}}).status_code == 200
    assert me.patch(path(mine), {"app_metadata": {"a": 1}}).status_code == 403
    assert me.patch(path(mine), {"blocked": False}).status_code == 403
    assert me.patch(path(other), {"user_metadata": {"a": 1}}).status_code == 403
    assert me.get("/users").status_code == 403
    greedy = world.caller_for(mine["user_id"], "read:users", "update:users", "read:clients")
    assert greedy.get("/users").status_code == 403, "a user's token never carries a machine's scopes"


def test_blocked_and_deleted_users_are_out_at_once(api: Api, world: World) -> None:
    user = create(api)
    me = world.caller_for(user["user_id"], "read:current_user")
    assert me.get(path(user)).status_code == 200
    api.patch(path(user), {"blocked": True})
    assert me.get(path(user)).status_code == 401
    api.patch(path(user), {"blocked": False})
    assert me.get(path(user)).status_code == 200
    api.delete(path(user))
    assert me.get(path(user)).status_code == 401


def test_app_metadata_alone(api: Api, world: World) -> None:
    user = create(api)
    limited = world.caller("update:users_app_metadata")
    assert limited.patch(path(user), {"app_metadata": {"a": 1}}).status_code == 200
    assert limited.patch(path(user), {"name": "x"}).status_code == 403


def test_usernames_where_the_connection_has_them(api: Api) -> None:
    options = {"requires_username": True, "passwordPolicy": "low"}
    api.post("/connections", {"name": "named", "strategy": "auth0", "options": options})
    made = api.post(
        "/users", {"connection": "named", "email": "a@example.com", "username": "Jane.D", "password": PASSWORD}
    )
    assert (made.json or {})["username"] == "jane.d"
    twin = api.post(
        "/users", {"connection": "named", "email": "b@example.com", "username": "JANE.d", "password": PASSWORD}
    )
    assert twin.status_code == 409
    bad = api.post(
        "/users", {"connection": "named", "email": "c@example.com", "username": "a@b.example", "password": PASSWORD}
    )
    assert bad.status_code == 400


def test_deleting_a_connection_takes_its_users(api: Api) -> None:
    user = create(api)
    (connection,) = api.get("/connections", name=CONNECTION).json
    assert api.delete(f"/connections/{connection['id']}").status_code == 202
    assert api.get(path(user)).status_code == 404
