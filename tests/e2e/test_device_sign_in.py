"""Devices that stand in for passwords, in Chromium with its virtual authenticator (decision 0438)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.counterparts.application import Application
from tests.counterparts.management import PASSWORD, Management
from tests.counterparts.product import Product
from tests.counterparts.virtual_authenticator import Virtual

pytestmark = pytest.mark.e2e


@pytest.fixture(autouse=True)
def _by_device(management: Management) -> Iterator[None]:
    both = {"identifier_first": True, "webauthn_platform_first_factor": True}
    management.patch("prompts", both)
    yield
    management.patch("prompts", dict.fromkeys(both, False))


def named(page: Page, application: Application, user: dict[str, Any]) -> None:
    """The first page."""
    page.goto(application.authorize_url(prompt="login"))
    page.fill("#username", user["email"])
    page.click("#login-submit")


def with_password(page: Page) -> None:
    """The second page, as everybody sees it whose device is not known."""
    page.wait_for_url("**/u/login/password*")
    page.wait_for_selector("input[name=webauthn-platform-available][value=true]", state="attached")
    page.fill("#password", PASSWORD)
    page.click("#login-submit")


def test_the_offer_then_the_device_then_the_password_after_all(
    page: Page, product: Product, application: Application, user: dict[str, Any], landing: str
) -> None:
    device = Virtual(page)
    named(page, application, user)
    with_password(page)
    page.wait_for_url("**/u/mfa-webauthn/mfa-webauthn-platform-offer*")
    page.click("#use-key")
    page.wait_for_url(f"{landing}/**")
    assert len(device.credentials) == 1
    named(page, application, user)
    page.wait_for_url("**/u/login/device*")
    assert page.get_by_text(user["email"]).is_visible()
    page.click("#use-key")
    page.wait_for_url(f"{landing}/**")
    assert "code=" in page.url
    named(page, application, user)
    page.wait_for_url("**/u/login/device*")
    device.change("setUserVerified", isUserVerified=False)  # as if the person said no
    page.wait_for_selector("#use-key:visible")
    page.click("#use-key")
    assert page.url.startswith(product.issuer)
    page.click("#use-password")
    page.wait_for_url("**/u/login/password*")
    assert page.locator("#use-device").is_visible()
    page.fill("#password", PASSWORD)
    page.click("#login-submit")
    page.wait_for_url(f"{landing}/**")
    assert "code=" in page.url


def test_a_key_that_is_not_there_any_more_leaves_the_password(
    page: Page, application: Application, user: dict[str, Any], landing: str
) -> None:
    device = Virtual(page)
    named(page, application, user)
    with_password(page)
    page.click("#use-key")
    page.wait_for_url(f"{landing}/**")
    device.change("clearCredentials")
    named(page, application, user)
    page.click("#use-key")
    page.click("#use-password")
    with_password(page)
    page.wait_for_url(f"{landing}/**")
    assert "code=" in page.url


def test_another_browser_types_the_password(
    page: Page, application: Application, user: dict[str, Any], landing: str
) -> None:
    Virtual(page)
    named(page, application, user)
    with_password(page)
    page.click("#use-key")
    page.wait_for_url(f"{landing}/**")
    page.context.clear_cookies()
    named(page, application, user)
    with_password(page)
    page.wait_for_url(f"{landing}/**")
    assert "code=" in page.url
