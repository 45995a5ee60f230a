"""Refresh tokens: rotation, reuse detection, leeway, narrowing, lifetimes (RFC 6749 6, RFC 9700 4.14; spec: Refresh
tokens).
"""

from __future__ import annotations

import pytest

from tests.world.application import Application, Tokens
from tests.world.browser import Browser
from tests.world.fixtures import Clock, on_both_stores
from tests.world.world import Person, World

OFFLINE = "openid profile email offline_access"
ROTATING = {
    "rotation_type": "rotating",
    "expiration_type": "expiring",
    "leeway": 0,
    "token_lifetime": 2_592_000,
    "idle_token_lifetime": 1_296_000,
}


@pytest.fixture
def spa(world: World) -> Application:
    return world.client("spa")


@pytest.fixture
def tokens(spa: Application, browser: Browser, jane: Person) -> Tokens:
    return spa.sign_in(browser, jane, scope=OFFLINE)


def refused(app: Application, token: str, **form: str) -> str:
    response = app.refresh(token, **form)
    assert response.status_code == 400, response.get_data(as_text=True)
    return str(response.get_json()["error"])


@on_both_stores
def test_an_exchange_gives_new_tokens_and_spends_the_old_one(spa: Application, tokens: Tokens) -> None:
    fresh = tokens.refreshed()
    assert fresh.refresh_token != tokens.refresh_token
    assert fresh.access_token != tokens.access_token
    assert fresh.userinfo().status_code == 200
    assert fresh.refreshed().userinfo().status_code == 200


def test_a_spent_token_takes_its_whole_family_along(world: World, spa: Application, tokens: Tokens) -> None:
    second = tokens.refreshed()
    third = second.refreshed()
    assert refused(spa, tokens.refresh_token) == "invalid_grant"
    assert refused(spa, third.refresh_token) == "invalid_grant"
    assert [each.userinfo().status_code for each in (tokens, second, third)] == [401, 401, 401]
    (entry,) = world.logs("ferrt")
    assert entry.client_id == spa.client_id


def test_reuse_leaves_other_families_of_the_same_person_alone(
    spa: Application, browser: Browser, jane: Person, tokens: Tokens
) -> None:
    other = spa.sign_in(browser, jane, scope=OFFLINE)
    tokens.refreshed()
    refused(spa, tokens.refresh_token)
    assert other.refreshed()


def test_within_the_leeway_the_old_token_gives_a_sibling(
    world: World, browser: Browser, jane: Person, clock: Clock
) -> None:
    app = world.client("spa", refresh_token={**ROTATING, "leeway": 10})
    first = app.sign_in(browser, jane, scope=OFFLINE)
    child = first.refreshed()
    clock.forward(seconds=5)
    sibling = first.refreshed()
    assert sibling.refresh_token != child.refresh_token
    assert child.refreshed()
    clock.forward(seconds=10)
    assert refused(app, first.refresh_token) == "invalid_grant"
    assert refused(app, sibling.refresh_token) == "invalid_grant"


def test_a_non_rotating_token_stays_the_same(world: World, browser: Browser, jane: Person) -> None:
    app = world.client()
    tokens = app.sign_in(browser, jane, scope=OFFLINE)
    for _ in range(3):
        response = app.refresh(tokens.refresh_token)
        assert response.status_code == 200
        assert "refresh_token" not in response.get_json()


def test_rotation_is_on_for_public_and_off_for_confidential_clients(
    world: World, browser: Browser, jane: Person
) -> None:
    for kind, rotates in (("spa", True), ("native", True), ("web", False)):
        tokens = world.client(kind).sign_in(browser, jane, scope=OFFLINE)
        assert ("refresh_token" in tokens.refreshed().raw) is rotates, kind


def test_a_confidential_client_may_rotate(world: World, browser: Browser, jane: Person) -> None:
    app = world.client(refresh_token=ROTATING)
    first = app.sign_in(browser, jane, scope=OFFLINE)
    second = first.refreshed()
    assert refused(app, first.refresh_token) == "invalid_grant"
    assert refused(app, second.refresh_token) == "invalid_grant"


def test_scopes_can_be_narrowed_and_come_back(spa: Application, tokens: Tokens) -> None:
    narrow = tokens.refreshed(scope="openid email")
    assert narrow.raw["scope"] == "openid email"
    assert set(narrow.userinfo().get_json()) == {"sub", "email", "email_verified"}
    assert narrow.refreshed().raw["scope"] == OFFLINE


def test_scopes_never_widen(world: World, browser: Browser, jane: Person) -> None:
    app = world.client("spa")
    tokens = app.sign_in(browser, jane, scope="openid offline_access")
    assert refused(app, tokens.refresh_token, scope="openid profile") == "invalid_scope"
    assert refused(app, tokens.refresh_token, scope="openid admin") == "invalid_scope"
    assert tokens.refreshed(), "a refused request spends nothing"


def test_another_client_cannot_use_it(world: World, tokens: Tokens) -> None:
    for thief in (world.client("spa"), world.client()):
        assert refused(thief, tokens.refresh_token) == "invalid_grant"
    assert tokens.refreshed()


def test_a_confidential_client_needs_its_secret(world: World, browser: Browser, jane: Person) -> None:
    app = world.client()
    tokens = app.sign_in(browser, jane, scope=OFFLINE)
    assert app.refresh(tokens.refresh_token, client_secret="wrong").status_code == 401
    assert app.refresh(tokens.refresh_token, auth="none").status_code == 401


def test_missing_and_unknown_tokens_have_the_words_sdks_look_for(spa: Application) -> None:
    missing = spa.token(grant_type="refresh_token")
    assert (missing.status_code, missing.get_json()["error"]) == (400, "invalid_request")
    unknown = spa.refresh("v1.unknown").get_json()
    assert unknown == {"error": "invalid_grant", "error_description": "Unknown or invalid refresh token."}


def test_access_tokens_and_codes_are_no_refresh_tokens(spa: Application, tokens: Tokens) -> None:
    for other in (tokens.access_token, tokens.id_token):
        assert refused(spa, other) == "invalid_grant"


def test_the_refreshed_id_token_keeps_who_and_when(tokens: Tokens, clock: Clock) -> None:
    before = tokens.id_claims
    clock.forward(minutes=5)
    after = tokens.refreshed().id_claims
    for name in ("iss", "sub", "aud", "auth_time", "sid", "nonce"):
        assert after[name] == before[name], name
    assert after["iat"] > before["iat"]
    assert "azp" not in after


def test_tokens_are_made_of_printable_ascii(tokens: Tokens) -> None:
    assert all(0x20 < ord(char) < 0x7F for char in tokens.refresh_token + tokens.access_token)
    assert len(tokens.refresh_token) >= 43


def test_an_idle_token_dies(spa: Application, tokens: Tokens, clock: Clock) -> None:
    clock.forward(days=14)
    fresh = tokens.refreshed()
    clock.forward(days=14)
    fresh = fresh.refreshed()
    clock.forward(days=16)
    assert refused(spa, fresh.refresh_token) == "invalid_grant"


def test_the_absolute_end_comes_however_often_it_is_used(spa: Application, tokens: Tokens, clock: Clock) -> None:
    for _ in range(3):
        clock.forward(days=9)
        tokens = tokens.refreshed()
    clock.forward(days=4)
    assert refused(spa, tokens.refresh_token) == "invalid_grant"


def test_an_infinite_token_does_not_end(world: World, browser: Browser, jane: Person, clock: Clock) -> None:
    app = world.client()
    tokens = app.sign_in(browser, jane, scope=OFFLINE)
    clock.forward(days=4000)
    assert tokens.refreshed().userinfo().status_code == 200


def test_offline_access_needs_the_grant_type(world: World, browser: Browser, jane: Person) -> None:
    tokens = world.client(grant_types=["authorization_code"]).sign_in(browser, jane, scope=OFFLINE)
    assert "refresh_token" not in tokens.raw
    assert "offline_access" not in tokens.raw["scope"]


def test_auth0s_old_spelling_of_offline_access_works(world: World, browser: Browser, jane: Person) -> None:
    assert world.client().sign_in(browser, jane, scope="openid", access_type="offline").refresh_token


def test_they_outlive_the_session(world: World, browser: Browser, jane: Person, tokens: Tokens) -> None:
    browser.open("/v2/logout")
    assert tokens.refreshed().userinfo().status_code == 200


def test_the_audience_stays(world: World, browser: Browser, jane: Person) -> None:
    app = world.client("spa")
    tokens = app.sign_in(browser, jane, audience=world.api(), scope="openid read:things write:things offline_access")
    fresh = tokens.refreshed(scope="read:things")
    assert fresh.access_claims["scope"] == "read:things"
    assert fresh.access_claims["aud"] == "https://api.example.test/"
    assert "id_token" not in fresh.raw
    assert fresh.refreshed().access_claims["scope"] == "openid read:things write:things offline_access"
