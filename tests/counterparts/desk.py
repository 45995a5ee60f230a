"""The dashboard of a running product, in a real browser."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.counterparts.product import Product


def enter(page: Page, product: Product, path: str = "/admin") -> None:
    """Go to a page of the dashboard as its first administrator, who signs in for it."""
    admin = product.printed["admin"]
    page.goto(f"{product.base_url}{path}")
    page.locator("#username").fill(admin["email"])
    page.locator("#password").fill(admin["password"])
    page.locator("button[name=action][value=default]").click()
    page.wait_for_url(f"**{path}")
