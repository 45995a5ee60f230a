"""Refresh tokens that are good for as long as the session (``online_access``, Auth0's online refresh tokens)."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from sqlalchemy import func, select

from idp.processes import purges
from idp.protocol.tokens.models import Authorization
from tests.security.rows import row
from tests.world.application import Application, Tokens
from tests.world.browser import Browser
from tests.world.fixtures import Clock, on_both_stores
from tests.world.holder import Holder
from tests.world.world import API, Person, World

ONLINE = "openid email read:things online_access"
ROTATING = {"rotation_type": "rotating", "expiration_type": "expiring", "leeway": 0}
OTHER = "https://other.example.test/"
HOUR = 3600


@pytest.fixture
def api(world: World) -> str:
    return world.api(allow_online_access=True)


@pytest.fixture
def app(world: World, api: str) -> Application:
    return world.client(refresh_token=ROTATING)


@pytest.fixture
def tokens(app: Application, browser: Browser, jane: Person) -> Tokens:
    return app.sign_in(browser, jane, audience=API, scope=ONLINE)


def error(app: Application, token: str, **form: str) -> str:
    said = app.refresh(token, **form)
    assert said.status_code == 400, said.get_data(as_text=True)
    return str(said.get_json()["error"])


@on_both_stores
def test_a_token_that_stays_the_same(world: World, browser: Browser, jane: Person) -> None:
    world.api(allow_online_access=True)
    tokens = world.client(refresh_token=ROTATING).sign_in(browser, jane, audience=API, scope=ONLINE)
    assert tokens.raw["scope"] == ONLINE
    for _ in range(2):
        again = tokens.refreshed().raw
        assert "refresh_token" not in again, "nothing rotates, whatever the client is set to"
        assert again["scope"] == ONLINE


def test_the_end_of_the_session_is_its_end(app: Application, browser: Browser, tokens: Tokens) -> None:
    browser.open(f"/v2/logout?client_id={app.client_id}")
    said = app.refresh(tokens.refresh_token).get_json()
    assert said["error"] == "invalid_grant"
    assert "invalid refresh token" in said["error_description"].lower()
    assert app.introspect(tokens.refresh_token) == {"active": False}


def test_so_is_a_session_that_ran_out(app: Application, tokens: Tokens, clock: Clock) -> None:
    assert app.introspect(tokens.refresh_token)["active"]
    clock.forward(seconds=73 * HOUR)
    assert app.introspect(tokens.refresh_token) == {"active": False}
    assert error(app, tokens.refresh_token) == "invalid_grant"


def test_use_keeps_the_session_from_its_idle_end_not_from_its_last(
    app: Application, browser: Browser, tokens: Tokens, clock: Clock
) -> None:
    for _ in range(3):
        clock.forward(seconds=50 * HOUR)
        tokens.refreshed()
    app.begin(browser, prompt="none", audience=API)
    assert "code" in browser.answer.params, "the browser was away for 150 hours, and is signed in"
    clock.forward(seconds=20 * HOUR)
    assert error(app, tokens.refresh_token) == "invalid_grant", "168 hours are the most"


def test_a_lowered_lifetime_counts_at_once(world: World, app: Application, tokens: Tokens, clock: Clock) -> None:
    clock.forward(seconds=2 * HOUR)
    world.settings(idle_session_lifetime=1)
    assert error(app, tokens.refresh_token) == "invalid_grant"


def test_another_sign_in_of_the_same_person_keeps_it(
    app: Application, browser: Browser, jane: Person, tokens: Tokens, clock: Clock
) -> None:
    clock.forward(seconds=60 * HOUR)
    app.begin(browser, prompt="login", audience=API)
    browser.submit(username=jane.email, password=jane.password)
    for _ in range(3):
        clock.forward(seconds=40 * HOUR)
        tokens.refreshed()


@row("F5")
@pytest.mark.parametrize("change", ["api", "client"])
def test_what_is_no_longer_allowed_ends(world: World, app: Application, tokens: Tokens, change: str) -> None:
    if change == "api":
        world.change_api(API, allow_online_access=False)
    else:
        world.change_client(app.client_id, grant_types=["authorization_code"])
    assert app.introspect(tokens.refresh_token) == {"active": False}
    assert app.refresh(tokens.refresh_token).status_code in {400, 403}


@row("F5", "H4")
@pytest.mark.parametrize("how", ["block", "delete", "password", "client", "session", "sessions", "revoke", "all"])
def test_every_way_to_end_it(
    world: World, app: Application, browser: Browser, jane: Person, tokens: Tokens, how: str
) -> None:
    api, sid = world.caller(), tokens.id_claims["sid"]
    match how:
        case "block":
            api.patch(f"/users/{jane.user_id}", {"blocked": True})
        case "delete":
            api.delete(f"/users/{jane.user_id}")
        case "password":
            changed = {"password": "another horse 9 Battery", "connection": "Username-Password-Authentication"}
            assert api.patch(f"/users/{jane.user_id}", changed).status_code == 200
        case "client":
            world.delete_client(app.client_id)
        case "session":
            assert api.delete(f"/sessions/{sid}").status_code in {202, 204}
        case "sessions":
            assert api.delete(f"/users/{jane.user_id}/sessions").status_code in {202, 204}
        case "revoke":
            assert api.post(f"/sessions/{sid}/revoke").status_code in {202, 204}
        case _:
            assert api.post(f"/users/{jane.user_id}/revoke-access", {}).status_code in {202, 204}
    said = app.refresh(tokens.refresh_token)
    assert said.get_json()["error"] in {"invalid_grant", "invalid_client"}


@row("F3", "B3")
def test_it_is_its_clients_and_no_code(world: World, app: Application, tokens: Tokens) -> None:
    assert error(world.client(), tokens.refresh_token) == "invalid_grant"
    said = app.token(grant_type="authorization_code", code=tokens.refresh_token, redirect_uri=app.callback)
    assert said.get_json()["error"] == "invalid_grant"
    assert world.get("/userinfo", headers={"Authorization": f"Bearer {tokens.refresh_token}"}).status_code == 401


@row("H2")
def test_somebody_else_in_the_same_browser_ends_it(
    world: World, app: Application, browser: Browser, tokens: Tokens
) -> None:
    other = world.user(email="other@example.test")
    app.begin(browser, prompt="login", audience=API)
    browser.submit(username=other.email, password=other.password)
    assert error(app, tokens.refresh_token) == "invalid_grant"


@row("B1")
def test_a_code_that_comes_back_ends_it(app: Application, browser: Browser, jane: Person) -> None:
    attempt = app.begin(browser, audience=API, scope=ONLINE)
    browser.submit(username=jane.email, password=jane.password)
    tokens = attempt.tokens(browser.answer)
    assert attempt.redeem(browser.answer).status_code == 400
    assert error(app, tokens.refresh_token) == "invalid_grant"


@row("F4")
def test_it_never_becomes_offline(app: Application, tokens: Tokens) -> None:
    assert error(app, tokens.refresh_token, scope="openid offline_access") == "invalid_scope"
    narrow = tokens.refreshed(scope="openid")
    assert narrow.raw["scope"] == "openid"
    assert tokens.refreshed().raw["scope"] == ONLINE


def test_an_api_has_to_allow_it(world: World, browser: Browser, jane: Person) -> None:
    world.api()
    tokens = world.client().sign_in(browser, jane, audience=API, scope=ONLINE)
    assert "refresh_token" not in tokens.raw
    assert tokens.raw["scope"] == "openid email read:things"


def test_offline_access_outweighs_it(world: World, browser: Browser, jane: Person) -> None:
    world.api(allow_online_access=True)
    app = world.client()
    tokens = app.sign_in(browser, jane, audience=API, scope=f"{ONLINE} offline_access")
    assert set(tokens.raw["scope"].split()) == {"openid", "email", "read:things", "offline_access"}
    browser.open(f"/v2/logout?client_id={app.client_id}")
    assert tokens.refreshed()


@pytest.mark.parametrize("allowed", [True, False])
def test_sessions_that_end_with_the_browser(world: World, browser: Browser, jane: Person, *, allowed: bool) -> None:
    world.settings(session_cookie={"mode": "non-persistent"})
    world.api(allow_online_access=True, allow_online_access_with_ephemeral_sessions=allowed)
    app = world.client()
    tokens = app.sign_in(browser, jane, audience=API, scope=ONLINE)
    assert ("refresh_token" in tokens.raw) is allowed
    assert ("online_access" in tokens.raw["scope"]) is allowed
    if allowed:
        assert tokens.refreshed()
        world.change_api(API, allow_online_access_with_ephemeral_sessions=False)
        assert error(app, tokens.refresh_token) == "invalid_grant"


@row("F3")
def test_a_public_client_proves_a_key(world: World, browser: Browser, jane: Person, api: str) -> None:
    spa = Holder(world.client("spa"))
    attempt = spa.app.begin(browser, audience=api, scope=ONLINE)
    browser.submit(username=jane.email, password=jane.password)
    assert attempt.redeem(browser.answer).get_json()["error"] == "invalid_dpop_proof"
    said = spa.redeem(attempt, browser.answer)
    assert said.status_code == 200, "a refusal spends nothing"
    token = said.get_json()["refresh_token"]
    assert spa.refresh(token).status_code == 200
    assert error(spa.app, token) == "invalid_grant"
    assert Holder(spa.app, name="thief").refresh(token).get_json()["error"] == "invalid_grant"


def test_taking_it_back_ends_the_session(app: Application, browser: Browser, tokens: Tokens) -> None:
    assert app.call("/oauth/revoke", token=tokens.refresh_token).status_code == 200
    assert error(app, tokens.refresh_token) == "invalid_grant"
    app.begin(browser, prompt="none", audience=API)
    assert browser.answer.error == "login_required"


@row("F6")
def test_another_clients_token_ends_no_session(
    world: World, app: Application, browser: Browser, tokens: Tokens
) -> None:
    world.client().call("/oauth/revoke", token=tokens.refresh_token)
    assert tokens.refreshed()
    app.begin(browser, prompt="none", audience=API)
    assert "code" in browser.answer.params


def test_a_token_for_several_apis(world: World, browser: Browser, jane: Person, api: str) -> None:
    world.api(OTHER, allow_online_access=True, skip_consent_for_verifiable_first_party_clients=True)
    app = world.client(refresh_token={"policies": [{"audience": OTHER, "scope": ["read:things"]}]})
    tokens = app.sign_in(browser, jane, audience=api, scope=ONLINE)
    assert tokens.refreshed(audience=OTHER).access_claims["aud"][0] == OTHER
    world.change_api(OTHER, allow_online_access=False)
    assert error(app, tokens.refresh_token, audience=OTHER) == "invalid_grant"


def test_it_is_of_the_code_flow_alone(world: World, jane: Person, api: str) -> None:
    """A password at the token endpoint and a device have no session that could be lent."""
    app = world.client(grant_types=["password", "refresh_token"])
    world.settings(default_directory="Username-Password-Authentication")
    said: Any = app.token(
        grant_type="password", username=jane.email, password=jane.password, audience=api, scope=ONLINE
    ).get_json()
    assert "refresh_token" not in said
    assert "online_access" not in said["scope"].split()


def test_devices_and_confirmations_elsewhere_have_no_session_to_lend(
    world: World, browser: Browser, jane: Person, api: str
) -> None:
    device = "urn:ietf:params:oauth:grant-type:device_code"
    tv = world.client("native", grant_types=[device, "refresh_token"])
    begun = tv.call("/oauth/device/code", scope=ONLINE, audience=api).get_json()
    browser.open(begun["verification_uri_complete"])
    browser.submit("device-confirm")
    browser.submit(username=jane.email, password=jane.password)
    said = tv.token(grant_type=device, device_code=begun["device_code"]).get_json()
    assert "refresh_token" not in said
    assert said["scope"] == "openid email read:things"


@row("A5")
@pytest.mark.parametrize("response_type", ["token", "id_token token"])
def test_none_comes_through_the_browser(
    world: World, browser: Browser, jane: Person, api: str, response_type: str
) -> None:
    app = world.client(grant_types=["implicit", "refresh_token"])
    app.begin(browser, audience=api, scope=ONLINE, response_type=response_type, response_mode=None)
    browser.submit(username=jane.email, password=jane.password)
    assert "refresh_token" not in browser.answer.params
    assert "online_access" not in browser.answer.params["scope"].split()


def test_lists_of_refresh_tokens_do_not_show_it(world: World, jane: Person, tokens: Tokens) -> None:
    caller = world.caller("read:refresh_tokens", "read:users")
    said = caller.get(f"/users/{jane.user_id}/refresh-tokens").get_json()
    assert said["tokens"] == []
    assert tokens.refreshed()


def test_an_unused_one_goes_a_lifetime_after_its_session(world: World, tokens: Tokens, clock: Clock) -> None:
    """Somebody else may renew the session, so the row stays that long; nobody counts those who never come back."""

    def left() -> int:
        purges.purge(world.platform.db, threading.Event())
        with world.context() as work:
            return int(work.rows.scalar(select(func.count()).select_from(Authorization)) or 0)

    clock.forward(seconds=2 * 168 * HOUR)
    assert left() == 1
    clock.forward(seconds=25 * HOUR)
    assert left() == 0


def test_the_page_says_for_how_long(world: World, browser: Browser, jane: Person, api: str) -> None:
    app = world.client(is_first_party=False)
    app.begin(browser, audience=api, scope=ONLINE)
    browser.submit(username=jane.email, password=jane.password)
    assert "Keep access until you sign out" in browser.shown.text
    browser.submit("consent-accept")
    assert "code" in browser.answer.params


def test_discovery_offers_it(world: World) -> None:
    assert "online_access" in world.get("/.well-known/openid-configuration").get_json()["scopes_supported"]
