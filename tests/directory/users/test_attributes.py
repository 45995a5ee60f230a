"""The table of profile attributes is true: each row can be set, read, searched and claimed as it says."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import update

from connectors.strategy import PasswordRules
from idp.directory.users.attributes import ATTRIBUTES, Attribute, Kind, Owner, Search
from idp.directory.users.models import User
from idp.directory.users.password_policy import Policy
from idp.directory.users.schemas import UserCreate, UserUpdate, UserView
from tests.world.browser import Browser
from tests.world.templates import TENANT
from tests.world.world import PASSWORD, World

CONNECTION = "people"
EXAMPLES: dict[str, Any] = {
    "email": "jane@example.com",
    "phone_number": "+4930123456",
    "name": "Jane Doe",
    "given_name": "Jane",
    "family_name": "Doe",
    "nickname": "jd",
    "picture": "https://pictures.example/jane.png",
    "username": "jane.d",
    "address": {"locality": "Berlin"},
    "user_metadata": {"a": "b"},
    "app_metadata": {"a": "b"},
}
OTHERS: dict[str, Any] = {
    "email": "other@example.com",
    "phone_number": "+4930999999",
    "picture": "https://pictures.example/other.png",
    "username": "other",
    "user_metadata": {"a": "c"},
    "app_metadata": {"a": "c"},
}
SETTABLE = [row for row in ATTRIBUTES if row.settable]
CLAIMED = [row for row in ATTRIBUTES if row.claim is not None]
SEARCHABLE = [row for row in ATTRIBUTES if row.search is not None]


def named(row: Attribute) -> str:
    return row.name


def example(row: Attribute) -> Any:
    if row.kind is Kind.FLAG:
        return True
    return EXAMPLES.get(row.name, f"some {row.name}")


def other(row: Attribute) -> Any:
    if row.kind is Kind.FLAG:
        return False
    return OTHERS.get(row.name, f"another {row.name}")


def person(world: World, **members: Any) -> dict[str, Any]:
    """Somebody in a connection with usernames, made by an administrator."""
    world.connection(CONNECTION, requires_username=True)
    beside = {"email": EXAMPLES["email"], "username": EXAMPLES["username"], "phone_number": EXAMPLES["phone_number"]}
    made = world.caller().post("/users", {"connection": CONNECTION, "password": PASSWORD, **beside, **members})
    assert made.status_code == 201, made.json
    return dict(made.json or {})


def path(user: dict[str, Any]) -> str:
    return f"/users/{user['user_id']}"


@pytest.mark.parametrize("row", SETTABLE, ids=named)
def test_it_is_set_read_and_changed(world: World, row: Attribute) -> None:
    user, api = person(world, **{row.name: example(row)}), world.caller()
    assert user[row.name] == example(row)
    changed = api.patch(path(user), {row.name: other(row)})
    assert changed.status_code == 200, changed.json
    read = (api.get(path(user)).json or {}).get(row.name)
    assert read == (None if row.silent_at_rest else other(row))
    nothing = api.patch(path(user), {row.name: None})
    assert (nothing.status_code == 200) is row.removable, nothing.json
    if row.removable and row.kind is Kind.TEXT:
        assert row.name not in (api.get(path(user)).json or {})


@pytest.mark.parametrize("row", ATTRIBUTES, ids=named)
def test_schemas_follow_the_table(row: Attribute) -> None:
    ours = {"user_id"}  # an id can be chosen once
    assert (row.name in UserCreate.__struct_fields__) is (row.settable or row.name in ours)
    assert (row.name in UserUpdate.__struct_fields__) is row.settable
    assert (row.name in UserView.__struct_fields__) is (row.column is not None)


def test_what_is_not_in_the_table_is_refused(world: World) -> None:
    user = person(world)
    for name in (row.name for row in ATTRIBUTES if not row.settable):
        assert world.caller().patch(path(user), {name: "x"}).status_code == 400, name


@pytest.mark.parametrize("row", SEARCHABLE, ids=named)
def test_it_is_found(world: World, row: Attribute) -> None:
    user, moment = person(world, **({row.name: example(row)} if row.settable else {})), 1_700_000_000_000
    counted: dict[str, Any] = {"last_ip": "203.0.113.9", "logins_count": 3, "last_login": moment}
    world.change_user(user["user_id"], **counted)
    shown = world.caller().get(path(user)).json or {}
    value = f'"{shown[row.name]}"' if row.search is not Search.DOCUMENT else "b"
    if row.search in {Search.FLAG, Search.NUMBER}:
        value = str(shown[row.name]).lower()
    if row.search is Search.DATE:
        day = datetime.fromisoformat(shown[row.name]).astimezone(UTC).date().isoformat()
        value = f"[{day} TO *]"
    field = f"{row.name}.a" if row.search is Search.DOCUMENT else row.name
    found = world.caller().get("/users", q=f"{field}:{value}").json
    assert user["user_id"] in [each["user_id"] for each in found]
    if row.bare:
        bare = world.caller().get("/users", q=value).json
        assert user["user_id"] in [each["user_id"] for each in bare]


@pytest.mark.parametrize("row", CLAIMED, ids=named)
def test_it_is_claimed_by_each_of_its_scopes_and_by_no_other(world: World, browser: Browser, row: Attribute) -> None:
    jane = world.user(verified=True, phone_number=EXAMPLES["phone_number"])
    if row.owner is not Owner.SYSTEM and row.column is None:
        with world.platform.db.unit(TENANT) as session:
            session.execute(update(User).where(User.user_id == jane.user_id).values(profile={row.name: example(row)}))
    elif row.settable:
        world.change_user(jane.user_id, **{row.name: example(row)})
    app = world.client()
    for scope in row.scopes:
        told = app.sign_in(world.browser(), jane, scope=f"openid {scope}").userinfo().get_json()
        assert row.claim in told, scope
        if row.name in EXAMPLES and row.name != "email":
            assert told[row.claim] == example(row)
    without = {scope for each in CLAIMED for scope in each.scopes if each.claim != row.claim} - set(row.scopes)
    told = app.sign_in(browser, jane, scope=f"openid {' '.join(sorted(without))}").userinfo().get_json()
    assert row.claim not in told


@pytest.mark.parametrize("row", [row for row in ATTRIBUTES if row.personal], ids=named)
def test_personal_values_are_no_passwords(row: Attribute) -> None:
    policy = Policy.of(PasswordRules(level="none", no_personal_data=True))
    value = str(example(row)) + "xyz"
    assert policy.check(f"my {value} 1", {row.name: value}).problem == "user_info"


def test_linked_values_move_along(world: World) -> None:
    jane = world.user(**{row.name: example(row) for row in ATTRIBUTES if row.linked and row.owner is Owner.ROOT})
    main, api = world.user("main@example.com"), world.caller()
    where = f"/users/{main.user_id}/identities"
    before = api.get(f"/users/{jane.user_id}").json or {}
    linked = api.post(where, {"provider": "auth0", "user_id": jane.account_id}).json
    expected = {row.name: before[row.name] for row in ATTRIBUTES if row.linked and row.name in before}
    assert expected.items() <= linked[1]["profileData"].items()
    api.delete(f"{where}/auth0/{jane.account_id}")
    after = api.get(f"/users/{jane.user_id}").json or {}
    assert {name: after.get(name) for name in expected} == expected
