"""Steps that happen by themselves: with scripts, without any, and where scripts are on and fail."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.counterparts.application import Application
from tests.counterparts.browser import watched_page
from tests.counterparts.management import PASSWORD, Management
from tests.counterparts.product import Product
from tests.e2e.pages import LoginPage

pytestmark = pytest.mark.e2e
THROWING = """
  HTMLFormElement.prototype.submit = () => { throw new Error('no'); };
  document.querySelectorAll = undefined;
"""


@pytest.fixture(params=["scripts", "no scripts", "scripts that do not come", "scripts that fail"])
def visitor(request: pytest.FixtureRequest, chromium: Browser) -> Iterator[Page]:
    """A browser of each kind."""
    with watched_page(
        chromium, strict=request.param == "scripts", java_script_enabled=request.param != "no scripts"
    ) as page:
        if request.param == "scripts that do not come":
            page.route("**/gate.*.js", lambda route: route.abort())
        if request.param == "scripts that fail":
            page.add_init_script(THROWING)
        yield page


@pytest.fixture
def way_out(
    visitor: Page, product: Product, management: Management, landing: str, user: dict[str, Any]
) -> Callable[..., str]:
    """The visitor is signed in to an application that wants to be told of logouts in a frame; where they sign out."""
    application = Application.register(product, management, landing, frontchannel_logout_uri=f"{landing}/told")
    visitor.goto(application.authorize_url())
    LoginPage(visitor).sign_in(user["email"], PASSWORD)
    visitor.wait_for_url(f"{application.redirect_uri}?*")
    token = application.redeem(visitor.url)["id_token"]

    def address(**more: str) -> str:
        query = {"id_token_hint": token, "post_logout_redirect_uri": f"{landing}/bye", **more}
        return f"{product.base_url}/oidc/logout?{urlencode(query)}"

    return address


def test_the_signed_out_page_goes_on(visitor: Page, landing: str, way_out: Callable[..., str]) -> None:
    visitor.goto(way_out(state="s"))
    visitor.wait_for_url(f"{landing}/bye?state=s")


def test_the_signed_out_page_has_a_button_where_a_frame_never_ends(
    visitor: Page, landing: str, way_out: Callable[..., str]
) -> None:
    visitor.route("**/told*", lambda route: None)  # asked for, and never answered
    visitor.goto(way_out(), wait_until="commit")
    visitor.locator("#continue-link").click(no_wait_after=True)
    visitor.wait_for_url(f"{landing}/bye")


def test_form_post_arrives(visitor: Page, application: Application, user: dict[str, Any]) -> None:
    visitor.goto(application.authorize_url(response_mode="form_post"))
    LoginPage(visitor).sign_in(user["email"], PASSWORD)
    visitor.wait_for_load_state()
    if visitor.url.startswith(application.product.base_url):
        visitor.locator("#form-post button").click()
    visitor.wait_for_url(application.redirect_uri)
    expect(visitor.locator("body")).to_contain_text("code=")


def test_a_web_message_without_a_window_to_tell_says_what_to_do(visitor: Page, application: Application) -> None:
    visitor.goto(application.authorize_url(response_mode="web_message", prompt="none"))
    expect(visitor.locator("body")).to_contain_text("You can close this window.")
