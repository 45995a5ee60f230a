"""What a person notices at once: nothing typed is lost, the focus is where one goes on, headings stay put."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.counterparts.application import Application
from tests.counterparts.management import PASSWORD, Management
from tests.counterparts.product import Product
from tests.e2e.pages import LoginPage

pytestmark = pytest.mark.e2e
TYPED = "someone@example.com"


def in_german(page: Page) -> None:
    page.locator("details.locales summary").click()
    page.get_by_role("link", name="Deutsch").click()


@pytest.mark.parametrize(
    ("leave", "field"),
    [
        (lambda page: LoginPage(page).follow("forgot-password-link"), "#username"),
        (lambda page: LoginPage(page).follow("signup-link"), "#email"),
        (in_german, "#username"),
    ],
    ids=["forgot password", "create account", "language"],
)
def test_what_was_typed_and_never_sent_goes_along(
    page: Page, application: Application, leave: Callable[[Page], None], field: str
) -> None:
    page.goto(application.authorize_url())
    page.locator("#username").fill(TYPED)
    leave(page)
    page.wait_for_url(lambda url: "/u/login?state" not in url or "language=de" in url)
    expect(page.locator(field)).to_have_value(TYPED)
    assert TYPED not in page.url


def test_a_link_opened_in_another_tab_is_a_link(page: Page, application: Application) -> None:
    page.goto(application.authorize_url())
    page.locator("#username").fill(TYPED)
    with page.context.expect_page() as opened:
        page.locator("#signup-link").click(modifiers=["ControlOrMeta"])
    opened.value.wait_for_url("**/u/signup*")
    expect(page.locator("#username")).to_have_value(TYPED)


def test_after_a_wrong_password_it_is_just_typed_again(
    page: Page, application: Application, user: dict[str, Any]
) -> None:
    page.goto(application.authorize_url())
    LoginPage(page).sign_in(user["email"], "not the password")
    expect(page.locator("[role=alert]")).to_be_visible()
    expect(page.locator("#password")).to_be_focused()
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{application.redirect_uri}?*")


def test_tab_goes_from_the_address_to_the_password(page: Page, application: Application) -> None:
    page.goto(application.authorize_url())
    page.locator("#username").focus()
    page.keyboard.press("Tab")
    expect(page.locator("#password")).to_be_focused()


@pytest.mark.parametrize("height", [700, 1000])
def test_the_heading_stays_where_it_is(page: Page, application: Application, height: int) -> None:
    page.set_viewport_size({"width": 1280, "height": height})
    tops = []
    page.goto(application.authorize_url())
    tops.append(page.locator("h1").bounding_box())
    LoginPage(page).sign_in(TYPED, "not the password")
    page.locator("[role=alert]").wait_for()
    tops.append(page.locator("h1").bounding_box())
    LoginPage(page).follow("forgot-password-link")
    page.wait_for_url("**/u/reset-password/**")
    tops.append(page.locator("h1").bounding_box())
    page.goto(application.authorize_url(screen_hint="signup"))
    tops.append(page.locator("h1").bounding_box())
    assert len({box["y"] for box in tops if box}) == 1, tops


@pytest.mark.parametrize("javascript", [True, False])
def test_a_logo_that_does_not_come_gives_way_to_the_name(
    page: Page,
    plain_page: Page,
    product: Product,
    management: Management,
    landing: str,
    javascript: bool,
) -> None:
    shown = page if javascript else plain_page
    name = f"Zebra {secrets.token_hex(3)}"
    application = Application.register(
        product, management, landing, name=name, is_first_party=False, logo_uri=f"{landing}/no-picture.png"
    )
    user = management.create_user(connection=product.connection)
    shown.goto(application.authorize_url())
    LoginPage(shown).sign_in(user["email"], PASSWORD)
    shown.wait_for_url("**/u/consent*")
    letter = shown.locator(".passage .logo span").first
    expect(letter).to_be_visible()
    box, logo = letter.bounding_box(), shown.locator(".passage .logo").first.bounding_box()
    assert box
    assert logo
    if javascript:
        expect(shown.locator(".passage .logo img")).to_have_count(0)


def test_values_of_the_welcome_page_are_copied(page: Page, product: Product) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"{product.base_url}/")
    button = page.locator(f"[data-copy='{product.issuer}']")
    button.click()
    expect(page.locator("#copied")).to_have_text("Copied.")
    assert page.evaluate("navigator.clipboard.readText()") == product.issuer


@pytest.mark.parametrize("path", ["/dev/mailbox", "/dev/app/"])
def test_every_development_page_leads_back_to_the_first(page: Page, product: Product, path: str) -> None:
    page.goto(f"{product.base_url}{path}")
    page.locator("#start-link").click()
    page.wait_for_url(f"{product.base_url}/")


def test_times_of_the_account_page_are_the_readers_own(page: Page, product: Product, user: dict[str, Any]) -> None:
    page.goto(f"{product.base_url}/account")
    LoginPage(page).sign_in(user["email"], PASSWORD)
    page.wait_for_url("**/account")
    assert "UTC" not in page.locator("#sessions").inner_text()
    shown = page.locator("#sessions time[data-local=text]").first
    local = "e => new Date(e.dateTime).toLocaleString('en', {dateStyle: 'medium', timeStyle: 'short'})"
    expect(shown).to_have_text(shown.evaluate(local))
