"""The language of pages: ui_locales, the browser's languages, the picker (spec: ui_locales; the suite's `se`)."""

from __future__ import annotations

import pytest

from idp.foundation.web.i18n import LANGUAGES
from tests.world.browser import Browser
from tests.world.world import Person, World


@pytest.mark.parametrize(
    ("ui_locales", "accept", "shown"),
    [
        ("de", "en", "de"),
        ("se", "en", "en"),
        ("se", "fr", "fr"),
        ("se de", "fr", "de"),
        ("de-CH", "en", "de"),
        ("xx yy zz", "xx", "en"),
        (None, "es-MX,es;q=0.9,en;q=0.1", "es"),
        (None, "ja", "ja"),
        (None, "", "en"),
        (None, "ar", "ar"),
        ("fr ar", "de", "fr"),
        ("x" * 3000, "de", "de"),
        ("de; DROP TABLE", "en", "en"),
    ],
)
def test_pages_are_shown_in_a_language_the_person_reads(
    world: World, browser: Browser, ui_locales: str | None, accept: str, shown: str
) -> None:
    browser.language = accept
    world.client().begin(browser, ui_locales=ui_locales)
    assert browser.shown.lang == shown


def test_the_language_stays_through_the_attempt(world: World, browser: Browser, jane: Person) -> None:
    world.client(is_first_party=False).begin(browser, ui_locales="ar")
    assert 'dir="rtl"' in browser.shown.html
    browser.submit(username=jane.email, password="wrong")
    assert browser.shown.lang == "ar"
    browser.submit(username=jane.email, password=jane.password)
    assert (browser.path, browser.shown.lang) == ("/u/consent", "ar")


def test_mails_are_in_the_language_of_the_page(world: World, browser: Browser, jane: Person) -> None:
    world.client().begin(browser, ui_locales="de", screen_hint="reset-password")
    browser.submit(username=jane.email)
    (mail,) = world.mails(jane.email)
    assert 'lang="de"' in mail.html


@pytest.mark.parametrize(("picked", "reads"), [("fr", "fr"), (None, "de")])
def test_mails_that_an_administrator_sets_off_are_in_the_readers_language(
    world: World, picked: str | None, reads: str
) -> None:
    world.settings(enabled_locales=["de", "en", "fr"])
    person = world.user("unproven@example.com", verified=False)
    world.change_user(person.user_id, language=picked)
    world.management().patch(f"/users/{person.user_id}", {"email": "new@example.com", "verify_email": True})
    (mail,) = world.mails("new@example.com")
    assert f'lang="{reads}"' in mail.html


def test_who_asks_for_a_persons_link_does_not_choose_its_language(world: World, browser: Browser, jane: Person) -> None:
    world.change_user(jane.user_id, language="fr")
    world.client().begin(browser, ui_locales="ar", screen_hint="reset-password")
    browser.submit(username=jane.email)
    assert 'lang="fr"' in world.mails(jane.email)[0].html


@pytest.mark.parametrize("door", ["account", "logout", "confirm"])
def test_the_page_after_logout_can_be_read_in_another_language(
    world: World, browser: Browser, jane: Person, door: str
) -> None:
    app = world.client()
    tokens = app.sign_in(browser, jane)
    if door == "account":
        browser.open("/account").submit("sign-out")
    elif door == "logout":
        browser.open(f"/oidc/logout?id_token_hint={tokens.id_token}")
    else:
        browser.open(f"/oidc/logout?client_id={app.client_id}").submit("logout-confirm")
    assert browser.shown.lang == "en"
    german = next(link for link in browser.shown.links.values() if "language=de" in link)
    assert "id_token_hint" not in german
    browser.open(german)
    assert (browser.status, browser.shown.lang) == (200, "de")
    assert "abgemeldet" in browser.shown.text


def test_a_tenant_can_offer_fewer_languages(world: World, browser: Browser) -> None:
    world.settings(enabled_locales=["en", "fr"])
    world.client().begin(browser, ui_locales="de fr")
    assert browser.shown.lang == "fr"


def test_the_hooks_are_the_same_in_every_language(world: World, browser: Browser) -> None:
    app = world.client()
    for language in LANGUAGES:
        app.begin(browser, ui_locales=language)
        form = browser.shown.form("username", "password")
        assert (form.ids["username"], form.ids["password"]) == ("username", "password")
        assert ("login-submit", "action", "default") in form.buttons
        assert {"signup-link", "forgot-password-link"} <= set(browser.shown.links)


@pytest.mark.parametrize(("method", "site"), [("GET", "cross-site"), ("GET", "same-site"), ("HEAD", "none")])
def test_nobody_else_chooses_the_language_of_a_person(
    world: World, browser: Browser, jane: Person, method: str, site: str
) -> None:
    """The session's cookie comes along with a picture on any site, and mails speak the language that is kept."""
    world.client().sign_in(browser, jane)
    browser.request(method, f"{world.issuer}account?language=ar", site=site)
    assert browser.status == 200
    elsewhere = world.browser()
    world.client().sign_in(elsewhere, jane)
    assert 'lang="en"' in elsewhere.request("GET", f"{world.issuer}account").get_data(as_text=True)
    browser.request("GET", f"{world.issuer}account?language=ar", site="same-origin")
    assert 'lang="ar"' in elsewhere.request("GET", f"{world.issuer}account").get_data(as_text=True)
