"""Signing out: with a hint at once, without one only after a question."""

from typing import Any
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page

from tests.counterparts.application import Application, unpack
from tests.counterparts.management import PASSWORD
from tests.e2e.pages import LoginPage, LogoutPage, SignedOutPage

pytestmark = pytest.mark.e2e


@pytest.fixture
def tokens(page: Page, application: Application, user: dict[str, Any]) -> dict[str, Any]:
    """The tokens of a fresh login in this page's browser."""
    page.goto(application.authorize_url())
    LoginPage(page).sign_in(user["email"], PASSWORD)
    page.wait_for_url(f"{application.redirect_uri}?*")
    return application.redeem(page.url)


def silent_error(page: Page, application: Application) -> str | None:
    """What ``prompt=none`` answers now: None while the session lives."""
    page.goto(application.authorize_url(prompt="none"))
    return unpack(page.url).get("error")


def test_a_hint_signs_out_and_goes_back(
    page: Page, application: Application, landing: str, tokens: dict[str, Any]
) -> None:
    query = {"id_token_hint": tokens["id_token"], "post_logout_redirect_uri": f"{landing}/bye", "state": "s"}
    page.goto(f"{application.product.base_url}/oidc/logout?{urlencode(query)}")
    page.wait_for_url(f"{landing}/bye?state=s")
    assert silent_error(page, application) == "login_required"


def test_without_a_hint_it_asks(page: Page, application: Application, tokens: dict[str, Any]) -> None:
    page.goto(f"{application.product.base_url}/oidc/logout")
    LogoutPage(page).cancel()
    page.wait_for_load_state()
    assert silent_error(page, application) is None
    page.goto(f"{application.product.base_url}/oidc/logout")
    LogoutPage(page).confirm()
    SignedOutPage(page).expect_shown()
    assert silent_error(page, application) == "login_required"


def test_v2_logout_goes_back_where_allowed(
    page: Page, application: Application, landing: str, tokens: dict[str, Any]
) -> None:
    query = urlencode({"client_id": application.client["client_id"], "returnTo": f"{landing}/bye"})
    page.goto(f"{application.product.base_url}/v2/logout?{query}")
    page.wait_for_url(f"{landing}/bye")
    assert silent_error(page, application) == "login_required"


def test_v2_logout_never_goes_elsewhere(page: Page, application: Application, tokens: dict[str, Any]) -> None:
    query = urlencode({"client_id": application.client["client_id"], "returnTo": "https://evil.example.com/"})
    page.goto(f"{application.product.base_url}/v2/logout?{query}")
    assert page.url.startswith(application.product.base_url)
