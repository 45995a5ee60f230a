"""max_age, auth_time, id_token_hint, login_hint, screen_hint, acr_values (OIDC Core 3.1.2.1; the suite's 0.4, 0.15)."""

from __future__ import annotations

import pytest

from tests.security.rows import row
from tests.world.browser import Browser
from tests.world.fixtures import Clock
from tests.world.world import Person, World


@row("A13")
def test_max_age_that_is_over_asks_again(world: World, browser: Browser, jane: Person, clock: Clock) -> None:
    app = world.client()
    before = app.sign_in(browser, jane).id_claims
    clock.forward(seconds=3)
    attempt = app.begin(browser, max_age="1")
    assert browser.path == "/u/login"
    browser.submit(username=jane.email, password=jane.password)
    assert attempt.tokens(browser.answer).id_claims["auth_time"] > before["auth_time"]


def test_max_age_that_is_not_over_keeps_auth_time(world: World, browser: Browser, jane: Person, clock: Clock) -> None:
    app = world.client()
    before = app.sign_in(browser, jane).id_claims
    clock.forward(seconds=5000)
    attempt = app.begin(browser, max_age="10000")
    after = attempt.tokens(browser.answer).id_claims
    assert (after["sub"], after["auth_time"]) == (before["sub"], before["auth_time"])


def test_max_age_nought_always_asks(world: World, browser: Browser, jane: Person, clock: Clock) -> None:
    app = world.client()
    app.sign_in(browser, jane)
    clock.forward(seconds=1)
    app.begin(browser, max_age="0")
    assert browser.path == "/u/login"


def test_max_age_over_under_prompt_none_is_login_required(
    world: World, browser: Browser, jane: Person, clock: Clock
) -> None:
    app = world.client()
    app.sign_in(browser, jane)
    clock.forward(seconds=3)
    app.begin(browser, max_age="1", prompt="none")
    assert browser.answer.error == "login_required"


def test_auth_time_is_when_the_password_was_entered(world: World, browser: Browser, jane: Person, clock: Clock) -> None:
    app = world.client()
    tokens = app.sign_in(browser, jane, scope="openid offline_access")
    clock.forward(hours=1)
    assert tokens.refreshed().id_claims["auth_time"] == tokens.id_claims["auth_time"]


def test_id_token_hint_of_the_person_signed_in_answers_at_once(world: World, browser: Browser, jane: Person) -> None:
    app = world.client()
    before = app.sign_in(browser, jane)
    attempt = app.begin(browser, prompt="none", id_token_hint=before.id_token)
    assert attempt.tokens(browser.answer).id_claims["sub"] == jane.user_id


def test_id_token_hint_does_not_expire(world: World, browser: Browser, jane: Person, clock: Clock) -> None:
    app = world.client(jwt_configuration={"lifetime_in_seconds": 60})
    before = app.sign_in(browser, jane)
    clock.forward(hours=2)
    attempt = app.begin(browser, prompt="none", id_token_hint=before.id_token)
    assert attempt.tokens(browser.answer)


def test_id_token_hint_of_somebody_else_is_login_required(world: World, browser: Browser, jane: Person) -> None:
    app = world.client()
    john = world.user("john@example.com")
    of_john = app.sign_in(world.browser(), john)
    app.sign_in(browser, jane)
    app.begin(browser, prompt="none", id_token_hint=of_john.id_token)
    assert browser.answer.error == "login_required"
    attempt = app.begin(browser, id_token_hint=of_john.id_token)
    assert browser.path == "/u/login"
    browser.submit(username=john.email, password=john.password)
    assert attempt.tokens(browser.answer).id_claims["sub"] == john.user_id


def test_signing_in_as_somebody_else_than_the_hint_is_told_to_the_application(
    world: World, browser: Browser, jane: Person
) -> None:
    app = world.client()
    of_john = app.sign_in(world.browser(), world.user("john@example.com"))
    app.begin(browser, id_token_hint=of_john.id_token)
    browser.submit(username=jane.email, password=jane.password)
    assert browser.answer.error == "login_required"


def test_id_token_hint_of_another_client_is_refused(world: World, browser: Browser, jane: Person) -> None:
    foreign = world.client().sign_in(browser, jane)
    world.client().begin(browser, id_token_hint=foreign.id_token)
    assert browser.answer.error == "invalid_request"


@pytest.mark.parametrize("alg", ["RS256", "PS256", "ES256", "EdDSA", "HS256"])
def test_id_token_hint_may_be_signed_any_way_we_sign(world: World, browser: Browser, jane: Person, alg: str) -> None:
    if alg != "HS256":
        world.keys(alg)
    app = world.client(jwt_configuration={"alg": alg})
    attempt = app.begin(browser)
    browser.submit(username=jane.email, password=jane.password)
    hint = attempt.tokens(browser.answer).id_token
    attempt = app.begin(browser, prompt="none", id_token_hint=hint)
    assert attempt.tokens(browser.answer)


def test_a_subject_asked_for_by_claims_is_like_a_hint(world: World, browser: Browser, jane: Person) -> None:
    app = world.client()
    app.sign_in(browser, jane)
    app.begin(browser, prompt="none", claims='{"id_token":{"sub":{"value":"auth0|someone-else"}}}')
    assert browser.answer.error == "login_required"
    attempt = app.begin(browser, prompt="none", claims=f'{{"id_token":{{"sub":{{"value":"{jane.user_id}"}}}}}}')
    assert attempt.tokens(browser.answer)


@pytest.mark.parametrize("hint", ["buffy@host", "jane@example.com", "<b>&\"'"])
def test_login_hint_fills_the_form(world: World, browser: Browser, hint: str) -> None:
    world.client().begin(browser, login_hint=hint)
    assert browser.shown.form("username").fields["username"] == hint


def test_a_very_long_login_hint_is_cut(world: World, browser: Browser) -> None:
    world.client().begin(browser, login_hint="x" * 5000)
    assert len(browser.shown.form("username").fields["username"]) <= 512


@pytest.mark.parametrize(
    ("hint", "path"),
    [
        ("signup", "/u/signup"),
        ("reset-password", "/u/reset-password/request"),
        ("login", "/u/login"),
        ("x", "/u/login"),
    ],
)
def test_screen_hint_names_the_first_page(world: World, browser: Browser, hint: str, path: str) -> None:
    world.client().begin(browser, screen_hint=hint)
    assert browser.path == path


def test_screen_hint_does_not_show_a_page_that_is_not_needed(world: World, browser: Browser, jane: Person) -> None:
    app = world.client()
    app.sign_in(browser, jane)
    app.begin(browser, screen_hint="signup")
    assert "code" in browser.answer.params


def test_acr_is_the_first_of_the_asked_values_that_we_satisfy(world: World, browser: Browser, jane: Person) -> None:
    app = world.client()
    supported = world.get("/.well-known/openid-configuration").get_json()["acr_values_supported"]
    offered = [value for value in supported if "multi-factor" not in value]  # that one asks for more
    assert (
        app.sign_in(browser, jane, acr_values=f"urn:unknown {offered[1]} {offered[0]}").id_claims["acr"] == offered[1]
    )
    attempt = app.begin(browser, acr_values="urn:unknown")
    assert "acr" not in attempt.tokens(browser.answer).id_claims
