"""Passkeys in Chromium, with its virtual authenticator (spec/login-factors.md, acceptance 25, 31, 32)."""

from __future__ import annotations

import secrets
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.counterparts.application import Application
from tests.counterparts.management import PASSWORD
from tests.counterparts.product import Product
from tests.counterparts.virtual_authenticator import Virtual

pytestmark = pytest.mark.e2e


def enrolled(page: Page, application: Application, user: dict[str, Any], landing: str) -> Virtual:
    """Sign in with the password, and take the offer."""
    device = Virtual(page)
    page.goto(application.authorize_url())
    page.wait_for_selector("input[name=webauthn-platform-available][value=true]", state="attached")
    page.fill("#username", user["email"])
    page.fill("#password", PASSWORD)
    page.click("#login-submit")
    page.wait_for_url("**/u/passkeys/passkey-enrollment*")
    page.click("#create-passkey")
    page.wait_for_url(f"{landing}/**")
    assert len(device.credentials) == 1
    return device


def test_acceptance_25_the_offer_then_the_field_then_the_button(
    page: Page, product: Product, application: Application, user: dict[str, Any], landing: str
) -> None:
    device = enrolled(page, application, user, landing)
    assert device.credentials[0]["isResidentCredential"]
    page.context.clear_cookies()
    page.goto(application.authorize_url())  # the field offers it, and this browser chooses at once
    page.wait_for_url(f"{landing}/**")
    assert "code=" in page.url
    page.context.clear_cookies()
    device.change("setAutomaticPresenceSimulation", enabled=False)
    page.goto(application.authorize_url())
    page.wait_for_selector("#passkey-button:visible")
    assert page.get_attribute("#username", "autocomplete") == "username webauthn"
    device.change("setAutomaticPresenceSimulation", enabled=True)
    if page.url.startswith(product.issuer):
        page.click("#passkey-button")
    page.wait_for_url(f"{landing}/**")


def test_acceptance_31_a_cancelled_dialog_leaves_a_usable_page(
    page: Page, product: Product, application: Application, user: dict[str, Any], landing: str
) -> None:
    device = enrolled(page, application, user, landing)
    page.context.clear_cookies()
    device.change("setUserVerified", isUserVerified=False)  # as if the person said no
    page.goto(application.authorize_url())
    page.wait_for_selector("#passkey-button:visible")
    page.click("#passkey-button")
    assert page.locator("[data-passkey-said]:visible").count() == 0
    page.fill("#username", user["email"])
    page.fill("#password", PASSWORD)
    page.click("#login-submit")
    page.wait_for_url(f"{landing}/**")
    assert "code=" in page.url


def test_acceptance_25_an_account_with_a_passkey_alone(
    page: Page, product: Product, application: Application, landing: str
) -> None:
    device = Virtual(page)
    page.goto(application.authorize_url(screen_hint="signup"))
    page.fill("#email", f"key-{secrets.token_hex(4)}@example.com")
    page.wait_for_selector("#passkey-button:visible")
    page.click("#passkey-button")
    page.wait_for_url(f"{landing}/**")
    assert "code=" in page.url
    assert len(device.credentials) == 1


def test_acceptance_26_a_bogus_signature_is_refused(
    page: Page, product: Product, application: Application, user: dict[str, Any], landing: str
) -> None:
    device = enrolled(page, application, user, landing)
    page.context.clear_cookies()
    device.change("setResponseOverrideBits", isBogusSignature=True)
    page.goto(application.authorize_url())
    page.wait_for_selector("#error-summary")
    assert "passkey doesn’t work here" in page.inner_text("#error-summary")
    assert page.locator("#password").is_visible()
