"""The dashboard in a real browser: accessible in every language and at every width, quick by keyboard, and careful with
what was typed. The lines are those of the acceptance list in spec/dashboard.md.
"""

from __future__ import annotations

import json
import os
import subprocess
from urllib.parse import quote

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from idp.foundation.web.i18n import EVERYWHERE
from tests.counterparts.management import Management
from tests.counterparts.product import Product

pytestmark = pytest.mark.e2e
APPS, APIS = "/admin/applications/apps", "/admin/applications/apis"


@pytest.fixture(scope="module")
def app(management: Management) -> str:
    """An application to look at."""
    body = {"name": "Orchard Books", "app_type": "regular_web", "addons": {"samlp": {}}}
    return str(management.call("POST", "clients", body)["client_id"])


def pages(app: str) -> list[str]:
    tabs = (
        "",
        "/settings",
        "/advanced",
        "/credentials",
        "/connections",
        "/apis",
        "/saml",
        "/raw",
        "/history",
        "/delete",
    )
    return [
        "/admin",
        "/admin/help",
        "/admin/help/glossary",
        "/admin/help/passwords",
        "/admin/help/hosting",
        "/admin/security/mfa",
        "/admin/settings/keys",
        "/admin/branding/domains/new",
        "/admin/branding/mailer",
        "/admin/branding/mailer?name=ses",
        "/admin/branding/mails",
        "/admin/branding/mails/verify_email",
        "/admin/branding/phone",
        "/admin/branding/messages",
        "/admin/branding/messages/new?type=otp_verify",
        "/admin/security/threats",
        "/admin/security/blocks",
        "/admin/security/blocks?q=nobody",
        "/admin/search?q=orchard",
        APPS,
        f"{APPS}?q=nobody-at-all",
        f"{APPS}/new",
        *(f"{APPS}/{app}{tab}" for tab in tabs),
        APIS,
        "/admin/authentication/connections",
        "/admin/authentication/connections/new",
        *(f"/admin/authentication/connections/new?strategy={kind}" for kind in ("apple", "samlp", "ad")),
        "/admin/users/roles",
        "/admin/branding/look",
        "/admin/branding/look/page",
        "/admin/branding/texts",
        "/admin/branding/texts/login.en",
        "/admin/branding/partials/login",
        "/admin/applications/registered",
        "/admin/tools/tokens",
        "/admin/security/shields",
        "/admin/settings/tenant",
    ]


@pytest.mark.parametrize("language", EVERYWHERE)
def test_line_1_every_page_is_accessible(desk: Page, product: Product, app: str, language: str) -> None:
    turn = EVERYWHERE.index(language)
    for number, address in enumerate(pages(app)):
        if turn and (number + turn) % 4:
            continue  # all of them in English, and each in some other language
        desk.emulate_media(color_scheme="dark" if (number + turn) % 2 else "light")
        desk.goto(f"{product.base_url}{address}{'&' if '?' in address else '?'}language={language}")
        found = Axe().run(desk)
        assert found.violations_count == 0, (address, found.generate_report())


def test_line_34_the_keyboard_alone_creates_an_application(desk: Page, product: Product) -> None:
    desk.goto(f"{product.base_url}/admin")
    for key in ("g", "a"):
        desk.keyboard.press(key)
    desk.wait_for_url(f"**{APPS}")
    desk.keyboard.press("c")
    desk.wait_for_url(f"**{APPS}/new")
    desk.keyboard.press("e")
    desk.keyboard.type("Typed by hand")
    desk.keyboard.press("Control+s")
    expect(desk.locator("h1")).to_have_text("Typed by hand")
    expect(desk.locator("#once-client_secret")).to_be_visible()
    desk.keyboard.press("Control+k")
    desk.keyboard.type("typed by")
    expect(desk.locator("dialog [data-hit]").first).to_contain_text("Typed by hand")
    desk.keyboard.press("Enter")
    desk.wait_for_url(f"**{APPS}/*")


def test_line_34_the_keyboard_alone_blocks_somebody_and_reorders(
    desk: Page, product: Product, management: Management
) -> None:
    user = management.create_user(connection=product.connection, email="by-keys@example.com")
    desk.goto(f"{product.base_url}/admin")
    desk.keyboard.press("Control+k")
    desk.keyboard.type("by-keys@example.com")
    expect(desk.locator("dialog [data-hit].at")).to_contain_text("by-keys@example.com")
    desk.keyboard.press("Enter")
    expect(desk.locator(".tabs")).to_be_visible()
    by_tab(desk, "users-block")
    desk.keyboard.press("Enter")
    expect(desk.locator("#notice")).to_be_visible()
    assert management.call("GET", f"users/{quote(user['user_id'], safe='')}")["blocked"] is True
    management.patch("tenants/settings", {"enabled_locales": ["en", "de"]})
    desk.goto(f"{product.base_url}/admin/settings/tenant/languages")
    by_tab(desk, "field-enabled-locales-de-up")
    desk.keyboard.press("Enter")
    expect(desk.locator("#field-enabled-locales li").first).to_have_attribute("data-value", "de")
    desk.keyboard.press("Control+s")
    expect(desk.locator("#notice")).to_be_visible()
    assert management.call("GET", "tenants/settings")["enabled_locales"] == ["de", "en"]
    management.patch("tenants/settings", {"enabled_locales": list(EVERYWHERE)})


def by_tab(desk: Page, id_: str) -> None:
    """Go on with the Tab key until that control has the focus."""
    for _ in range(120):
        desk.keyboard.press("Tab")
        if desk.evaluate("document.activeElement.id") == id_:
            return
    raise AssertionError(f"Tab never comes to {id_}")


def test_complaint_3_every_row_opens_in_another_tab(
    desk: Page, product: Product, management: Management, app: str
) -> None:
    management.create_user(connection=product.connection, email="another-tab@example.com")
    for address, row in ((APPS, f"a.to[href$='{app}']"), ("/admin/users", "a.to"), ("/admin/monitoring/logs", "a.to")):
        desk.goto(f"{product.base_url}{address}")
        link = desk.locator(row).first
        name, wanted = str(link.text_content()).strip(), str(link.get_attribute("href"))
        with desk.context.expect_page() as opened:
            link.click(modifiers=["ControlOrMeta"])
        opened.value.wait_for_url(f"**{wanted}")  # a tab begins as an empty one
        opened.value.wait_for_load_state()
        assert desk.url.endswith(address), "the list is still where it was"
        expect(opened.value.locator("h1")).to_contain_text(name.split("@")[0])
        opened.value.close()


@pytest.mark.parametrize("language", ["en", "ar"])
def test_tabs_are_one_row_on_a_telephone(desk: Page, product: Product, app: str, language: str) -> None:
    desk.set_viewport_size({"width": 320, "height": 640})
    desk.goto(f"{product.base_url}{APPS}/{app}/history?language={language}")
    rows = desk.evaluate("new Set([...document.querySelectorAll('.tabs a')].map(each => each.offsetTop)).size")
    assert rows == 1
    expect(desk.locator(".tabs [aria-current]")).to_be_in_viewport(ratio=0.9)
    assert desk.evaluate("document.documentElement.scrollWidth") == 320
    desk.locator("#tab-raw").focus()
    expect(desk.locator("#tab-raw")).to_be_in_viewport(ratio=0.9)


def test_line_34_keys_can_be_switched_off(desk: Page, product: Product) -> None:
    desk.goto(f"{product.base_url}{APPS}")
    desk.locator("#own-menu summary").click()
    desk.locator("#own-keys").select_option("off")
    desk.locator("#own-save").click()
    expect(desk.locator("html")).to_have_attribute("data-keys", "off")
    for key in ("c", "?", "g", "h", "Control+k"):
        desk.keyboard.press(key)
    assert desk.url.endswith(APPS)
    expect(desk.locator("dialog")).to_have_count(0)


def test_line_2_back_restores_filter_and_page(desk: Page, product: Product, management: Management) -> None:
    for number in range(27):
        management.call("POST", "clients", {"name": f"Many {number:02}", "app_type": "spa"})
    desk.goto(f"{product.base_url}{APPS}?sort=name")
    desk.locator("#apps-q").fill("many")
    expect(desk.locator("#apps-count")).to_have_text("27")
    assert "q=many" in desk.url
    desk.locator("#apps-next").click()
    expect(desk.locator("tbody tr")).to_have_count(2)
    desk.locator("tbody tr a.to").first.click()
    expect(desk.locator("h1")).to_have_text("Many 25")
    desk.go_back()
    expect(desk.locator("tbody tr")).to_have_count(2)
    expect(desk.locator("#apps-q")).to_have_value("many")
    desk.locator("#apps-q").fill("many 0")
    expect(desk.locator("#apps-count")).to_have_text("10")
    assert "after=" not in desk.url


def test_line_9_only_something_unsaved_holds_the_page(desk: Page, product: Product, app: str) -> None:
    asked: list[str] = []
    desk.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    desk.goto(f"{product.base_url}{APPS}/{app}/settings")
    desk.locator("#field-name").fill("Changed")
    expect(desk.locator("[data-changed]")).to_have_text("Unsaved changes")
    desk.locator("#field-name").fill("Orchard Books")
    expect(desk.locator("[data-changed]")).to_have_text("")
    desk.locator("#nav-apps").click()
    desk.wait_for_url(f"**{APPS}")
    assert asked == []
    desk.goto(f"{product.base_url}{APPS}/{app}/settings")
    desk.locator("#field-name").fill("Changed")
    desk.locator("#nav-apps").click()
    desk.wait_for_url(f"**{APPS}")
    assert asked == ["beforeunload"]
    desk.goto(f"{product.base_url}{APPS}/{app}/settings")
    desk.locator("#field-description").fill("Saved")
    desk.locator("#apps-save").click()
    expect(desk.locator("#notice")).to_contain_text("Saved")
    desk.locator("#nav-apps").click()
    desk.wait_for_url(f"**{APPS}")
    assert asked == ["beforeunload"]


def test_line_13_what_is_copied_runs_unchanged(desk: Page, product: Product, management: Management, app: str) -> None:
    desk.goto(f"{product.base_url}{APPS}/{app}/raw")
    desk.locator("#copy-curl ~ [data-copy]").click()
    copied = desk.evaluate("navigator.clipboard.readText()")
    assert copied == desk.locator("#copy-curl").text_content()
    environment = {"PATH": os.environ["PATH"], "TOKEN": management.token(), "NO_PROXY": "*"}
    done = subprocess.run(["sh", "-c", copied], env=environment, capture_output=True, text=True, check=True, timeout=30)
    assert json.loads(done.stdout)["client_id"] == app


def test_lists_and_forms_work_without_javascript(
    plain_page: Page, administrator: str, product: Product, app: str
) -> None:
    plain_page.context.add_cookies(json.loads(administrator))
    plain_page.goto(f"{product.base_url}{APPS}")
    plain_page.locator("#apps-q").fill("orchard")
    plain_page.locator("#apps-apply").click()
    plain_page.locator("tbody a.to", has_text="Orchard Books").first.click()
    plain_page.locator("#tab-settings").click()
    plain_page.locator("#field-description").fill("Without scripts")
    plain_page.locator("#apps-save").click()
    expect(plain_page.locator("#notice")).to_contain_text("Saved")
    plain_page.set_viewport_size({"width": 320, "height": 700})
    plain_page.locator(".menu-link").click()
    plain_page.locator("#nav-apis").click()
    plain_page.wait_for_url(f"**{APIS}")
    assert app
