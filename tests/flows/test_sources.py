"""People whose accounts are kept elsewhere: connectors of tests alone sign them in, and nothing in
``idp/signin`` knows their names (docs/decisions/0071, 0072).
"""

from __future__ import annotations

from urllib.parse import urlencode, urlsplit

import pytest

from connectors.registry import STRATEGIES
from connectors.strategy import Strategy
from tests.security.rows import row
from tests.world.browser import Browser
from tests.world.sources import (
    KNOWN,
    PASSWORDS,
    REDIRECT,
    StubOptions,
    StubRedirect,
    come_back,
    connect,
    identities,
    logged,
    only,
    sent_state,
    users,
)
from tests.world.world import World

pytestmark = pytest.mark.usefixtures("source_stubs")


def test_a_password_connector_signs_people_in(world: World, browser: Browser) -> None:
    app = world.client()
    connect(world, PASSWORDS, app.client_id)
    only(world, app.client_id)
    app.begin(browser)
    assert "signup-link" not in browser.shown.links
    assert "forgot-password-link" not in browser.shown.links
    browser.submit(username="jane", password="wrong")
    assert browser.status == 400
    attempt = app.begin(browser)
    browser.submit(username="jane", password=KNOWN["jane"])
    claims = attempt.tokens(browser.answer).id_claims
    assert (claims["sub"], claims["name"], claims["email_verified"]) == ("stub-directory|jane", "Jane S.", True)
    assert [row.user_id for row in users(world)] == ["stub-directory|jane"]
    (entry,) = logged(world, "s")
    assert (entry["strategy"], entry["strategy_type"]) == ("stub-directory", "enterprise")


def test_a_button_leads_to_the_source_and_back(world: World, browser: Browser) -> None:
    app = world.client()
    connection_id = connect(world, REDIRECT, app.client_id, api_token="t")
    attempt = app.begin(browser)
    assert "Continue with Stub Social" in browser.shown.text
    assert browser.shown.form("username").fields, "the password form stays"
    browser.follow("connection-stub-social")
    state = sent_state(browser)
    assert state not in str(attempt.params), "a state of its own"
    come_back(browser)
    claims = attempt.tokens(browser.answer).id_claims
    assert (claims["sub"], claims["email"], claims["email_verified"]) == (
        "stub-social|acc-1",
        "jane@source.example",
        False,
    )
    (identity,) = identities(world)
    assert (identity.connection_id, identity.identity_user_id, identity.is_social) == (connection_id, "acc-1", True)
    assert identity.tokens_sealed is not None
    assert "upstream-token" not in identity.tokens_sealed
    shown = world.caller().get(f"/users/{claims['sub'].replace('|', '%7C')}").json or {}
    assert shown["identities"][0]["provider"] == "stub-social"


def test_the_connection_parameter_goes_straight_there(world: World, browser: Browser) -> None:
    app = world.client()
    connect(world, REDIRECT, app.client_id)
    for hint in (None, "signup"):
        attempt = app.begin(browser, connection="stub-social", screen_hint=hint)
        assert [urlsplit(hop).path for hop in browser.hops] == ["/authorize", "/login/redirect/stub-social"]
        come_back(browser)
        assert attempt.tokens(browser.answer).id_claims["sub"] == "stub-social|acc-1"
        browser.jar.kept.clear()


def test_a_page_with_buttons_alone(world: World, browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    app = world.client()
    other = Strategy(name="stub-other", kind="social", amr="fed", options=StubOptions, open=StubRedirect)
    monkeypatch.setitem(STRATEGIES, other.name, other)
    connect(world, REDIRECT, app.client_id)
    connect(world, other, app.client_id)
    only(world, app.client_id)
    for first in (False, True):
        world.prompts(identifier_first=first)
        app.begin(browser)
        assert browser.path == "/u/login" if not first else browser.path.startswith("/u/login")
        assert "connection-stub-social" in browser.shown.links
        assert "password" not in str([form.fields for form in browser.shown.forms])


def test_identifier_first_offers_it_too(world: World, browser: Browser) -> None:
    app = world.client()
    connect(world, REDIRECT, app.client_id)
    world.prompts(identifier_first=True)
    app.begin(browser)
    assert browser.path == "/u/login/identifier"
    assert "connection-stub-social" in browser.shown.links


def test_a_posted_answer_is_asked_for_with_our_own_cookies(world: World, browser: Browser) -> None:
    app = world.client()
    connect(world, REDIRECT, app.client_id)
    attempt = app.begin(browser, connection="stub-social")
    form = {"RelayState": sent_state(browser), "code": "acc-1"}
    browser.open("/login/callback", method="POST", form=form, site="cross-site")
    assert attempt.tokens(browser.answer).id_claims["sub"] == "stub-social|acc-1"


def test_an_answer_too_large_to_be_kept_is_refused_and_the_state_is_still_good(world: World, browser: Browser) -> None:
    app = world.client()
    connect(world, REDIRECT, app.client_id)
    attempt = app.begin(browser, connection="stub-social")
    state = sent_state(browser)
    form = {"state": state, "SAMLResponse": "x" * 300_000}
    browser.open("/login/callback", method="POST", form=form, site="cross-site")
    assert browser.status == 413
    come_back(browser, state=state)
    assert attempt.tokens(browser.answer).id_claims["sub"] == "stub-social|acc-1"


@row("CO5")
def test_an_answer_counts_once_and_for_its_own_browser(world: World, browser: Browser) -> None:
    app = world.client()
    connect(world, REDIRECT, app.client_id)
    app.begin(browser, connection="stub-social")
    state = sent_state(browser)
    come_back(world.browser(), state=state)
    assert users(world) == [], "somebody else's browser"
    browser.request("HEAD", f"/login/callback?{urlencode({'state': state, 'code': 'acc-1'})}")
    assert users(world) == [], "whoever only looks at the link spends nothing"
    victim = world.browser()
    app.begin(victim, connection="stub-social")
    come_back(victim, code="attacker", state=state)
    assert victim.status == 400
    come_back(browser, state=state)
    assert browser.answer.code
    come_back(browser, state=state)
    assert browser.status == 400
    assert browser.left_for is None
    for nonsense in ("", "x" * 300, "unknown"):
        browser.open(f"/login/callback?{urlencode({'state': nonsense, 'code': 'c'})}")
        assert browser.status == 400


def test_an_answer_belongs_to_the_connection_that_was_asked(
    world: World, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = world.client()
    connect(world, REDIRECT, app.client_id)
    app.begin(browser, connection="stub-social")
    come_back(browser, iss="https://honest.example.test")
    assert (browser.answer.error, users(world)) == ("access_denied", [])
    other = Strategy(name="stub-other", kind="social", amr="fed", options=StubOptions, open=StubRedirect)
    monkeypatch.setitem(STRATEGIES, other.name, other)
    asked = connect(world, other, app.client_id)
    app.begin(browser, connection="stub-other")
    come_back(browser, iss="https://source.example.test", connection="stub-social")
    assert [row.connection_id for row in identities(world)] == [asked]


def test_the_source_says_no(world: World, browser: Browser) -> None:
    app = world.client()
    connect(world, REDIRECT, app.client_id)
    for said, told in (("access_denied", "access_denied"), ("server_error", "server_error"), ("odd", "access_denied")):
        app.begin(browser, connection="stub-social")
        come_back(browser, error=said)
        assert browser.answer.error == told
        assert browser.answer.params["error_description"] == "The source said no."
    assert users(world) == []
    assert {"code": "odd", "detail": "a detail"} in [entry.get("details") for entry in logged(world, "f")]


@row("CO13")
def test_a_connection_of_another_application_leads_nowhere(world: World, browser: Browser) -> None:
    app, other = world.client(), world.client()
    connect(world, REDIRECT, other.client_id)
    app.begin(browser)
    assert "connection-stub-social" not in browser.shown.links
    state = browser.shown.form("username").fields["state"]
    browser.open(f"/login/redirect/stub-social?state={state}")
    assert (browser.status, browser.left_for) == (400, None)
    world.browser().open(f"/login/redirect/stub-social?state={state}")
