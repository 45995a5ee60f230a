"""The tenant's own form at a later sign-in: progressive profiling and terms (issue 11, "Profile at login")."""

from __future__ import annotations

from typing import Any

import pytest

from tests.security.rows import row
from tests.world.browser import Browser
from tests.world.fixtures import Clock, on_both_stores
from tests.world.world import Application, Person, World

PAGE = "/u/custom-form"
OPTIONAL = '<label for="job">Job</label><input id="job" name="ulp-job"><input name="ulp-given-name" aria-label="Name">'
TERMS = '<input type="checkbox" id="t" name="ulp-terms" value="yes" required><label for="t">Terms of {year}</label>'


def ask(world: World, piece: str, *, logins: int | None = 2) -> None:
    api = world.caller()
    body = {"custom-form": {"form-content-start": piece}}
    answer = api.put("/prompts/custom-form/partials", body)
    assert answer.status_code == 200, answer.text
    answer = api.patch("/tenants/settings", {"profile_form_logins": logins})
    assert answer.status_code == 200, answer.text


@pytest.fixture
def app(world: World) -> Application:
    return world.client()


def sign_in(app: Application, browser: Browser, person: Person, **params: str) -> Any:
    attempt = app.begin(browser, prompt="login", **params)
    browser.submit(username=person.email, password=person.password)
    return attempt


def told(world: World, person: Person) -> dict[str, Any]:
    found: dict[str, Any] = world.caller().get(f"/users/{person.user_id}").json
    return found


@on_both_stores
def test_the_form_comes_at_the_second_sign_in_and_fills_the_profile(
    world: World, app: Application, browser: Browser, jane: Person
) -> None:
    ask(world, OPTIONAL)
    sign_in(app, browser, jane).tokens(browser.answer)
    attempt = sign_in(app, browser, jane)
    assert browser.path == PAGE
    browser.submit(**{"ulp-job": "Pilot", "ulp-given-name": "Jane"})
    assert attempt.tokens(browser.answer)
    found = told(world, jane)
    assert (found["given_name"], found["user_metadata"]) == ("Jane", {"job": "Pilot"})
    for _ in range(3):
        sign_in(app, browser, jane).tokens(browser.answer)


def test_what_need_not_be_said_may_be_left_out_and_is_asked_again_later(
    world: World, app: Application, browser: Browser, jane: Person
) -> None:
    ask(world, OPTIONAL)
    shown = []
    for _ in range(4):
        sign_in(app, browser, jane)
        shown.append(browser.left_for is None)
        if browser.left_for is None:
            app.begin(browser, prompt="none")
            assert browser.answer.code, "what may be left out holds nobody up"
            sign_in(app, browser, jane) if browser.left_for is None else None
    assert shown == [False, True, False, True]


def test_terms_are_accepted_before_anything_opens_and_again_when_they_change(
    world: World, app: Application, browser: Browser, jane: Person, clock: Clock
) -> None:
    ask(world, TERMS.format(year=2026), logins=1)
    attempt = sign_in(app, browser, jane)
    assert browser.path == PAGE
    assert "skip-form" not in browser.shown.html
    app.begin(browser, prompt="none")
    assert browser.answer.params["error"] == "interaction_required", "no door opens before"
    attempt = app.begin(browser)
    assert browser.path == PAGE, "nor does another tab"
    browser.submit(**{"ulp-terms": ""})
    assert browser.status == 400
    browser.submit(**{"ulp-terms": "yes"})
    assert attempt.tokens(browser.answer)
    consent = told(world, jane)["user_metadata"]["consent"]
    assert (consent["given"], consent["text_details"]) == (True, "Terms of 2026")
    sign_in(app, browser, jane).tokens(browser.answer)
    ask(world, TERMS.format(year=2027), logins=1)
    sign_in(app, browser, jane)
    assert browser.path == PAGE


@row("J2")
def test_the_form_takes_what_it_asks_and_nothing_else(
    world: World, app: Application, browser: Browser, jane: Person
) -> None:
    ask(world, OPTIONAL, logins=1)
    sign_in(app, browser, jane)
    form = browser.shown.form("ulp-job")
    more = {
        "ulp-admin": "yes",
        "ulp-terms": "yes",
        "app_metadata": "{}",
        "email_verified": "true",
        "ulp-job": "x" * 501,
    }
    browser.open(form.action, site="same-origin", method="POST", form={**form.fields, **more, **form.button(None)})
    assert browser.status == 400
    browser.open(
        form.action,
        site="same-origin",
        method="POST",
        form={**form.fields, **more, "ulp-job": "A", **form.button(None)},
    )
    found = told(world, jane)
    assert found["user_metadata"] == {"job": "A"}
    assert "app_metadata" not in found


def test_without_the_setting_or_pieces_nothing_is_asked(
    world: World, app: Application, browser: Browser, jane: Person
) -> None:
    ask(world, OPTIONAL, logins=None)
    sign_in(app, browser, jane).tokens(browser.answer)
    ask(world, "<p>Nothing to fill in</p>", logins=1)
    sign_in(app, browser, jane).tokens(browser.answer)
    for wrong in (0, 1_001, "2"):
        assert world.caller().patch("/tenants/settings", {"profile_form_logins": wrong}).status_code == 400
