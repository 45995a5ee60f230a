"""Codes and links in a real browser: a link that is opened on another device, and codes without JavaScript."""

from __future__ import annotations

import re
import secrets
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.counterparts.application import Application
from tests.counterparts.browser import watched_page
from tests.counterparts.management import Management
from tests.counterparts.product import Product

pytestmark = pytest.mark.e2e


def begin(page: Page, product: Product, management: Management, landing: str, address: str) -> Application:
    """Ask for a code of an application that has nothing else."""
    application = Application.register(product, management, landing, name="Orchard Books")
    client_id = application.client["client_id"]
    body: dict[str, Any] = {
        "name": f"email-{secrets.token_hex(4)}",
        "strategy": "email",
        "enabled_clients": [client_id],
    }
    management.post("connections", body)
    off = [{"client_id": client_id, "status": False}]
    management.patch(f"connections/{management.connection_id}/clients", off)
    page.goto(application.authorize_url())
    page.fill("#username", address)
    page.click("#login-submit")
    return application


def test_the_first_browser_goes_on_by_itself(
    page: Page, chromium: Browser, product: Product, management: Management, landing: str
) -> None:
    address = f"link-{secrets.token_hex(4)}@example.com"
    begin(page, product, management, landing, address)
    page.click("#use-link")
    number = page.locator("#link-number").inner_text()
    mail = product.mail(lambda each: each["to"] == address and bool(each["links"]))
    with watched_page(chromium) as phone:
        phone.goto(mail["links"][0])
        phone.fill("#number", "9" if number != "09" else "8")
        phone.click("#login-submit")
        assert phone.locator("#number-error").is_visible()
        phone.fill("#number", number)
        phone.click("#login-submit")
        assert "signed in there" in phone.locator("h1").inner_text()
    page.wait_for_url(f"{landing}/**", timeout=15_000)
    assert "code=" in page.url


def test_a_code_needs_no_javascript(plain_page: Page, product: Product, management: Management, landing: str) -> None:
    address = f"code-{secrets.token_hex(4)}@example.com"
    begin(plain_page, product, management, landing, address)
    field = plain_page.locator("#code")
    assert (field.get_attribute("autocomplete"), field.get_attribute("inputmode")) == ("one-time-code", "numeric")
    code = re.search(r"^\s*(\d{6})\s*$", product.mail_to(address)["text"], re.MULTILINE)
    assert code
    field.fill(f"{code[1][:3]} {code[1][3:]}")
    plain_page.keyboard.press("Enter")
    plain_page.wait_for_url(f"{landing}/**")
    assert "code=" in plain_page.url
