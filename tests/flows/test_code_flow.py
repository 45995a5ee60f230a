"""Authorization code with PKCE: the whole walk (RFC 6749 4.1, RFC 7636, RFC 9207, OIDC Core 3.1)."""

from __future__ import annotations

import math
from collections import Counter

import pytest

from tests.security.rows import row
from tests.world.browser import Browser
from tests.world.fixtures import Clock, on_both_stores
from tests.world.world import CALLBACK, Person, World

STATES = [
    "simple",
    "a" * 128,
    "with space and + plus",
    "percent%20encoded%2B",
    "ünïcödé-日本語-🎫",
    "quote\"and'<tag>&amp;",
    "a=b&c=d#fragment?query",
    " leading and trailing ",
    "line\nbreak\ttab",
]


@on_both_stores
def test_a_person_signs_in_and_the_application_gets_tokens(world: World, browser: Browser, jane: Person) -> None:
    app = world.client()
    attempt = app.begin(browser)
    assert browser.path == "/u/login"
    browser.submit("login-submit", username=jane.email, password=jane.password)
    assert browser.answer.url == CALLBACK
    tokens = attempt.tokens(browser.answer)
    claims = tokens.id_claims
    assert claims["iss"] == world.issuer
    assert claims["aud"] == app.client_id
    assert claims["sub"] == jane.user_id
    assert claims["nonce"] == attempt.params["nonce"]
    assert claims["exp"] - claims["iat"] == 36_000
    assert tokens.raw["token_type"] == "Bearer"
    assert tokens.raw["scope"] == "openid profile email"
    assert 0 < tokens.raw["expires_in"] < 31_536_000
    assert tokens.userinfo().get_json()["email"] == jane.email


def test_the_second_application_signs_in_silently(world: World, browser: Browser, jane: Person) -> None:
    first, second = world.client(), world.client("spa")
    before = first.sign_in(browser, jane).id_claims
    attempt = second.begin(browser)
    after = attempt.tokens(browser.answer).id_claims
    assert after["sid"] == before["sid"]
    assert after["auth_time"] == before["auth_time"]
    assert after["aud"] == second.client_id


@pytest.mark.parametrize("kind", ["web", "spa", "native"])
@pytest.mark.parametrize("auth", [None, "client_secret_basic"])
def test_every_kind_of_client_completes_the_walk(
    world: World, browser: Browser, jane: Person, kind: str, auth: str | None
) -> None:
    app = world.client(kind, **({"token_endpoint_auth_method": auth} if auth else {}))
    assert app.sign_in(browser, jane).id_claims["sub"] == jane.user_id


@row("A7")
@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("mode", ["query", "fragment", "form_post", "web_message"])
def test_state_comes_back_byte_for_byte(world: World, browser: Browser, jane: Person, state: str, mode: str) -> None:
    app = world.client("spa")
    app.sign_in(browser, jane)
    app.begin(browser, state=state, response_mode=mode)
    assert browser.answer.mode == mode
    assert browser.answer.params["state"] == state


@row("A7")
@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("mode", ["query", "fragment", "form_post", "web_message"])
def test_state_comes_back_byte_for_byte_with_an_error(world: World, browser: Browser, state: str, mode: str) -> None:
    world.client("spa").begin(browser, state=state, response_mode=mode, prompt="none")
    assert browser.answer.mode == mode
    assert browser.answer.params["state"] == state
    assert browser.answer.error == "login_required"


def test_an_empty_state_comes_back_empty_and_no_state_stays_away(world: World, browser: Browser, jane: Person) -> None:
    app = world.client()
    app.sign_in(browser, jane)
    app.begin(browser, state="")
    assert browser.answer.params["state"] == ""
    app.begin(browser, state=None)
    assert "state" not in browser.answer.params


@row("A8")
def test_the_answer_carries_code_state_and_issuer_and_nothing_else(
    world: World, browser: Browser, jane: Person
) -> None:
    app = world.client()
    app.sign_in(browser, jane)
    app.begin(browser)
    assert set(browser.answer.params) == {"code", "state", "iss"}
    assert browser.answer.params["iss"] == world.issuer
    assert browser.status == 303
    assert browser.response is not None
    assert browser.response.headers["Cache-Control"] == "no-store"


def test_codes_have_the_entropy_the_conformance_suite_asks_for(world: World, browser: Browser, jane: Person) -> None:
    app = world.client()
    app.sign_in(browser, jane)
    codes = set()
    for _ in range(5):
        app.begin(browser)
        code = browser.answer.code
        codes.add(code)
        shares = [count / len(code) for count in Counter(code).values()]
        assert len(code) >= 43
        assert -sum(share * math.log2(share) for share in shares) * len(code) >= 96
    assert len(codes) == 5


def test_a_code_is_good_for_a_minute(world: World, browser: Browser, jane: Person, clock: Clock) -> None:
    app = world.client()
    app.sign_in(browser, jane)
    early, late = app.begin(browser), None
    answer = browser.answer
    clock.forward(seconds=58)
    assert early.redeem(answer).status_code == 200
    late = app.begin(browser)
    answer = browser.answer
    clock.forward(seconds=61)
    refused = late.redeem(answer)
    assert (refused.status_code, refused.get_json()["error"]) == (400, "invalid_grant")


def test_a_confidential_client_may_leave_pkce_out(world: World, browser: Browser, jane: Person) -> None:
    app = world.client()
    attempt = app.begin(browser, code_challenge=None, code_challenge_method=None)
    browser.submit(username=jane.email, password=jane.password)
    assert attempt.tokens(browser.answer).id_claims["sub"] == jane.user_id


def test_without_a_nonce_there_is_none_in_the_id_token(world: World, browser: Browser, jane: Person) -> None:
    assert "nonce" not in world.client().sign_in(browser, jane, nonce=None).id_claims


def test_without_openid_there_is_no_id_token(world: World, browser: Browser, jane: Person) -> None:
    tokens = world.client().sign_in(browser, jane, scope="profile email")
    assert "id_token" not in tokens.raw
    assert tokens.userinfo().status_code == 403


@pytest.mark.parametrize("scope", [None, "", "no-such-scope"])
def test_without_any_known_scope_the_answer_names_none(
    world: World, browser: Browser, jane: Person, scope: str | None
) -> None:
    tokens = world.client().sign_in(browser, jane, scope=scope)
    assert set(tokens.raw) == {"access_token", "token_type", "expires_in"}


def test_a_post_to_authorize_works_like_a_get(world: World, browser: Browser, jane: Person) -> None:
    app = world.client()
    attempt = app.attempt()
    browser.open("/authorize", method="POST", form=attempt.params, site="cross-site")
    assert browser.path == "/u/login"
    browser.submit(username=jane.email, password=jane.password)
    assert attempt.tokens(browser.answer).id_claims["sub"] == jane.user_id


def test_a_post_from_another_site_finds_the_session(world: World, browser: Browser, jane: Person) -> None:
    app = world.client()
    app.sign_in(browser, jane)
    attempt = app.attempt(prompt="none")
    browser.open("/authorize", method="POST", form=attempt.params, site="cross-site")
    assert attempt.tokens(browser.answer).id_claims["sub"] == jane.user_id


def test_a_post_from_another_site_leaves_other_tabs_alone(world: World, browser: Browser, jane: Person) -> None:
    app = world.client()
    app.begin(browser)
    tab = browser.shown.form("username")
    browser.open("/authorize", method="POST", form=app.attempt().params, site="cross-site")
    browser.send_form(tab, username=jane.email, password=jane.password)
    assert "code" in browser.answer.params


def test_parameters_of_a_post_count_only_in_its_body(world: World, browser: Browser) -> None:
    params = world.client().attempt().params
    browser.open("/authorize?scope=openid", method="POST", form=params)
    assert browser.path == "/u/login"
    response = browser.request(
        "POST", f"{world.issuer}authorize", body=b"{}", headers={"Content-Type": "application/json"}
    )
    assert response.status_code == 400


def test_the_query_of_a_registered_callback_is_kept(world: World, browser: Browser, jane: Person) -> None:
    app = world.client(callbacks=["https://app.example.test/cb?bar=foo"])
    app.begin(browser)
    browser.submit(username=jane.email, password=jane.password)
    assert browser.left_for is not None
    assert browser.left_for.startswith("https://app.example.test/cb?bar=foo&code=")
    assert browser.answer.params["bar"] == "foo"


def test_a_token_request_may_be_json_with_null_members(world: World, browser: Browser, jane: Person) -> None:
    app = world.client()
    attempt = app.begin(browser)
    browser.submit(username=jane.email, password=jane.password)
    response = world.send(
        "POST",
        "/oauth/token",
        json={
            "grant_type": "authorization_code",
            "client_id": app.client_id,
            "client_secret": app.secret,
            "code": browser.answer.code,
            "redirect_uri": app.callback,
            "code_verifier": attempt.verifier,
            "client_assertion": None,
            "scope": None,
        },
    )
    assert response.status_code == 200, response.get_data(as_text=True)


def test_answers_of_the_token_endpoint_are_never_cached(world: World, browser: Browser, jane: Person) -> None:
    app = world.client()
    attempt = app.begin(browser)
    browser.submit(username=jane.email, password=jane.password)
    response = attempt.redeem(browser.answer)
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["Pragma"] == "no-cache"
    assert response.mimetype == "application/json"


def test_unknown_parameters_display_and_claims_locales_are_passed_over(
    world: World, browser: Browser, jane: Person
) -> None:
    tokens = world.client().sign_in(
        browser,
        jane,
        display="popup",
        claims_locales="se",
        extra="foobar",
        auth0Client="eyJuYW1lIjoieCJ9",
        audience=None,
    )
    assert tokens.id_claims["sub"] == jane.user_id


def test_the_form_can_be_cancelled(world: World, browser: Browser) -> None:
    attempt = world.client().begin(browser)
    browser.submit("login-cancel", username="", password="")
    assert browser.answer.params == {
        "error": "access_denied",
        "error_description": "The user cancelled the request",
        "state": attempt.params["state"],
        "iss": world.issuer,
    }
