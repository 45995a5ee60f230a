"""One place decides what is next for a sign-in: a row of the policy holds wherever people sign in."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from idp.signin.login import policy
from idp.signin.login.policy import Check, Refusal, Situation
from tests.world.browser import Browser
from tests.world.world import Person, World


def without_second_factor(situation: Situation) -> bool:
    """A sign-in with a password alone."""
    session = situation.session
    return session is not None and [method["name"] for method in session.methods] == ["pwd"]


SECOND_FACTOR = Check(
    "mfa", "mfa-otp-challenge", "interaction_required", "A second factor is required", without_second_factor
)


@pytest.fixture
def added_row(monkeypatch: pytest.MonkeyPatch) -> None:
    """The policy asks for a second factor too."""
    monkeypatch.setattr(policy, "CHECKS", (*policy.CHECKS, SECOND_FACTOR))


def sign_in(browser: Browser, person: Person) -> None:
    browser.submit(username=person.email, password=person.password)


@pytest.mark.usefixtures("added_row")
def test_an_added_row_is_asked_at_the_account_page(browser: Browser, jane: Person) -> None:
    browser.open("/account")
    sign_in(browser, jane)
    assert browser.path == "/u/mfa-otp-challenge"
    browser.open("/account")
    assert browser.path == "/u/mfa-otp-challenge", "whoever has a session does not pass by"
    browser.request(
        "POST", f"{browser.world.issuer}account/profile", form={"name": "Mallory", "csrf": "x"}, site="same-origin"
    )
    assert browser.response is not None
    assert urlsplit(browser.response.headers["Location"]).path == "/u/mfa-otp-challenge"


@pytest.mark.usefixtures("added_row")
def test_an_added_row_is_asked_at_authorize_with_the_error_of_the_same_row(
    world: World, browser: Browser, jane: Person
) -> None:
    app = world.client()
    app.begin(browser)
    sign_in(browser, jane)
    assert browser.path == "/u/mfa-otp-challenge"
    app.begin(browser, prompt="none")
    assert browser.answer.params["error"] == SECOND_FACTOR.error
    assert browser.answer.params["error_description"] == SECOND_FACTOR.description


def test_a_row_that_is_met_asks_nothing(
    world: World, browser: Browser, jane: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def note(situation: Situation) -> bool:
        asked.append(situation.request.resume)
        return False

    monkeypatch.setattr(policy, "CHECKS", (*policy.CHECKS, Check("met", "nowhere", "never", "Never", note)))
    browser.open("/account")
    sign_in(browser, jane)
    assert browser.path == "/account"
    world.client().begin(browser)
    assert browser.answer.code
    assert set(asked) == {"/account/resume", "/authorize/resume"}


@pytest.mark.parametrize(("way", "status"), [("/account", 403), ("application", 303)])
def test_a_refusal_is_said_in_the_words_of_whoever_asked(
    world: World, browser: Browser, jane: Person, monkeypatch: pytest.MonkeyPatch, way: str, status: int
) -> None:
    closed = Refusal("closed", "access_denied", "Closed at night", lambda s: s.session is not None)
    monkeypatch.setattr(policy, "REFUSALS", (*policy.REFUSALS, closed))
    app = world.client()
    if way == "/account":
        browser.open("/account")
        sign_in(browser, jane)
        assert browser.status == status
        assert browser.shown.texts["error-code"] == "access_denied"
    else:
        app.begin(browser)
        sign_in(browser, jane)
        assert browser.answer.params["error_description"] == "Closed at night"


def test_whoever_signed_in_as_somebody_else_is_not_asked_in_a_circle(
    world: World, browser: Browser, jane: Person
) -> None:
    app, john = world.client(), world.user("john@example.com")
    hint = app.sign_in(world.browser(), john).id_token
    app.begin(browser, id_token_hint=hint)
    sign_in(browser, jane)
    assert browser.answer.error == "login_required"


def test_every_row_names_a_page_that_is_there() -> None:
    from idp.signin.login.screens import SCREENS

    assert {check.screen for check in policy.CHECKS} <= set(SCREENS)


def test_the_page_an_attempt_begins_with_keeps_its_state(world: World, browser: Browser) -> None:
    world.client().begin(browser, ui_locales="de")
    query: dict[str, Any] = parse_qs(urlsplit(browser.shown.url).query)
    assert set(query) == {"state", "ui_locales"}


def state_of(browser: Browser) -> str:
    return parse_qs(urlsplit(browser.shown.url).query)["state"][0]


def test_an_attempt_goes_on_where_it_began_and_nowhere_else(world: World, browser: Browser) -> None:
    browser.open("/account")
    ours = state_of(browser)
    world.client().begin(browser)
    theirs = state_of(browser)
    for address in (f"/authorize/resume?state={ours}", f"/account/resume?state={theirs}"):
        browser.open(address)
        assert browser.status == 400
    browser.open(f"/authorize/resume?state={theirs}")
    assert browser.path == "/u/login", "nothing was spent"


def test_a_page_of_the_policy_waits_for_the_one_before_it(
    world: World, browser: Browser, jane: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    before_consent = [*policy.CHECKS]
    before_consent.insert(-1, SECOND_FACTOR)
    monkeypatch.setattr(policy, "CHECKS", tuple(before_consent))
    app = world.client(is_first_party=False)
    app.begin(browser)
    state = state_of(browser)
    sign_in(browser, jane)
    assert browser.path == "/u/mfa-otp-challenge"
    browser.open(f"/u/consent?state={state}")
    assert browser.path == "/u/mfa-otp-challenge"
    monkeypatch.setattr(policy, "CHECKS", tuple(check for check in before_consent if check is not SECOND_FACTOR))
    browser.open(f"/u/consent?state={state}")
    form = browser.shown.form_with_button("consent-accept")
    monkeypatch.setattr(policy, "CHECKS", tuple(before_consent))
    browser.send_form(form, "consent-accept")
    assert browser.path == "/u/mfa-otp-challenge"
    monkeypatch.setattr(policy, "CHECKS", tuple(check for check in before_consent if check is not SECOND_FACTOR))
    app.begin(browser, prompt="none")
    assert browser.answer.error == "consent_required", "nothing was recorded"
