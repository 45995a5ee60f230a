"""What a person does first: the welcome page, the sample application, a new account, its claims, and out again."""

import secrets

import pytest
from playwright.sync_api import Page, expect

from tests.counterparts.management import PASSWORD
from tests.counterparts.product import Product
from tests.e2e.pages import ConsentPage, LoginPage, LogoutPage, SignupPage

pytestmark = pytest.mark.e2e


def allow_if_asked(page: Page) -> None:
    """The sample application is our own, so consent is asked only where it wants an API."""
    page.wait_for_load_state()
    if "/u/consent" in page.url:
        ConsentPage(page).accept()


def test_the_whole_walk(page: Page, product: Product) -> None:
    address = f"walker-{secrets.token_hex(4)}@example.com"
    page.goto(f"{product.base_url}/")
    page.locator("a[href*='/dev/app']").first.click()
    page.locator("#sample-login").click()
    page.wait_for_url("**/u/login*")
    LoginPage(page).follow("signup-link")
    SignupPage(page).sign_up(address, PASSWORD)
    allow_if_asked(page)
    expect(page.locator("#claims")).to_contain_text(address)

    page.locator("#logout-link").click()
    page.wait_for_load_state()
    if page.locator("#logout-confirm").count():
        LogoutPage(page).confirm()
    page.goto(f"{product.base_url}/dev/app/")
    expect(page.locator("#claims")).to_have_count(0)

    page.locator("#sample-login").click()
    LoginPage(page).sign_in(address, PASSWORD)
    allow_if_asked(page)
    expect(page.locator("#claims")).to_contain_text(address)
