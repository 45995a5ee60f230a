"""A newcomer sets up the second tenant of the welcome page and signs in through it, with OpenID Connect and with SAML,
in a real browser.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from idp.operations.installation.demonstration import COMPANY, EMAIL, PERSON, SOCIAL
from tests.counterparts.management import Management
from tests.counterparts.product import Product
from tests.e2e.pages import LoginPage

pytestmark = [pytest.mark.e2e]


@pytest.fixture(autouse=True)
def as_before(management: Management) -> Iterator[None]:
    """Other tests have a welcome page without sources."""
    yield
    for name in (SOCIAL, COMPANY):
        for connection in management.call("GET", "connections", name=name):
            management.call("DELETE", f"connections/{connection['id']}")


def test_a_newcomer_clicks_through_a_social_and_a_company_login(page: Page, product: Product) -> None:
    page.goto(f"{product.base_url}/")
    page.click("#set-up-sources")
    page.wait_for_load_state()
    panel = page.locator("section", has=page.locator("#sources-title"))
    expect(panel.get_by_text(EMAIL)).to_be_visible()
    password = _copied(panel, 1)
    assert page.locator("#set-up-sources").count() == 0
    for name, begins in ((SOCIAL, "oidc"), (COMPANY, "samlp")):
        page.context.clear_cookies()
        page.goto(f"{product.base_url}/dev/app/")
        page.click("#sample-login")
        page.click(f"#connection-{name}")
        page.wait_for_url(f"{product.base_url}/example-company/u/login*")
        LoginPage(page).sign_in(EMAIL, password)
        page.wait_for_load_state()
        if page.locator("#consent-accept").count():
            page.click("#consent-accept")
        page.wait_for_url(f"{product.base_url}/dev/app/")
        expect(page.get_by_text(f"{begins}|{name}|").first).to_be_visible()
        expect(page.get_by_text(PERSON).first).to_be_visible()


def _copied(panel: Any, at: int) -> str:
    """What the page offers to copy."""
    return str(panel.locator("[data-copy]").nth(at).get_attribute("data-copy"))
