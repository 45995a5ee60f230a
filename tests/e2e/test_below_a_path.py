"""A person at a provider below a path of its host, in a real browser."""

import pytest
from playwright.sync_api import Page, expect

from tests.counterparts.application import Application
from tests.counterparts.fixtures import StartProduct
from tests.counterparts.management import PASSWORD
from tests.counterparts.product import Product
from tests.e2e.pages import LoginPage, LogoutPage


@pytest.fixture(scope="module")
def product(start_products: StartProduct) -> Product:  # type: ignore[override]
    """At ``http://localhost:PORT/auth/``."""
    return start_products(path="/auth")


def test_sign_in_account_and_sign_out(page: Page, product: Product, landing: str) -> None:
    management = product.management()
    application, user = (
        Application.register(product, management, landing),
        management.create_user(connection=product.connection),
    )
    page.goto(application.authorize_url())
    assert page.url.startswith(f"{product.base_url}/u/login")
    page.locator("summary", has_text="English").or_(page.locator("details summary")).first.click()
    page.get_by_role("link", name="Deutsch").click()
    expect(page.locator("html")).to_have_attribute("lang", "de")
    LoginPage(page).sign_in(user["email"], PASSWORD)
    page.wait_for_url(f"{landing}/callback*")
    assert application.claims(application.redeem(page.url))["iss"] == product.issuer
    page.goto(f"{product.base_url}/account")
    page.locator("#name").fill("Jane Below")
    page.locator("form", has=page.locator("#name")).locator("button[type=submit]").click()
    page.wait_for_url(f"{product.base_url}/account?done=profile#notice")
    expect(page.locator("#name")).to_have_value("Jane Below")
    page.goto(f"{product.base_url}/oidc/logout")
    LogoutPage(page).confirm()
    expect(page.locator("h1")).to_have_text("Sie sind abgemeldet")  # the chosen language is kept


def test_the_sample_application(page: Page, product: Product) -> None:
    page.goto(f"{product.base_url}/")
    page.locator("#sample-app-link").click()
    page.wait_for_url(f"{product.base_url}/dev/app/")
    page.locator("#sample-login").click()
    page.wait_for_url(f"{product.base_url}/u/login*")
