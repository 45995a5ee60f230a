"""The keyboard alone is enough, and shows where it is."""

from typing import Any

import pytest
from playwright.sync_api import Page

from tests.counterparts.application import Application
from tests.counterparts.management import PASSWORD

pytestmark = pytest.mark.e2e
FOCUS = """() => {
  const e = document.activeElement, s = getComputedStyle(e)
  return {id: e.id, tag: e.tagName, outline: parseFloat(s.outlineWidth) * (s.outlineStyle === 'none' ? 0 : 1)}
}"""


def tab_to(page: Page, wanted: str) -> None:
    """Press Tab until the element with this id has the focus, and check that the focus is shown on the way."""
    for _ in range(30):
        focus = page.evaluate(FOCUS)
        if focus["tag"] != "BODY":
            assert focus["outline"] >= 2, f"the focus does not show on {focus}"
        if focus["id"] == wanted:
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab never reaches #{wanted}")


def test_login_and_consent(page: Page, third_party: Application, user: dict[str, Any]) -> None:
    page.goto(third_party.authorize_url())
    page.wait_for_load_state()
    tab_to(page, "username")
    page.keyboard.type(user["email"])
    tab_to(page, "password")
    page.keyboard.type(PASSWORD)
    tab_to(page, "login-submit")
    page.keyboard.press("Enter")
    page.wait_for_url("**/u/consent*")
    tab_to(page, "consent-accept")
    page.keyboard.press("Space")
    page.wait_for_url(f"{third_party.redirect_uri}?*")


def test_enter_in_the_password_signs_in(page: Page, application: Application, user: dict[str, Any]) -> None:
    page.goto(application.authorize_url())
    tab_to(page, "username")
    page.keyboard.type(user["email"])
    tab_to(page, "password")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{application.redirect_uri}?*")


def test_logout(page: Page, application: Application, user: dict[str, Any]) -> None:
    test_enter_in_the_password_signs_in(page, application, user)
    page.goto(f"{application.product.base_url}/oidc/logout")
    tab_to(page, "logout-confirm")
    page.keyboard.press("Enter")
    page.get_by_text("You are logged out").wait_for()
