"""A new account, and proof that its address is reachable."""

import secrets

import pytest
from playwright.sync_api import Page, expect

from tests.counterparts.application import Application
from tests.counterparts.management import PASSWORD, Management
from tests.e2e.pages import LoginPage, SignupPage

pytestmark = pytest.mark.e2e


def test_sign_up_signs_in_and_the_mail_verifies(page: Page, application: Application, management: Management) -> None:
    address = f"new-{secrets.token_hex(5)}@example.com"
    page.goto(application.authorize_url())
    LoginPage(page).follow("signup-link")
    SignupPage(page).sign_up(address, PASSWORD)
    page.wait_for_url(f"{application.redirect_uri}?*")
    tokens = application.redeem(page.url)
    assert application.userinfo(tokens).json()["email_verified"] is False

    mail = application.product.mail_to(address)
    page.goto(mail["links"][0])
    button = LoginPage(page).submit
    if button.count():  # only a button verifies, since programs that read mail follow links
        button.click()
    page.wait_for_load_state()
    users = management.get("users-by-email", email=address)
    assert [user["email_verified"] for user in users] == [True]


def test_a_weak_password_is_refused_with_its_rules(page: Page, application: Application) -> None:
    page.goto(application.authorize_url(screen_hint="signup"))
    signup = SignupPage(page)
    signup.sign_up(f"weak-{secrets.token_hex(5)}@example.com", "abc")
    expect(page.locator("#password-error")).to_be_visible()
    expect(page.locator("#password")).to_be_focused()
    expect(page.locator("#password")).to_have_attribute("aria-invalid", "true")


def test_signing_up_twice_does_not_make_two_accounts(
    page: Page, application: Application, management: Management
) -> None:
    address = f"twice-{secrets.token_hex(5)}@example.com"
    for _ in range(2):
        page.context.clear_cookies()
        page.goto(application.authorize_url(screen_hint="signup"))
        SignupPage(page).sign_up(address, PASSWORD)
        page.wait_for_load_state()
    assert len(management.get("users-by-email", email=address)) == 1


def test_both_pages_lead_to_each_other(page: Page, application: Application) -> None:
    page.goto(application.authorize_url(screen_hint="signup"))
    page.wait_for_url("**/u/signup*")
    SignupPage(page).follow("login-link")
    page.wait_for_url("**/u/login*")
