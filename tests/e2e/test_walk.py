"""Twenty things that an administrator does, each from the first page, with the clicks and keys it takes: those that
``docs/dashboard.md`` says ("A walk"). What is typed into a field counts as no key.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

from tests.counterparts.management import Management
from tests.counterparts.product import Product

pytestmark = pytest.mark.e2e
DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "dashboard.md"
ROW = re.compile(r"^\| ([^|]+) \| [^|]+ \| (\d+) \| (\d+) \|$", re.MULTILINE)


@dataclass
class Walker:
    """Somebody at the dashboard, counted."""

    page: Page
    product: Product
    management: Management
    clicks: int = 0
    keys: int = 0

    def click(self, selector: str, **more: Any) -> None:
        self.clicks += 1
        self.page.locator(selector, **more).first.click()

    def key(self, *names: str) -> None:
        for name in names:
            self.keys += 1
            self.page.keyboard.press(name)

    def type(self, selector: str, text: str) -> None:
        """Into a field that has to be clicked first."""
        self.clicks += 1
        self.page.locator(selector).first.click()
        self.page.locator(selector).first.fill(text)

    def said(self, words: str) -> None:
        expect(self.page.locator("#notice")).to_contain_text(words)

    # ---- what is there
    def app(self) -> tuple[str, str]:
        name = f"Shop {secrets.token_hex(3)}"
        made = self.management.call("POST", "clients", {"name": name, "app_type": "regular_web"})
        return name, str(made["client_id"])

    def user(self) -> tuple[str, str]:
        email = f"maria.{secrets.token_hex(3)}@example.com"
        made = self.management.create_user(connection=self.product.connection, email=email, name="Maria Keller")
        return email, str(made["user_id"])

    def stored(self, user_id: str) -> dict[str, Any]:
        found: dict[str, Any] = self.management.call("GET", f"users/{quote(user_id, safe='')}")
        return found

    # ---- ways that many tasks begin with
    def jump(self, text: str) -> None:
        """By the palette, to the one thing that is called so."""
        self.key("Control+k")
        self.page.keyboard.type(text)
        expect(self.page.locator("dialog [data-hit].at")).to_contain_text(text)
        self.key("Enter")
        expect(self.page.locator(".tabs")).to_be_visible()


def create_an_application(w: Walker) -> None:
    w.key("g", "a")
    w.page.wait_for_url("**/applications/apps")
    w.key("c")
    w.page.wait_for_url("**/new")
    w.key("e")
    w.page.keyboard.type("Typed by hand")
    w.key("Control+s")
    expect(w.page.locator("#once-client_secret")).to_be_visible()


def find_an_application(w: Walker) -> None:
    name, client_id = w.app()
    w.jump(name)
    w.page.wait_for_url(f"**/{client_id}")


def change_a_callback(w: Walker) -> None:
    name, client_id = w.app()
    w.jump(name)
    w.click("#tab-settings")
    w.type("#field-callbacks", "https://shop.example.com/cb")
    w.key("Control+s")
    w.click("#apps-confirm")
    w.said("Saved")
    assert w.management.call("GET", f"clients/{client_id}")["callbacks"] == ["https://shop.example.com/cb"]


def look_at_a_secret(w: Walker) -> None:
    name, client_id = w.app()
    w.jump(name)
    w.click("#tab-credentials")
    w.click("#apps-reveal")
    secret = w.management.call("GET", f"clients/{client_id}")["client_secret"]
    expect(w.page.locator("#once-client_secret")).to_have_text(secret)


def rotate_a_secret(w: Walker) -> None:
    name, client_id = w.app()
    before = w.management.call("GET", f"clients/{client_id}")["client_secret"]
    w.jump(name)
    w.click("#tab-settings")
    w.click("#apps-rotate-secret")
    w.type("#typed", name)
    w.key("Enter")
    expect(w.page.locator("#once-client_secret")).not_to_have_text(before)


def switch_a_connection_off_and_on(w: Walker) -> None:
    name, _ = w.app()
    w.jump(name)
    w.click("#tab-connections")
    w.click(f"#apps-connection-{w.management.connection_id}")
    w.click("#undo")
    w.said("on")


def add_a_permission_to_an_api(w: Walker) -> None:
    api = w.management.create_api(scopes=[], name=f"Orders {secrets.token_hex(3)}")
    w.jump(api["name"])
    w.click("#tab-permissions")
    w.type("#value", "read:orders")
    w.key("Enter")
    expect(w.page.locator("td")).to_contain_text(["read:orders"])


def create_a_user(w: Walker) -> None:
    w.key("g", "u")
    w.page.wait_for_url("**/admin/users")
    w.key("c")
    w.page.wait_for_url("**/new")
    w.type("#field-email", f"new.{secrets.token_hex(3)}@example.com")
    w.type("#field-password", "correct horse 9 Battery")
    w.key("Control+s")
    expect(w.page.locator("#tab-authentication")).to_be_visible()


def find_a_person(w: Walker) -> None:
    email, _ = w.user()
    w.jump(email)
    expect(w.page.locator("h1")).to_contain_text(email)


def edit_metadata(w: Walker) -> None:
    email, user_id = w.user()
    w.jump(email)
    w.click("#tab-metadata")
    w.type("textarea[name=user_metadata]", '{"plan": "gold"}')
    w.click("#users-save, button[type=submit].first")
    w.said("Saved")
    assert w.stored(user_id)["user_metadata"] == {"plan": "gold"}


def make_a_reset_link(w: Walker) -> None:
    email, _ = w.user()
    w.jump(email)
    w.click("#tab-authentication")
    w.click("#users-reset")
    expect(w.page.locator("#once-ticket")).to_contain_text("ticket=")


def block_and_undo(w: Walker) -> None:
    email, user_id = w.user()
    w.jump(email)
    w.click("#users-block")
    w.click("#undo")
    expect(w.page.locator("#users-block")).to_be_visible()
    assert not w.stored(user_id).get("blocked")


def give_a_role(w: Walker) -> None:
    email, user_id = w.user()
    w.management.call("POST", "roles", {"name": f"Reader {secrets.token_hex(3)}"})
    w.jump(email)
    w.click("#tab-roles")
    w.click("#users-role")
    expect(w.page.locator("tbody tr")).to_have_count(1)
    assert user_id


def reset_second_factors(w: Walker) -> None:
    email, user_id = w.user()
    body = {"type": "totp", "totp_secret": "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"}
    w.management.call("POST", f"users/{quote(user_id, safe='')}/authentication-methods", body)
    w.jump(email)
    w.click("#tab-authentication")
    w.click("#users-reset-factors")
    w.click("#users-confirm")
    expect(w.page.locator("#users-no-factors")).to_be_visible()


def sign_somebody_out(w: Walker) -> None:
    email, _ = w.user()
    w.jump(email)
    w.click("#tab-sessions")
    expect(w.page.locator("#nothing-yet, #users-sessions")).to_be_visible()


def simulate_a_sign_in(w: Walker) -> None:
    email, _ = w.user()
    w.click("#nav-simulator")
    w.type("#field-user-id", email)
    w.key("Enter")
    expect(w.page.locator("#simulator-verdict")).to_be_visible()


def find_a_failure(w: Walker) -> None:
    w.key("g", "l")
    w.page.wait_for_url("**/monitoring/logs")
    w.click("#logs-kind")
    w.page.locator("#logs-kind").select_option("changes")
    w.page.wait_for_url("**kind=changes*")
    w.click("tbody a.to")
    expect(w.page.locator("#logs-facts")).to_be_visible()


def change_the_colour(w: Walker) -> None:
    w.click("#nav-look")
    w.type("#field-colors-primary", "#7a1fa2")
    w.key("Control+s")
    w.said("Saved")
    expect(w.page.locator("#look-contrast")).to_be_visible()


def lock_accounts_sooner(w: Walker) -> None:
    w.click("#nav-shields")
    w.type("[name=max_attempts]", "5")
    w.key("Control+s")
    w.said("Saved")


def delete_an_application(w: Walker) -> None:
    name, _ = w.app()
    w.jump(name)
    w.click("#tab-settings")
    w.click("#apps-delete")
    w.type("#typed", name)
    w.key("Enter")
    w.said("deleted")


TASKS: dict[str, Callable[[Walker], None]] = {
    "create an application": create_an_application,
    "find an application": find_an_application,
    "change a callback URL": change_a_callback,
    "look at a secret": look_at_a_secret,
    "rotate a secret": rotate_a_secret,
    "switch a connection off, and on again": switch_a_connection_off_and_on,
    "add a permission to an API": add_a_permission_to_an_api,
    "create a user": create_a_user,
    "find a person": find_a_person,
    "edit somebody's metadata": edit_metadata,
    "make a link to a new password": make_a_reset_link,
    "block somebody, and not after all": block_and_undo,
    "give somebody a role": give_a_role,
    "reset somebody's second factors": reset_second_factors,
    "look at somebody's sessions": sign_somebody_out,
    "see what somebody would get": simulate_a_sign_in,
    "find what happened": find_a_failure,
    "change the main colour": change_the_colour,
    "lock accounts sooner": lock_accounts_sooner,
    "delete an application": delete_an_application,
}


@pytest.mark.parametrize("task", TASKS)
def test_the_walk(page: Page, administrator: str, product: Product, management: Management, task: str) -> None:
    page.context.add_cookies(json.loads(administrator))
    page.goto(f"{product.base_url}/admin?language=en")
    walker = Walker(page, product, management)
    TASKS[task](walker)
    written = {name: (int(clicks), int(keys)) for name, clicks, keys in ROW.findall(DOCUMENT.read_text("utf-8"))}
    assert written.get(task) == (walker.clicks, walker.keys)


def test_the_document_tells_of_twenty() -> None:
    assert [name for name, _, _ in ROW.findall(DOCUMENT.read_text("utf-8"))] == list(TASKS)
    assert len(TASKS) == 20
