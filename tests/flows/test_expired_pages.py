"""Pages that are over: used, too old, of another browser, without cookies. Never a dead end, never a second answer."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import select

from idp.foundation.ephemeral.models import OneTime
from idp.signin.login import transaction
from tests.world.browser import Browser
from tests.world.fixtures import Clock, on_both_stores
from tests.world.world import Person, World


def test_the_back_button_after_signing_in_leads_back_to_the_application(
    world: World, browser: Browser, jane: Person
) -> None:
    app = world.client(name="My shop", initiate_login_uri="https://app.example.test/login?x=1")
    app.begin(browser)
    page = browser.shown
    browser.submit(username=jane.email, password=jane.password)
    browser.open(page.url)
    assert browser.status == 400
    assert "already signed in" in browser.shown.text
    back = browser.shown.links["back-link"]
    assert back.startswith("https://app.example.test/login?x=1&")
    assert parse_qs(urlsplit(back).query)["iss"] == [world.issuer]
    assert "My shop" in browser.shown.text


def test_without_a_login_route_it_leads_to_the_origin_of_the_application(
    world: World, browser: Browser, jane: Person
) -> None:
    world.client().begin(browser)
    page = browser.shown
    browser.submit(username=jane.email, password=jane.password)
    browser.open(page.url)
    assert browser.shown.links["back-link"] == "https://app.example.test"


def test_a_second_submit_gives_no_second_code(world: World, browser: Browser, jane: Person) -> None:
    world.client().begin(browser)
    form = browser.shown.form("username")
    browser.send_form(form, None, username=jane.email, password=jane.password)
    assert "code" in browser.answer.params
    browser.send_form(form, None, username=jane.email, password=jane.password)
    assert browser.left_for is None
    assert browser.status == 400
    assert browser.shown.links["back-link"]


@on_both_stores
def test_what_was_asked_does_not_stay_for_the_hour(world: World, browser: Browser, jane: Person, store: str) -> None:
    """Of an attempt that is over, the way back is all that is needed: 700 bytes of a sign-in less."""
    world.client().begin(browser, nonce="n-0S6_WzA2Mj", login_hint=jane.email, scope="openid profile email")
    browser.submit(username=jane.email, password=jane.password)
    assert "code" in browser.answer.params
    with world.platform.db.reading(world.tenant) as session:
        (left,) = session.scalars(select(OneTime.data).where(OneTime.kind == transaction.KIND, OneTime.used_at > 0))
    assert len(left) < 250
    assert jane.email not in left
    assert "n-0S6_WzA2Mj" not in left


def test_resuming_twice_gives_no_second_code(world: World, browser: Browser, jane: Person) -> None:
    world.client().begin(browser)
    browser.submit(username=jane.email, password=jane.password)
    resume = next(url for url in browser.hops if "/authorize/resume" in url)
    browser.open(resume)
    assert browser.left_for is None
    assert browser.status == 400
    assert browser.shown.links["back-link"]


def test_an_hour_later_the_page_is_over(world: World, browser: Browser, jane: Person, clock: Clock) -> None:
    world.client().begin(browser)
    clock.forward(minutes=61)
    browser.submit(username=jane.email, password=jane.password)
    assert browser.status == 400
    assert browser.shown.links["back-link"] == "https://app.example.test"
    assert browser.jar.get("auth0") is None


def test_another_browser_learns_nothing_of_it(world: World, browser: Browser) -> None:
    world.client(name="My shop").begin(browser, login_hint="jane@example.com")
    url = browser.shown.url
    stranger = world.browser()
    stranger.open(url)
    assert stranger.status == 400
    assert stranger.shown.links["back-link"] == f"{world.issuer}account"
    assert "My shop" not in stranger.shown.html
    assert "jane" not in stranger.shown.html


def test_the_page_keeps_the_language_of_the_attempt(world: World, browser: Browser, jane: Person) -> None:
    world.client().begin(browser, ui_locales="fr")
    page = browser.shown
    browser.submit(username=jane.email, password=jane.password)
    browser.open(page.url.replace("ui_locales=fr", ""))
    assert browser.shown.lang == "fr"


@pytest.mark.parametrize("state", ["", "x", "x" * 5000])
@pytest.mark.parametrize(
    "path",
    [
        "/u/login",
        "/u/login/password",
        "/u/signup",
        "/u/consent",
        "/u/reset-password/request",
        "/authorize/resume",
        "/account/resume",
    ],
)
def test_an_unknown_state_is_an_expired_page(world: World, browser: Browser, path: str, state: str) -> None:
    browser.open(f"{path}?state={state}")
    assert browser.status == 400
    assert "expired" in browser.shown.text
    assert browser.shown.links["back-link"] == f"{world.issuer}account"


def test_an_unknown_state_leads_to_the_tenants_login_route_where_there_is_one(world: World, browser: Browser) -> None:
    world.settings(default_redirection_uri="https://home.example.test/start")
    browser.open("/u/login?state=x")
    assert browser.shown.links["back-link"].startswith("https://home.example.test/start?iss=")


def test_a_bookmark_of_the_login_page_leads_to_the_tenants_login_route(world: World, browser: Browser) -> None:
    browser.open("/login")
    assert browser.status == 400
    assert browser.shown.links["back-link"] == f"{world.issuer}account"
    world.settings(default_redirection_uri="https://home.example.test/start?x=1")
    browser.open("/login")
    assert browser.left_for is not None
    assert browser.left_for.startswith("https://home.example.test/start?x=1&iss=")


def test_a_form_without_its_cookie_says_that_cookies_are_blocked(world: World, browser: Browser, jane: Person) -> None:
    world.client().begin(browser)
    browser.jar.kept.clear()
    browser.submit(username=jane.email, password=jane.password)
    assert browser.status == 400
    assert "ookies" in browser.shown.text
    assert browser.shown.links["back-link"] == f"{world.issuer}account"


def test_the_application_deleted_meanwhile_is_said_so(world: World, browser: Browser, jane: Person) -> None:
    app = world.client()
    app.begin(browser)
    world.delete_client(app.client_id)
    browser.submit(username=jane.email, password=jane.password)
    assert browser.status == 400
    assert browser.shown.texts["error-code"] == "invalid_request"


@pytest.mark.parametrize("path", ["/u/nonsense", "/u/", "/u/login/x", "/nonsense", "/authorize/x", "/.env"])
def test_unknown_pages_are_not_found(world: World, browser: Browser, path: str) -> None:
    browser.open(path)
    assert browser.status == 404
    assert browser.shown.links["back-link"] == f"{world.issuer}account"


def test_the_button_says_where_it_leads(world: World, browser: Browser, jane: Person) -> None:
    world.settings(default_redirection_uri="https://home.example.test/start#inside", friendly_name="Harbour")
    world.client(name="My shop").begin(browser)
    page = browser.shown
    browser.submit(username=jane.email, password=jane.password)
    browser.open(page.url)
    assert browser.shown.texts["back-link"] == "Return to Harbour"
    assert browser.shown.links["back-link"].startswith("https://home.example.test/start?iss=")
    assert browser.shown.links["back-link"].endswith("#inside")
    world.settings(default_redirection_uri=None)
    browser.open(page.url)
    assert browser.shown.texts["back-link"] == "Return to My shop"


def test_a_request_that_cannot_be_answered_leads_home(world: World, browser: Browser) -> None:
    world.client().begin(browser, redirect_uri="https://elsewhere.example.test/")
    assert browser.status == 400
    assert browser.shown.links["back-link"] == f"{world.issuer}account"


def test_the_account_pages_own_attempt_leads_back_to_it(world: World, browser: Browser, jane: Person) -> None:
    browser.open("/account")
    page = browser.shown
    browser.submit(username=jane.email, password=jane.password)
    browser.open(page.url)
    assert browser.shown.links["back-link"] == f"{world.issuer}account"
