"""Mails and keys at the dashboard, in a real browser: what is typed is seen before it is saved, without scripts too."""

from __future__ import annotations

import json

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.counterparts.product import Product

pytestmark = pytest.mark.e2e
MAIL = "/admin/branding/mails/welcome_email"


def test_line_9_what_is_typed_is_previewed_and_stays_unsaved(desk: Page, product: Product) -> None:
    desk.goto(f"{product.base_url}{MAIL}")
    desk.locator("#field-body").fill("<p style='color: teal'>Typed for {{ user.email }}</p>")
    desk.locator("#mails-preview").click()
    inner = desk.frame_locator("iframe[name=mails-frame]").frame_locator("iframe")
    expect(inner.locator("p")).to_have_text("Typed for jane@example.com")
    expect(inner.locator("p")).to_have_css("color", "rgb(0, 128, 128)")
    expect(desk.locator("[data-changed]").first).to_have_text("Unsaved changes")
    desk.locator("#mails-save").click()
    expect(desk.locator("#notice")).to_contain_text("Saved")
    expect(inner.locator("p")).to_have_text("Typed for jane@example.com")


def test_the_preview_needs_no_script_and_cannot_run_one(
    chromium: Browser,
    administrator: str,
    product: Product,
) -> None:
    context = chromium.new_context(java_script_enabled=False)
    context.add_cookies(json.loads(administrator))
    page = context.new_page()
    page.goto(f"{product.base_url}{MAIL}")
    page.locator("#field-body").fill("<p>Plain for {{ user.email }}</p><script>document.title = 'run'</script>")
    page.locator("#mails-preview").click()
    inner = page.frame_locator("iframe[name=mails-frame]").frame_locator("iframe")
    expect(inner.locator("p")).to_have_text("Plain for jane@example.com")
    context.close()


def test_line_39_the_preview_cannot_reach_the_dashboard(desk: Page, product: Product) -> None:
    desk.goto(f"{product.base_url}{MAIL}")
    desk.locator("#field-body").fill("<script>parent.parent.document.title = 'taken'</script><p>Here</p>")
    desk.locator("#mails-preview").click()
    inner = desk.frame_locator("iframe[name=mails-frame]").frame_locator("iframe")
    expect(inner.locator("p")).to_have_text("Here")
    assert "taken" not in desk.title()


@pytest.mark.parametrize("address", ["/admin/branding/mailer?name=ms365", MAIL, "/admin/security/blocks"])
def test_line_1_pages_of_senders_are_accessible(desk: Page, product: Product, address: str) -> None:
    desk.goto(f"{product.base_url}{address}")
    found = Axe().run(desk)
    assert found.violations_count == 0, found.generate_report()
