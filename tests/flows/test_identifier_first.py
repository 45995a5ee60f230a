"""The prompts setting splits the login form into two pages, with the same ids on both (contract section 5)."""

from __future__ import annotations

import pytest

from tests.world.browser import Browser
from tests.world.world import Person, World


@pytest.fixture(autouse=True)
def split(world: World) -> None:
    world.prompts(identifier_first=True)


def test_first_who_then_the_password(world: World, browser: Browser, jane: Person) -> None:
    attempt = world.client().begin(browser)
    assert browser.path == "/u/login/identifier"
    form = browser.shown.form("username")
    assert form.ids["username"] == "username"
    assert "password" not in form.fields
    browser.submit("login-submit", username=jane.email)
    assert browser.path == "/u/login/password"
    assert jane.email in browser.shown.text
    assert browser.shown.form("password").ids["password"] == "password"
    browser.submit("login-submit", password=jane.password)
    assert attempt.tokens(browser.answer).id_claims["sub"] == jane.user_id


def test_whether_somebody_has_that_name_is_not_told(world: World, browser: Browser, jane: Person) -> None:
    app = world.client()
    pages = []
    for identifier in (jane.email, "nobody@example.com"):
        app.begin(browser)
        browser.submit(username=identifier)
        pages.append((browser.status, browser.path, browser.shown.text.replace(identifier, "X")))
        browser.submit(password="wrong")
        pages.append((browser.status, browser.path, browser.shown.text.replace(identifier, "X")))
    assert pages[:2] == pages[2:]


def test_the_name_can_be_edited(world: World, browser: Browser, jane: Person) -> None:
    world.client().begin(browser)
    browser.submit(username="typo@example.com")
    browser.follow("edit-identifier-link")
    assert browser.path == "/u/login/identifier"
    assert browser.shown.form("username").fields["username"] == "typo@example.com"
    browser.submit(username=jane.email)
    browser.submit(password=jane.password)
    assert "code" in browser.answer.params


def test_the_name_of_the_first_page_counts_whatever_the_second_form_says(
    world: World, browser: Browser, jane: Person
) -> None:
    mallory = world.user("mallory@example.com", password="mallory has 1 Password")
    attempt = world.client().begin(browser)
    browser.submit(username=mallory.email)
    form = browser.shown.form("password")
    browser.send_form(form, None, username=jane.email, password=mallory.password)
    assert attempt.tokens(browser.answer).id_claims["sub"] == mallory.user_id


def test_the_second_page_needs_the_first(world: World, browser: Browser) -> None:
    world.client().begin(browser)
    state = browser.shown.form("username").fields["state"]
    browser.open(f"/u/login/password?state={state}")
    assert browser.path == "/u/login/identifier"


def test_the_one_form_leads_to_the_first_page(world: World, browser: Browser) -> None:
    world.client().begin(browser)
    state = browser.shown.form("username").fields["state"]
    browser.open(f"/u/login?state={state}")
    assert browser.path == "/u/login/identifier"


def test_an_empty_name_is_asked_for_again(world: World, browser: Browser) -> None:
    world.client().begin(browser)
    browser.submit(username="")
    assert (browser.status, browser.path) == (400, "/u/login/identifier")


def test_login_hint_fills_the_first_page(world: World, browser: Browser, jane: Person) -> None:
    world.client().begin(browser, login_hint=jane.email)
    assert browser.shown.form("username").fields["username"] == jane.email


def test_links_lead_to_the_first_page(world: World, browser: Browser) -> None:
    world.client().begin(browser, screen_hint="signup")
    browser.follow("login-link")
    assert browser.path == "/u/login/identifier"
    browser.submit(username="somebody@example.com")
    browser.follow("forgot-password-link")
    browser.follow("login-link")
    assert browser.path == "/u/login/identifier"


def test_both_pages_can_be_cancelled(world: World, browser: Browser, jane: Person) -> None:
    app = world.client()
    app.begin(browser)
    browser.submit("login-cancel")
    assert browser.answer.error == "access_denied"
    app.begin(browser)
    browser.submit(username=jane.email)
    browser.submit("login-cancel")
    assert browser.answer.error == "access_denied"
