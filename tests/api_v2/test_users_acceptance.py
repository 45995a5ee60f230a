"""Lines of the Acceptance lists of spec/user-profile.md and account-lifecycle.md that no other test goes through as a
whole; ``tests/house/test_acceptance.py`` has the whole list.
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
from tests.world.sources import StubRedirect, arrive, come_back
from tests.world.templates import CONNECTION
from tests.world.world import PASSWORD, Person, World

FIVE = {
    "name": "N",
    "nickname": "n",
    "given_name": "G",
    "family_name": "F",
    "picture": "https://pictures.example/p.png",
}


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
    assert browser.answer.error == "login_required", "the session is over"
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


@on_both_stores
def test_sessions_3_a_session_that_is_deleted_ends_signing_in_and_no_refresh_token(world: World, jane: Person) -> None:
    """spec/sessions-cookies-redirects.md, acceptance 3."""
    api, browser, audience = world.caller(), world.browser(), world.api()
    app = world.client()
    tokens = app.sign_in(browser, jane, scope="openid offline_access read:things", audience=audience)
    sid = app.claims(tokens.id_token)["sid"]
    (session,) = api.get(f"/users/{jane.user_id}/sessions").json["sessions"]
    assert session["id"] == sid
    (kept,) = api.get(f"/users/{jane.user_id}/refresh-tokens").json["tokens"]
    assert kept["session_id"] == sid
    assert api.delete(f"/sessions/{sid}").status_code == 202
    app.begin(browser, prompt="none")
    assert browser.answer.error == "login_required"
    assert app.refresh(tokens.refresh_token).status_code == 200
    again = app.sign_in(browser, jane, scope="openid offline_access read:things", audience=audience)
    (other,) = api.get(f"/users/{jane.user_id}/sessions").json["sessions"]
    assert api.post(f"/sessions/{other['id']}/revoke").status_code == 202
    assert app.refresh(again.refresh_token).status_code == 400
