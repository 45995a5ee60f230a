"""prompt: none, login, consent, select_account, create (OIDC Core 3.1.2.1, conformance of the suite's section 0.5)."""

from __future__ import annotations

import pytest

from tests.security.rows import row
from tests.world.browser import Browser
from tests.world.fixtures import Clock
from tests.world.world import Person, World


def test_none_without_a_session_is_login_required(world: World, browser: Browser) -> None:
    world.client().begin(browser, prompt="none")
    assert browser.answer.error == "login_required"
    assert browser.answer.params["error_description"] == "Login required"


def test_none_with_a_session_answers_at_once(world: World, browser: Browser, jane: Person) -> None:
    app = world.client()
    before = app.sign_in(browser, jane).id_claims
    attempt = app.begin(browser, prompt="none")
    after = attempt.tokens(browser.answer).id_claims
    assert len(browser.hops) == 1
    assert (after["sub"], after["auth_time"], after["sid"]) == (before["sub"], before["auth_time"], before["sid"])


def test_none_shows_no_page_and_leaves_no_transaction(world: World, browser: Browser) -> None:
    world.client().begin(browser, prompt="none")
    assert browser.jar.kept == {}


def test_none_where_consent_is_missing_is_consent_required(world: World, browser: Browser, jane: Person) -> None:
    world.client().sign_in(browser, jane)
    other = world.client(is_first_party=False)
    other.begin(browser, prompt="none")
    assert browser.answer.error == "consent_required"
    other.sign_in(browser, jane)
    other.begin(browser, prompt="none")
    assert "code" in browser.answer.params


@row("A13")
def test_login_asks_again_and_renews_auth_time(world: World, browser: Browser, jane: Person, clock: Clock) -> None:
    app = world.client()
    before = app.sign_in(browser, jane).id_claims
    clock.forward(seconds=90)
    attempt = app.begin(browser, prompt="login")
    assert browser.path == "/u/login"
    browser.submit(username=jane.email, password=jane.password)
    after = attempt.tokens(browser.answer).id_claims
    assert after["auth_time"] >= before["auth_time"] + 90
    assert after["sub"] == before["sub"]


@row("A13")
def test_an_abandoned_second_login_changes_nothing(world: World, browser: Browser, jane: Person, clock: Clock) -> None:
    app = world.client()
    before = app.sign_in(browser, jane).id_claims
    clock.forward(seconds=90)
    app.begin(browser, prompt="login")
    browser.submit(username=jane.email, password="not it")
    attempt = app.begin(browser, prompt="none")
    assert attempt.tokens(browser.answer).id_claims["auth_time"] == before["auth_time"]


def test_login_cannot_be_skipped_by_resuming(world: World, browser: Browser, jane: Person) -> None:
    app = world.client()
    app.sign_in(browser, jane)
    app.begin(browser, prompt="login")
    state = browser.shown.form("username").fields["state"]
    browser.open(f"/authorize/resume?state={state}")
    assert browser.left_for is None
    assert browser.path == "/u/login"


def test_login_lets_somebody_else_in_and_ends_the_session_before(world: World, browser: Browser, jane: Person) -> None:
    john = world.user("john@example.com")
    app = world.client()
    before = app.sign_in(browser, jane)
    attempt = app.begin(browser, prompt="login")
    browser.submit(username=john.email, password=john.password)
    after = attempt.tokens(browser.answer).id_claims
    assert after["sub"] == john.user_id
    assert after["sid"] != before.id_claims["sid"]


def test_consent_asks_again_even_where_it_is_on_record(world: World, browser: Browser, jane: Person) -> None:
    app = world.client(is_first_party=False)
    app.sign_in(browser, jane)
    attempt = app.begin(browser, prompt="consent")
    assert browser.path == "/u/consent"
    browser.submit("consent-accept")
    assert attempt.tokens(browser.answer)
    app.begin(browser)
    assert "code" in browser.answer.params


def test_consent_is_asked_of_first_party_applications_too(world: World, browser: Browser, jane: Person) -> None:
    app = world.client()
    app.sign_in(browser, jane)
    app.begin(browser, prompt="consent", scope="openid offline_access")
    assert browser.path == "/u/consent"


def test_login_and_consent_together_are_two_pages(world: World, browser: Browser, jane: Person) -> None:
    app = world.client()
    app.sign_in(browser, jane)
    attempt = app.begin(browser, prompt="login consent")
    assert browser.path == "/u/login"
    browser.submit(username=jane.email, password=jane.password)
    assert browser.path == "/u/consent"
    browser.submit("consent-accept")
    assert attempt.tokens(browser.answer)


@pytest.mark.parametrize("prompt", ["select_account", "login"])
def test_with_a_session_the_page_names_who_is_signed_in_and_takes_anybody(
    world: World, browser: Browser, jane: Person, prompt: str
) -> None:
    john = world.user("john@example.com")
    app = world.client()
    app.sign_in(browser, jane)
    attempt = app.begin(browser, prompt=prompt)
    assert browser.path == "/u/login"
    assert browser.shown.form("username").fields["username"] == jane.email
    browser.submit(username=john.email, password=john.password)
    assert attempt.tokens(browser.answer).id_claims["sub"] == john.user_id


def test_login_hint_fills_the_form_whoever_is_signed_in(world: World, browser: Browser, jane: Person) -> None:
    app = world.client()
    app.sign_in(browser, jane)
    app.begin(browser, prompt="select_account", login_hint="john@example.com")
    assert browser.shown.form("username").fields["username"] == "john@example.com"


def test_on_the_consent_page_somebody_else_can_sign_in(world: World, browser: Browser, jane: Person) -> None:
    john = world.user("john@example.com")
    world.client().sign_in(browser, jane)
    other = world.client(is_first_party=False)
    attempt = other.begin(browser)
    assert browser.path == "/u/consent"
    browser.follow("switch-account-link")
    assert browser.path == "/u/login"
    browser.submit(username=john.email, password=john.password)
    assert browser.path == "/u/consent"
    assert john.email in browser.shown.text
    browser.submit("consent-accept")
    assert attempt.tokens(browser.answer).id_claims["sub"] == john.user_id


def test_switching_does_not_sign_the_first_person_out_by_itself(world: World, browser: Browser, jane: Person) -> None:
    app = world.client()
    app.sign_in(browser, jane)
    world.client(is_first_party=False).begin(browser)
    browser.follow("switch-account-link")
    attempt = app.begin(browser, prompt="none")
    assert attempt.tokens(browser.answer).id_claims["sub"] == jane.user_id


def test_switching_is_not_undone_by_resuming(world: World, browser: Browser, jane: Person) -> None:
    world.client().sign_in(browser, jane)
    other = world.client(is_first_party=False)
    other.begin(browser)
    browser.follow("switch-account-link")
    state = browser.shown.form("username").fields["state"]
    browser.submit(username=jane.email, password=jane.password)
    assert browser.path == "/u/consent"
    assert browser.shown.form_with_button("consent-accept").fields["state"] == state


def test_create_begins_with_the_sign_up_page(world: World, browser: Browser) -> None:
    world.client().begin(browser, prompt="create")
    assert browser.path == "/u/signup"


def test_values_nobody_defined_are_passed_over(world: World, browser: Browser, jane: Person) -> None:
    app = world.client()
    app.sign_in(browser, jane)
    app.begin(browser, prompt="something_else")
    assert "code" in browser.answer.params
