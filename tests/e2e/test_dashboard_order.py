"""Dragging and buttons say the same (spec/dashboard.md, line 35), and the bar of many rows (line 17), in a browser."""

from __future__ import annotations

import json

from playwright.sync_api import Page

from tests.counterparts.product import Product

LANGUAGES = "/admin/settings/tenant/languages"
ORDER = "#field-enabled-locales"


def order(page: Page) -> list[str]:
    return [str(each.get_attribute("data-value")) for each in page.locator(f"{ORDER} li").all()]


def test_line_35_dragging_is_what_the_buttons_do(page: Page, administrator: str, product: Product) -> None:
    page.context.add_cookies(json.loads(administrator))
    page.goto(f"{product.base_url}{LANGUAGES}")
    before = order(page)
    first, second, third = before[:3]
    page.locator(f"{ORDER}-{second}-up").click()
    assert order(page)[:2] == [second, first]
    assert page.locator(f"{ORDER}-{second}-up").evaluate("each => each.closest('li').contains(document.activeElement)")
    by_button = [third, second, first]
    page.locator(f"{ORDER} li[data-value={third}]").drag_to(
        page.locator(f"{ORDER} li[data-value={second}]"), target_position={"x": 40, "y": 2}
    )
    assert order(page)[:3] == by_button
    page.locator("#tenant-save").click()
    page.wait_for_url("**done=**")
    assert order(page)[:3] == by_button
    for _ in range(2):
        page.locator(f"{ORDER}-{third}-down").click()
    page.locator(f"{ORDER}-{second}-down").click()
    assert order(page) == before, "by buttons alone, back where it was"
    page.locator("#tenant-save").click()
    page.wait_for_url("**done=**")
    assert order(page) == before


def test_line_17_the_bar_is_there_once_something_is_ticked(page: Page, administrator: str, product: Product) -> None:
    page.context.add_cookies(json.loads(administrator))
    page.goto(f"{product.base_url}/admin/users")
    bar = page.locator("[data-bulkbar]")
    assert not bar.is_visible()
    page.keyboard.press("j")
    page.keyboard.press("x")
    assert bar.is_visible()
    assert "1" in bar.inner_text()
    page.locator("#users-every").check()
    assert page.locator("[data-pick]:checked").count() == page.locator("[data-pick]").count()
    page.locator("#users-action").select_option("sign-out")
    page.locator("#users-bulk-go").click()
    page.locator("#bulk-back").click()
    assert page.url.endswith("/admin/users")
