"""An address that is proven with a code (spec/account-lifecycle.md, acceptance 8), and the greeting after it."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.world.browser import Browser
from tests.world.fixtures import Clock
from tests.world.world import PASSWORD, World

EMAIL = "new@example.com"


@pytest.fixture(autouse=True)
def by_code(world: World) -> None:
    email = {"identifier": {"active": True}, "signup": {"status": "required"}, "verification_method": "otp"}
    world.connection_options(attributes={"email": email})


def signed_up(world: World, browser: Browser) -> Any:
    attempt = world.client().begin(browser, screen_hint="signup")
    browser.submit(email=EMAIL, password=PASSWORD)
    assert browser.path == "/u/email-identifier-challenge"
    return attempt


def code_of(world: World) -> str:
    found = re.search(r"\b\d{6}\b", world.mails(EMAIL)[0].text)
    assert found is not None
    return found[0]


def verified(world: World) -> bool:
    (user,) = world.caller().get("/users-by-email", email=EMAIL).get_json()
    return bool(user["email_verified"])


def test_lifecycle_8_a_code_is_good_once_for_fifteen_minutes(world: World, browser: Browser, clock: Clock) -> None:
    attempt = signed_up(world, browser)
    assert EMAIL not in browser.shown.text
    assert not verified(world)
    code = code_of(world)
    assert [mail.links for mail in world.mails(EMAIL)] == [[]], "no link is mailed besides"
    page = browser.shown
    clock.forward(seconds=899)
    browser.submit(code=f"{code[:3]} {code[3:]}")
    claims = attempt.tokens(browser.answer).id_claims
    assert (claims["email"], claims["email_verified"]) == (EMAIL, True)
    assert [entry.type for entry in world.logs("ss", "svr", "sv", "s")] == ["ss", "svr", "sv", "s"]
    again = browser.send_form(page.form("code"), code=code)
    assert (again.left_for, again.status) == (None, 400), "once"


def test_a_code_that_is_too_old_is_wrong(world: World, browser: Browser, clock: Clock) -> None:
    signed_up(world, browser)
    code = code_of(world)
    clock.forward(seconds=901)
    browser.submit(code=code)
    assert (browser.status, browser.path) == (400, "/u/email-identifier-challenge")
    assert not verified(world)


def test_three_tries_and_it_is_dead(world: World, browser: Browser) -> None:
    signed_up(world, browser)
    code = code_of(world)
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    for _ in range(3):
        browser.submit(code=wrong)
        assert browser.status == 400
    browser.submit(code=code)
    assert browser.status == 400
    assert not verified(world)
    assert len(world.logs("fv")) == 4


def test_only_the_newest_code_is_good(world: World, browser: Browser, clock: Clock) -> None:
    attempt = signed_up(world, browser)
    old = code_of(world)
    browser.submit("resend-code")
    assert browser.status == 429, "a moment ago one was sent"
    clock.forward(seconds=31)
    browser.submit("resend-code")
    new = code_of(world)
    if new != old:
        browser.submit(code=old)
        assert browser.status == 400
    browser.submit(code=new)
    assert attempt.tokens(browser.answer).id_claims["email_verified"] is True


def test_nobody_gets_in_at_a_later_sign_in_without_it(world: World, browser: Browser) -> None:
    signed_up(world, browser)
    attempt = world.client().begin(later := world.browser())
    later.submit(username=EMAIL, password=PASSWORD)
    assert later.path == "/u/login-email-verification"
    later.open("/account")
    assert later.path == "/u/login", "no session was begun"
    attempt = world.client().begin(later)
    later.submit(username=EMAIL, password=PASSWORD)
    later.submit(code=code_of(world))
    assert attempt.tokens(later.answer).id_claims["email_verified"] is True
    again = world.client().begin(third := world.browser())
    third.submit(username=EMAIL, password=PASSWORD)
    assert again.tokens(third.answer).id_claims["email"] == EMAIL, "once is enough"


def test_a_code_of_another_attempt_is_none_of_this_one(world: World, browser: Browser) -> None:
    signed_up(world, browser)
    first = code_of(world)
    world.client().begin(other := world.browser())
    other.submit(username=EMAIL, password=PASSWORD)
    second = code_of(world)
    if first != second:
        other.submit(code=first)
        assert other.status == 400


def test_a_page_without_anything_to_prove_leads_to_the_first(world: World, browser: Browser) -> None:
    world.client().begin(browser)
    state = browser.shown.url.partition("state=")[2].partition("&")[0]
    for page in ("email-identifier-challenge", "login-email-verification"):
        browser.open(f"/u/{page}?state={state}")
        assert browser.path == "/u/login"


def test_an_applications_own_form_has_a_link_mailed(world: World) -> None:
    app = world.client("spa")
    body = {"client_id": app.client_id, "connection": "Username-Password-Authentication", "email": EMAIL}
    answer = world.send("POST", "/dbconnections/signup", json={**body, "password": PASSWORD})
    assert answer.status_code == 200, answer.text
    assert any("email-verification" in link for link in world.mails(EMAIL)[0].links)


def test_who_proved_an_address_is_greeted_where_the_tenant_wants_that(world: World, browser: Browser) -> None:
    template = {
        "template": "welcome_email",
        "enabled": True,
        "body": "<p>Hello {{ user.email }}, this is {{ application.name }}</p>",
        "from": "",
        "subject": "Hello",
        "syntax": "liquid",
    }
    assert world.caller().post("/email-templates", template).status_code in {200, 201}
    signed_up(world, browser)
    assert len(world.mails(EMAIL)) == 1
    browser.submit(code=code_of(world))
    greeting, _ = world.mails(EMAIL)
    assert greeting.subject == "Hello"
    assert f"Hello {EMAIL}, this is The web app" in greeting.text
