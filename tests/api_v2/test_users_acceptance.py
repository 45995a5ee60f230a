"""Lines of the Acceptance lists of spec/user-profile.md, metadata.md, linking.md and account-lifecycle.md that no other
test goes through as a whole; ``tests/house/test_acceptance.py`` has the whole list.
"""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from sqlalchemy import select

from idp.directory.users.attributes import ROOT
from idp.directory.users.models import Identity
from tests.api_v2.test_users import create, path
from tests.flows.test_passwordless import connect as connect_codes
from tests.world.fixtures import on_both_stores
from tests.world.management import Api
from tests.world.sources import REDIRECT, StubRedirect, come_back, connect, users
from tests.world.templates import CONNECTION
from tests.world.world import PASSWORD, Person, World

FIVE = {
    "name": "N",
    "nickname": "n",
    "given_name": "G",
    "family_name": "F",
    "picture": "https://pictures.example/p.png",
}


def arrive(world: World, options: dict[str, Any]) -> str:
    app = world.client()
    connect(world, REDIRECT, app.client_id, **options)
    browser = world.browser()
    app.begin(browser, connection="stub-social")
    come_back(browser)
    return str(users(world)[0].user_id)


def again(world: World) -> None:
    """Sign in once more, on the account page."""
    browser = world.browser()
    browser.open("/account")
    browser.follow("connection-stub-social")
    come_back(browser)


@pytest.mark.usefixtures("source_stubs")
def test_user_profile_3_root_attributes_belong_to_the_source_until_it_lets_go(world: World) -> None:
    user_id = arrive(world, {})
    api = world.caller()
    where = f"/users/{user_id}"
    for name, value in FIVE.items():
        for sent in (value, None):
            refused = api.patch(where, {name: sent})
            assert refused.status_code == 400
            assert refused.json["errorCode"] == "operation_not_supported"
            assert refused.json["message"] == (
                f"The following user attributes cannot be updated: {name}. The connection (stub-social) must either be"
                " a database connection (using the Auth0 store), a passwordless connection (email or sms) or has"
                " disabled 'Sync user profile attributes at each login'."
            )
    (connection,) = api.get("/connections", name="stub-social").json
    options = {**connection["options"], "set_user_root_attributes": "on_first_login"}
    assert api.patch(f"/connections/{connection['id']}", {"options": options}).status_code == 200
    assert api.patch(where, {"given_name": "Own"}).json["given_name"] == "Own"
    again(world)
    assert api.get(where).json["given_name"] == "Own", "the source does not overwrite it"


@pytest.mark.usefixtures("source_stubs")
def test_denied_attributes_are_in_no_column_and_can_be_removed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """PATCH rules: removing one of the five is allowed where it is on the denylist; what is denied is never stored."""
    said = {"given_name": "Secretive", "department": "Hidden", "family_name": "Doe"}
    monkeypatch.setattr(StubRedirect, "profile", said)
    user_id = arrive(world, {"non_persistent_attrs": ["given_name", "department"]})
    with world.platform.db.reading(world.tenant) as rows:
        identity = rows.scalars(select(Identity).where(Identity.user_id == user_id)).one()
        kept = msgspec.json.encode([identity.raw_profile, identity.profile_data]).decode()
    shown = world.caller().get(f"/users/{user_id}").json
    assert "Secretive" not in kept + str(shown)
    assert "Hidden" not in kept + str(shown)
    assert world.caller().patch(f"/users/{user_id}", {"given_name": None}).status_code == 200
    assert world.caller().patch(f"/users/{user_id}", {"family_name": None}).status_code == 400


def test_user_profile_4_what_was_removed_stays_removed(world: World, jane: Person) -> None:
    api = world.caller()
    where = f"/users/{jane.user_id}"
    assert "nickname" not in api.patch(where, {"nickname": None}).json
    assert "nickname" not in api.get(where).json
    world.client().sign_in(world.browser(), jane)
    assert "nickname" not in api.get(where).json, "our own store is the source, and has none"


EXCLUSIVE = [
    ("password", "email"),
    ("password", "email_verified"),
    ("username", "email"),
    ("username", "email_verified"),
    ("username", "password"),
]
VALUES = {"password": PASSWORD, "email": "x@example.com", "email_verified": True, "username": "x"}


@pytest.mark.parametrize(("one", "other"), EXCLUSIVE)
def test_user_profile_5_what_may_not_change_together(world: World, jane: Person, one: str, other: str) -> None:
    answer = world.caller().patch(f"/users/{jane.user_id}", {one: VALUES[one], other: VALUES[other]})
    assert (answer.status_code, answer.json["errorCode"]) == (400, "operation_not_supported")
    assert answer.json["message"] == f"Cannot update {one} and {other} simultaneously"


def test_user_profile_8_passwords_are_in_no_answer(api: Api, world: World) -> None:
    secret = "a Secret that nobody 4 repeats"
    user = create(api, password=secret)
    other = "another Secret that 5 nobody repeats"
    answers = [
        api.patch(path(user), {"password": other, "connection": CONNECTION}),
        api.get(path(user)),
        api.get("/users", q="email:jane@example.com"),
        api.get("/users-by-email", email="jane@example.com"),
        api.get(f"{path(user)}/logs"),
        api.get("/logs"),
    ]
    said = str(user) + "".join(each.get_data(as_text=True) for each in answers)
    assert secret not in said
    assert other not in said
    assert "argon2" not in said


@on_both_stores
def test_user_profile_9_nothing_of_a_deleted_user_works(world: World, jane: Person) -> None:
    api_name, browser = world.api(), world.browser()
    app = world.client("spa", is_first_party=False)
    attempt = app.begin(browser, scope="openid offline_access read:things", audience=api_name)
    browser.submit(username=jane.email, password=jane.password)
    if browser.left_for is None:
        browser.submit("consent-accept")
    tokens = attempt.tokens(browser.answer)
    api = world.caller()
    assert api.delete(f"/users/{jane.user_id}").status_code == 204
    app.begin(browser, prompt="none")
    assert browser.answer.error == "login_required"
    assert app.refresh(tokens.refresh_token).status_code == 400
    assert tokens.userinfo().status_code == 401
    assert api.get("/grants", user_id=jane.user_id).json == []
    assert api.get(f"/users/{jane.user_id}").status_code == 404


@pytest.mark.usefixtures("source_stubs")
@pytest.mark.parametrize("said", [{}, {"name": "Jane"}, {"email": ""}, {"nickname": "j"}, {"picture": "javascript:1"}])
def test_normalized_profiles_always_have_name_nickname_and_picture(
    world: World, monkeypatch: pytest.MonkeyPatch, said: dict[str, Any]
) -> None:
    """spec/user-profile.md, "Normalized profile"."""
    monkeypatch.setattr(StubRedirect, "profile", {"email": "x@source.example", **said})
    user = world.caller().get(f"/users/{arrive(world, {})}").json
    assert {"user_id", "name", "nickname", "picture"} <= set(user)
    assert str(user["picture"]).startswith("https://")
    for name, value in said.items():
        if value and name != "picture":
            assert user[name] == value
    assert user.get("email_verified") is (False if user.get("email") else None)


# ---- pictures
def test_pictures_without_gravatar_stay_here(api: Api, world: World) -> None:
    """The tenant setting ``gravatar``: no other host learns of anybody (spec/user-profile.md, "Pictures")."""
    assert create(api)["picture"].startswith("https://s.gravatar.com/avatar/")
    api.patch("/tenants/settings", {"gravatar": False})
    picture = create(api, "other@example.com")["picture"]
    assert picture == f"{world.issuer}avatars/ot.svg"
    answer = world.get(picture.removeprefix(world.issuer.rstrip("/")))
    assert (answer.status_code, answer.mimetype) == (200, "image/svg+xml")
    assert "max-age" in answer.headers["Cache-Control"]
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'"
    assert api.patch("/tenants/settings", {"gravatar": None}).json["gravatar"] is True


@pytest.mark.parametrize("name", ['<script>"', "..", "ж", "\u202eab", "&amp;", "a/b", "%00"])
def test_hostile_names_draw_letters_alone(world: World, name: str) -> None:
    world.settings(gravatar=False)
    user = world.user(name=name, nickname=name)
    picture = world.caller().get(f"/users/{user.user_id}").json["picture"]
    letters = picture.removeprefix(f"{world.issuer}avatars/").removesuffix(".svg")
    assert letters.isascii()
    assert letters.isalnum()
    drawn = world.get(picture.removeprefix(world.issuer.rstrip("/"))).get_data(as_text=True)
    assert len(drawn) < 500
    assert "script" not in drawn


# ---- passwordless identifiers
@pytest.mark.parametrize(
    ("strategy", "name", "one", "two"),
    [
        ("email", "email", "one@example.com", "two@example.com"),
        ("sms", "phone_number", "+4917112345678", "+4917112345679"),
    ],
)
def test_no_two_have_one_address_or_number_in_a_passwordless_connection(
    world: World, strategy: str, name: str, one: str, two: str
) -> None:
    connect_codes(world, strategy=strategy)
    api = world.caller()
    (connection,) = api.get("/connections", strategy=strategy).json
    made = [api.post("/users", {"connection": connection["name"], name: value}) for value in (one, two)]
    assert [each.status_code for each in made] == [201, 201]
    second = f"/users/{made[1].json['user_id']}"
    taken = api.patch(second, {name: one})
    assert (taken.status_code, taken.json["message"]) == (409, f"The specified new {name} already exists")
    assert api.patch(second, {name: two}).status_code == 200, "one's own"
    assert api.patch(second, {name: None}).status_code == 400
    assert api.get(second).json[name] == two


# ---- metadata
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


# ---- linking
def verified(api: Api, email: str, **members: Any) -> dict[str, Any]:
    return create(api, email, email_verified=True, **members)


@pytest.mark.usefixtures("source_stubs")
def test_linking_1_either_way_of_signing_in_is_the_same_subject(
    world: World, jane: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(StubRedirect, "profile", {"name": "First", "email_verified": True})
    arrive(world, {})
    api = world.caller()
    linked = api.post(f"/users/{jane.user_id}/identities", {"provider": "stub-social", "user_id": "acc-1"})
    assert (linked.status_code, len(linked.json)) == (201, 2)
    monkeypatch.setattr(StubRedirect, "profile", {"name": "Second", "email_verified": True})
    browser = world.browser()
    browser.open("/account")
    browser.follow("connection-stub-social")
    come_back(browser)
    assert browser.path == "/account"
    user = api.get(f"/users/{jane.user_id}").json
    assert user["name"] == "Jane Doe", "the main profile stays"
    assert user["identities"][1]["profileData"]["name"] == "Second", "the linked one follows its source"
    assert len(api.get(f"/users/{jane.user_id}/sessions").json["sessions"]) == 1


def test_linking_3_unlinking_gives_a_user_of_its_own(api: Api, world: World) -> None:
    main = verified(api, "main@example.com", user_metadata={"m": 1}, app_metadata={"n": 1})
    other = verified(api, "other@example.com", user_metadata={"o": 1}, app_metadata={"p": 1}, family_name="Other")
    world.change_user(other["user_id"], logins_count=7, last_login=1_700_000_000_000, profile={"locale": "de"})
    short = other["user_id"].partition("|")[2]
    api.post(f"{path(main)}/identities", {"provider": "auth0", "user_id": short})
    kept = api.get(path(main)).json
    assert (kept["user_metadata"], kept["app_metadata"], kept["name"]) == ({"m": 1}, {"n": 1}, main["name"])
    (first,) = api.delete(f"{path(main)}/identities/auth0/{short}").json
    assert first["user_id"] == main["user_id"].partition("|")[2]
    again = api.get(path(other)).json
    assert not {"user_metadata", "app_metadata", "logins_count", "last_login"} & set(again)
    assert (again["family_name"], again["email_verified"], len(again["identities"])) == ("Other", True, 1)
    assert again["locale"] == "de", "attributes without a column come back, too"


def test_linking_ends_what_the_second_account_opened(world: World, jane: Person) -> None:
    """Semantics: roles, grants and sessions of the secondary are revoked."""
    other = world.user("other@example.com")
    api_name, browser = world.api(), world.browser()
    app = world.client("spa", is_first_party=False)
    attempt = app.begin(browser, scope="openid offline_access read:things", audience=api_name)
    browser.submit(username=other.email, password=other.password)
    if browser.left_for is None:
        browser.submit("consent-accept")
    tokens = attempt.tokens(browser.answer)
    api = world.caller()
    linked = api.post(f"/users/{jane.user_id}/identities", {"provider": "auth0", "user_id": other.account_id})
    assert linked.status_code == 201
    app.begin(browser, prompt="none")
    assert browser.answer.error == "login_required"
    assert app.refresh(tokens.refresh_token).status_code == 400
    assert api.get("/grants", user_id=other.user_id).json == []
    assert api.get("/grants", user_id=jane.user_id).json == []


def test_linking_5_deleting_the_main_user_deletes_every_account(world: World, jane: Person) -> None:
    other = world.user("other@example.com")
    api = world.caller()
    api.post(f"/users/{jane.user_id}/identities", {"provider": "auth0", "user_id": other.account_id})
    assert api.delete(f"/users/{jane.user_id}").status_code == 204
    for person in (jane, other):
        browser = world.browser()
        world.client().begin(browser)
        browser.submit(username=person.email, password=person.password)
        assert browser.status == 400
    assert api.get("/users", q="email:other@example.com OR email:jane@example.com").json == []


# ---- account-lifecycle
POLICIES = [
    ("none", "x", True),
    ("low", "abcde", False),
    ("low", "abcdef", True),
    ("fair", "Abcdef1", False),
    ("fair", "Tolmfdq7", True),
    ("fair", "abcdefg1", False),
    ("good", "Abcdef1", False),
    ("good", "abcdefg1", False),
    ("good", "Tolmfdq7", True),
    ("good", "abcdefg1!", True),
    ("excellent", "Abcdefg1!", False),
    ("excellent", "Abcdefgh1!", True),
    ("excellent", "Abcdefggg1!", False),
]


@pytest.mark.parametrize(("policy", "password", "good"), POLICIES)
def test_account_lifecycle_2_every_level_at_its_edge(world: World, policy: str, password: str, good: bool) -> None:
    world.connection("levels", passwordPolicy=policy)
    body = {"connection": "levels", "email": "x@example.com", "password": password}
    answer = world.caller().post("/users", body)
    assert (answer.status_code == 201) is good, answer.json
    if not good:
        assert answer.json["message"] == "PasswordStrengthError: Password is too weak"


def test_account_lifecycle_6_blocked_is_told_to_the_application(world: World, jane: Person) -> None:
    app, browser = world.client(), world.browser()
    app.sign_in(browser, jane)
    world.caller().patch(f"/users/{jane.user_id}", {"blocked": True})
    app.begin(browser, prompt="none")
    assert browser.answer.error in {"unauthorized", "login_required"}
    fresh = world.browser()
    app.begin(fresh)
    fresh.submit(username=jane.email, password=jane.password)
    assert (fresh.answer.error, fresh.answer.params["error_description"]) == ("unauthorized", "user is blocked")
    assert world.caller().get(f"/users/{jane.user_id}").json["logins_count"] == 2
    assert {entry.description for entry in world.logs("f")} == {"user is blocked"}


# ---- what else PATCH refuses
@pytest.mark.usefixtures("source_stubs")
def test_identifiers_of_a_federated_user_are_the_sources(world: World) -> None:
    user_id = arrive(world, {"set_user_root_attributes": "on_first_login"})
    api = world.caller()
    for name, value in (
        ("email", "x@example.com"),
        ("phone_number", "+4930123"),
        ("username", "x"),
        ("password", PASSWORD),
    ):
        refused = api.patch(f"/users/{user_id}", {name: value})
        assert (name, refused.status_code, refused.json["errorCode"]) == (name, 400, "operation_not_supported")
    assert api.patch(f"/users/{user_id}", {"email_verified": True}).json["email_verified"] is True, "social: allowed"


def test_a_secondary_identity_has_no_root_attributes_of_its_own(world: World, jane: Person) -> None:
    partners = world.connection("partners")
    other = world.user("other@example.com", connection_id=partners)
    api = world.caller()
    body = {"provider": "auth0", "user_id": other.account_id, "connection_id": partners}
    assert api.post(f"/users/{jane.user_id}/identities", body).status_code == 201
    for name in ROOT:
        refused = api.patch(f"/users/{jane.user_id}", {name: FIVE[name], "connection": "partners"})
        assert refused.json["message"] == (
            f"The following user attributes cannot be updated on a secondary identity: {name}."
        )
    nowhere = api.patch(f"/users/{jane.user_id}", {"email": "x@example.com", "connection": "nowhere"})
    assert nowhere.json["message"] == "The user has no identity in the connection 'nowhere'."


# ---- misc
def test_misc_3_people_change_their_own_metadata_from_a_page_of_theirs(world: World, jane: Person) -> None:
    """spec/misc.md, "Edit-profile widget": a person's own token, from a page of the application's origin (CORS)."""
    other = world.user("other@example.com")
    app = world.client("spa")
    origin = {"Origin": "https://app.example.test"}
    token = world.token(sub=jane.user_id, scope="read:current_user update:current_user_metadata", azp=app.client_id)
    sent = {**origin, "Authorization": f"Bearer {token}"}
    where = f"{world.issuer}api/v2/users/{jane.user_id}"
    asked = world.send(
        "OPTIONS",
        where,
        headers={
            **origin,
            "Access-Control-Request-Method": "PATCH",
            "Access-Control-Request-Headers": "authorization,content-type",
        },
    )
    assert asked.headers["Access-Control-Allow-Origin"] == origin["Origin"]
    read = world.send("GET", where, headers=sent)
    assert (read.status_code, read.json["email"]) == (200, jane.email)
    assert read.headers["Access-Control-Allow-Origin"] == origin["Origin"]
    changed = world.send("PATCH", where, json={"user_metadata": {"company": "Acme"}}, headers=sent)
    assert changed.json["user_metadata"] == {"company": "Acme"}
    refused = world.send(
        "PATCH", f"{world.issuer}api/v2/users/{other.user_id}", json={"user_metadata": {}}, headers=sent
    )
    assert refused.status_code == 403


def test_misc_1_nobody_is_impersonated(api: Api) -> None:
    """Off, as the operation is not there."""
    user = create(api)
    body = {"protocol": "oauth2", "impersonator_id": "x", "client_id": "y"}
    assert api.post(f"/users/{user['user_id']}/impersonate", body).status_code in {403, 404}
