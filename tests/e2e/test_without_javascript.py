"""Every journey works in a browser that runs no scripts."""

import secrets
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.counterparts.application import Application, unpack
from tests.counterparts.management import PASSWORD
from tests.e2e.pages import (
    ConsentPage,
    LoginPage,
    LogoutPage,
    ResetPasswordChangePage,
    ResetPasswordRequestPage,
    SignedOutPage,
    SignupPage,
)

pytestmark = pytest.mark.e2e


def test_login_consent_and_logout(plain_page: Page, third_party: Application, user: dict[str, Any]) -> None:
    plain_page.goto(third_party.authorize_url())
    login = LoginPage(plain_page)
    login.sign_in(user["email"], "wrong")
    expect(login.alert).to_be_visible()
    login.sign_in(user["email"], PASSWORD)
    ConsentPage(plain_page).accept()
    plain_page.wait_for_url(f"{third_party.redirect_uri}?*")
    assert third_party.redeem(plain_page.url)["id_token"]
    plain_page.goto(f"{third_party.product.base_url}/oidc/logout")
    LogoutPage(plain_page).confirm()
    SignedOutPage(plain_page).expect_shown()


def test_form_post_has_a_button(plain_page: Page, application: Application, user: dict[str, Any]) -> None:
    plain_page.goto(application.authorize_url(response_mode="form_post"))
    LoginPage(plain_page).sign_in(user["email"], PASSWORD)
    plain_page.locator("button[type=submit], input[type=submit]").first.click()
    plain_page.wait_for_url(application.redirect_uri)
    expect(plain_page.locator("body")).to_contain_text("code=")


def test_sign_up(plain_page: Page, application: Application) -> None:
    plain_page.goto(application.authorize_url(screen_hint="signup"))
    SignupPage(plain_page).sign_up(f"plain-{secrets.token_hex(5)}@example.com", PASSWORD)
    plain_page.wait_for_url(f"{application.redirect_uri}?*")
    assert "code" in unpack(plain_page.url)


def test_reset_password(plain_page: Page, application: Application, user: dict[str, Any]) -> None:
    plain_page.goto(application.authorize_url())
    LoginPage(plain_page).follow("forgot-password-link")
    ResetPasswordRequestPage(plain_page).ask_for(user["email"])
    plain_page.goto(application.product.mail_to(user["email"])["links"][0])
    ResetPasswordChangePage(plain_page).set_password("Another-Horse-8-Staple")
    expect(plain_page.locator("#password")).to_have_count(0)
