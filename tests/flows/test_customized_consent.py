"""Terms that are accepted once for each wording, by everybody (spec/privacy.md, "Consent")."""

from __future__ import annotations

import pytest

from tests.world.browser import Browser
from tests.world.world import Person, World


def terms(world: World, words: str) -> None:
    box = f'<label><input type="checkbox" name="ulp-terms" value="yes" required> {words}</label>'
    body = {"customized-consent": {"form-content-end": box}}
    answer = world.caller().put("/prompts/customized-consent/partials", body)
    assert answer.status_code == 200, answer.text


@pytest.fixture(autouse=True)
def first(world: World) -> None:
    terms(world, "I accept the terms of 2026")


def test_privacy_4_whoever_accepts_is_asked_again_when_the_words_change(
    world: World, browser: Browser, jane: Person
) -> None:
    app = world.client()
    attempt = app.begin(browser)
    browser.submit(username=jane.email, password=jane.password)
    assert browser.path == "/u/customized-consent"
    assert "I accept the terms of 2026" in browser.shown.text
    browser.submit(**{"ulp-terms": ""})
    assert browser.status == 400
    browser.submit(**{"ulp-terms": "yes"})
    assert attempt.tokens(browser.answer).id_claims["sub"] == jane.user_id
    consent = world.caller().get(f"/users/{jane.user_id}").get_json()["user_metadata"]["consent"]
    assert (consent["given"], consent["text_details"]) == (True, "I accept the terms of 2026")
    app.begin(browser, prompt="none")
    assert browser.answer.error is None
    terms(world, "I accept the terms of 2027")
    app.begin(browser, prompt="none")
    assert browser.answer.error == "interaction_required"


def test_whoever_does_not_accept_does_not_go_on(world: World, browser: Browser, jane: Person) -> None:
    world.client().begin(browser)
    browser.submit(username=jane.email, password=jane.password)
    browser.submit("login-cancel")
    assert browser.answer.error == "access_denied"
    browser.open("/account")
    assert browser.path == "/u/customized-consent"
