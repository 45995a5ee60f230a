"""Lines of the dashboard's sheet that speak of every page, or of what happens while somebody looks, in a real browser
(spec/dashboard.md, lines 1, 9, 16 and 32).
"""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from idp.admin import navigation
from idp.foundation.web.i18n import EVERYWHERE
from tests.counterparts.browser import watched_page
from tests.counterparts.management import Management
from tests.counterparts.product import Product

pytestmark = pytest.mark.e2e
APPS, TAIL = "/admin/applications/apps", "/admin/monitoring/tail"
PARTS = 8
PROMISED_S = 3.0
"""How soon an entry is in the tail (line 32)."""


@pytest.fixture(scope="module")
def furnished(management: Management, product: Product) -> None:
    """Something in lists that begin empty."""
    name = f"Harbour {secrets.token_hex(3)}"
    management.call("POST", "roles", {"name": name})
    management.create_user(connection=product.connection, email=f"{secrets.token_hex(4)}@example.com", name=name)
    management.call("POST", "clients", {"name": name, "app_type": "regular_web", "addons": {"samlp": {}}})


def everything(desk: Page, base: str) -> Iterator[str]:
    """Every page of the navigation, every tab of the first object of each list, and what stands beside them."""
    yield from ("/admin", "/admin/tenants", "/admin/help", "/admin/search?q=a")
    for each in navigation.resources():
        yield each.path
        desk.goto(f"{base}{each.path}?language=en")
        beside = [f"{each.path}/{name}" for name, _ in each.links] + ([f"{each.path}/new"] if each.create else [])
        yield from beside
        row = desk.locator("tr a.to").first
        if each.single:
            first = each.path
        elif row.count():
            first = str(row.get_attribute("href"))
        else:
            continue
        desk.goto(f"{base}{first}")
        tabs = desk.locator(".tabs a").all()
        yield from [str(tab.get_attribute("href")) for tab in tabs]


@pytest.fixture(scope="module")
def addresses(chromium: Browser, administrator: str, product: Product, furnished: None) -> list[str]:
    """All of them."""
    with watched_page(chromium) as page:
        page.context.add_cookies(json.loads(administrator))
        found = list(everything(page, product.base_url))
    assert len(found) > 120
    return found


@pytest.mark.parametrize("part", range(PARTS))
def test_line_1_axe_finds_nothing_on_any_page(desk: Page, product: Product, addresses: list[str], part: int) -> None:
    """All of them in English, which the others share their markup with; each in one other language, theme and width."""
    found: dict[str, str] = {}
    for number, address in list(enumerate(addresses))[part::PARTS]:
        language = EVERYWHERE[1 + number // PARTS % (len(EVERYWHERE) - 1)]
        narrow = 320 if number // PARTS % 2 else 768
        for locale, scheme, width in (("en", "light", 1440), (language, "dark", narrow)):
            desk.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
            desk.set_viewport_size({"width": width, "height": 900})
            desk.goto(f"{product.base_url}{address}{'&' if '?' in address else '?'}language={locale}")
            answer = Axe().run(desk)
            wider = desk.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            if answer.violations_count or wider > 0:
                found[f"{address} {locale} {width}"] = f"{wider} px wider; {answer.generate_report()}"
    assert found == {}


def test_line_1_the_way_home_has_a_name_at_every_width(desk: Page, product: Product) -> None:
    desk.goto(f"{product.base_url}{APPS}")
    for width in (320, 768, 1440):
        desk.set_viewport_size({"width": width, "height": 900})
        assert Axe().run(desk).violations_count == 0, width
        expect(desk.locator("#home-link")).to_have_accessible_name("Gatehouse")


def test_line_32_an_entry_is_seen_within_three_seconds(desk: Page, product: Product, management: Management) -> None:
    desk.goto(f"{product.base_url}{TAIL}")
    expect(desk.locator("#tail-pause")).to_be_visible()
    for _ in range(3):
        before = desk.locator("#tail tbody tr").count()
        email = f"{secrets.token_hex(4)}@example.com"
        began = time.monotonic()
        management.create_user(connection=product.connection, email=email)
        expect(desk.locator("#tail tbody tr")).not_to_have_count(before, timeout=PROMISED_S * 1000)
        assert time.monotonic() - began < PROMISED_S + 1, "from the call to the row, with a second for the call"
    desk.locator("#tail-pause").click()
    count = desk.locator("#tail tbody tr").count()
    management.create_user(connection=product.connection, email=f"{secrets.token_hex(4)}@example.com")
    with pytest.raises(AssertionError):
        expect(desk.locator("#tail tbody tr")).not_to_have_count(count, timeout=PROMISED_S * 1000)
    desk.locator("#tail-pause").click()
    expect(desk.locator("#tail tbody tr")).not_to_have_count(count, timeout=PROMISED_S * 1000)


def test_line_32_nobody_is_asked_for_long_who_does_not_look(desk: Page, product: Product) -> None:
    desk.clock.install()
    desk.goto(f"{product.base_url}{TAIL}")
    hidden = "Object.defineProperty(document, 'hidden', {get: () => true, configurable: true})"
    desk.evaluate(hidden)
    words = desk.locator("#tail-state")
    stopped = str(words.get_attribute("data-stopped"))
    asked: list[str] = []
    desk.on("request", lambda request: asked.append(request.url))
    for _ in range(70):
        desk.clock.run_for(10_000)
        if words.text_content() == stopped:
            break
    expect(words).to_have_text(stopped)
    asked.clear()
    desk.clock.run_for(60_000)
    assert asked == []


def test_line_16_undo_goes_after_half_a_minute(desk: Page, product: Product, management: Management) -> None:
    user = management.create_user(connection=product.connection, email=f"{secrets.token_hex(4)}@example.com")
    desk.clock.install()
    desk.goto(f"{product.base_url}/admin/users/{user['user_id'].replace('|', '%7C')}")
    desk.locator("#users-block").click()
    expect(desk.locator("#undo")).to_be_visible()
    desk.clock.run_for(20_000)
    expect(desk.locator("#undo")).to_be_visible()
    desk.clock.run_for(11_000)
    expect(desk.locator("#undo")).to_have_count(0)
    expect(desk.locator("#notice")).to_be_visible()


def test_line_9_values_out_of_the_history_are_unsaved(desk: Page, product: Product, management: Management) -> None:
    app = management.call("POST", "clients", {"name": "Orchard", "app_type": "regular_web"})["client_id"]
    for text in ("first", "second"):
        management.call("PATCH", f"clients/{app}", {"description": text})
    asked: list[str] = []
    desk.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    desk.goto(f"{product.base_url}{APPS}/{app}/history")
    desk.locator("[id^=restore-]").first.click()
    expect(desk.locator("#field-description")).to_have_value("first")
    expect(desk.locator("[data-changed]")).to_have_text("Unsaved changes")
    desk.locator("#field-description").click()  # a page that nobody touched is left without a word
    desk.locator("#nav-apps").click()
    desk.wait_for_url(f"**{APPS}")
    assert asked == ["beforeunload"]


def test_x_selects_the_row_that_the_keys_are_at(desk: Page, product: Product, furnished: None) -> None:
    desk.goto(f"{product.base_url}/admin/users")
    expect(desk.locator("[data-pick]").first).not_to_be_checked()
    desk.keyboard.press("x")
    expect(desk.locator("[data-pick]:checked")).to_have_count(0)
    desk.keyboard.press("j")
    desk.keyboard.press("x")
    expect(desk.locator("[data-pick]").first).to_be_checked()
    expect(desk.locator("[data-bulkbar] .picked")).to_contain_text("1")
    desk.keyboard.press("j")
    desk.keyboard.press("x")
    expect(desk.locator("[data-pick]:checked")).to_have_count(2)
    desk.keyboard.press("k")
    desk.keyboard.press("x")
    expect(desk.locator("[data-pick]:checked")).to_have_count(1)
