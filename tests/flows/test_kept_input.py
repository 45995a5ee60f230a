"""What was typed and picked is kept: the address through an attempt, the language for browser and person."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.world.browser import Browser
from tests.world.world import Person, World

TYPED = "jane@example.com"


def failed(world: World, browser: Browser) -> None:
    """A sign-in with a wrong password."""
    world.client().begin(browser)
    browser.submit(username=TYPED, password="not the password")
    assert browser.status == 400


@pytest.mark.parametrize(("link", "field"), [("forgot-password-link", "username"), ("signup-link", "email")])
def test_the_address_of_a_failed_sign_in_goes_along(
    world: World, browser: Browser, jane: Person, link: str, field: str
) -> None:
    failed(world, browser)
    browser.follow(link)
    assert browser.shown.form(field).fields[field] == TYPED
    browser.follow("login-link")
    assert browser.shown.form("username").fields["username"] == TYPED


def test_the_address_stays_when_the_language_is_changed(world: World, browser: Browser, jane: Person) -> None:
    failed(world, browser)
    browser.open(next(url for url in browser.shown.links.values() if url.endswith("language=de")))
    assert browser.shown.lang == "de"
    assert browser.shown.form("username").fields["username"] == TYPED


def test_what_was_typed_and_not_sent_is_carried_by_the_script(world: World, browser: Browser) -> None:
    world.client().begin(browser)
    form = browser.shown.form("username")
    carried = {name: form.fields[name] for name in ("csrf", "state")} | {"identifier": TYPED, "action": "carry"}
    target = browser.shown.links["forgot-password-link"]
    browser.open(target, method="POST", form=carried, site="same-origin")
    assert browser.path == "/u/reset-password/request"
    assert browser.shown.form("username").fields["username"] == TYPED
    browser.open(target, method="POST", form={**carried, "csrf": "x"}, site="same-origin")
    assert browser.status == 403


def test_a_username_is_no_address(world: World, browser: Browser) -> None:
    world.client().begin(browser)
    browser.submit(username="jane", password="wrong")
    browser.follow("signup-link")
    assert browser.shown.form("email").fields["email"] == ""


def pick(browser: Browser, language: str) -> None:
    """Choose from the list of languages."""
    browser.open(next(url for url in browser.shown.links.values() if url.endswith(f"language={language}")))


def test_a_picked_language_is_kept_by_the_browser(world: World, browser: Browser, jane: Person) -> None:
    app = world.client()
    app.begin(browser)
    pick(browser, "fr")
    assert browser.shown.lang == "fr"
    app.begin(browser)
    assert browser.shown.lang == "fr"
    browser.open("/oidc/logout")
    assert browser.shown.lang == "fr"
    app.begin(browser, ui_locales="de")
    assert browser.shown.lang == "de", "what the application asks for now"


def test_a_picked_language_is_kept_for_the_person(world: World, browser: Browser, jane: Person) -> None:
    app = world.client(is_first_party=False)
    app.begin(browser)
    pick(browser, "ar")
    browser.submit(username=jane.email, password=jane.password)
    assert (browser.path, browser.shown.lang) == ("/u/consent", "ar")
    elsewhere = world.browser()
    app.begin(elsewhere)
    assert elsewhere.shown.lang == "en"
    elsewhere.submit(username=jane.email, password=jane.password)
    assert (elsewhere.path, elsewhere.shown.lang) == ("/u/consent", "ar")
    elsewhere.open("/account")
    assert elsewhere.shown.lang == "ar"
    elsewhere.open("/oidc/logout")
    assert elsewhere.shown.lang == "ar"


def test_the_account_page_keeps_what_is_picked_on_it(world: World, browser: Browser, jane: Person) -> None:
    world.client().sign_in(browser, jane)
    browser.open("/account")
    pick(browser, "ja")
    browser.submit("save-profile", name="Jane")
    assert browser.shown.lang == "ja"
    elsewhere = world.browser()
    world.client().sign_in(elsewhere, jane)
    assert elsewhere.open("/account").shown.lang == "ja"
    browser.submit("change-password", current_password="wrong", password="x")
    assert browser.status == 400
    pick(browser, "en")
    assert (browser.path, browser.status, browser.shown.lang) == ("/account", 200, "en")


def test_no_list_of_languages_leads_to_a_page_that_cannot_be_opened(
    world: World, browser: Browser, jane: Person
) -> None:
    world.client().sign_in(browser, jane)
    browser.open("/account")
    browser.submit("sign-out")
    for url in list(browser.shown.links.values()):
        if "language=" in url:
            assert browser.open(url).status == 200


def test_garbage_in_the_cookie_is_passed_over(world: World, browser: Browser) -> None:
    app = world.client()
    app.begin(browser)
    pick(browser, "de")
    app.begin(browser, ui_locales="xx")
    assert browser.shown.lang == "de"
    for (host, name), cookie in browser.jar.kept.items():
        if name.endswith("lang"):
            browser.jar.kept[host, name] = replace(cookie, value="'; DROP TABLE" * 400)
    app.begin(browser)
    assert browser.shown.lang == "en"
