"""Somebody opened an account with another person's address, and its owner says so."""

import re
import secrets

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.counterparts.application import Application
from tests.counterparts.browser import watched_page
from tests.counterparts.management import PASSWORD
from tests.e2e.pages import LoginPage, ResetPasswordChangePage, SignupPage

pytestmark = pytest.mark.e2e
NEW_PASSWORD = "Another-Horse-8-Staple"


def test_the_owner_takes_the_account_back(page: Page, chromium: Browser, application: Application) -> None:
    address = f"owner-{secrets.token_hex(5)}@example.com"
    page.goto(application.authorize_url(screen_hint="signup"))
    SignupPage(page).sign_up(address, PASSWORD)
    page.wait_for_url(f"{application.redirect_uri}?*")

    with watched_page(chromium) as owner:
        owner.goto(application.product.mail_to(address)["links"][0])
        expect(owner.locator("dl.facts")).to_contain_text(re.compile(r"Chrom\w*.* on \w+"))
        expect(owner.get_by_role("button", name="Yes, that was me")).to_be_visible()
        owner.get_by_role("button", name="No, that wasn’t me").click()
        expect(owner.get_by_role("status").first).to_contain_text("no longer has access")

        page.goto(f"{application.product.base_url}/account")
        page.wait_for_url("**/u/login*")  # the stranger is out before a new password is chosen
        LoginPage(page).sign_in(address, PASSWORD)
        expect(LoginPage(page).alert).to_be_visible()

        ResetPasswordChangePage(owner).set_password(NEW_PASSWORD)
        expect(owner.locator("#password")).to_have_count(0)
        owner.goto(application.authorize_url())
        LoginPage(owner).sign_in(address, NEW_PASSWORD)
        owner.wait_for_url(f"{application.redirect_uri}?*")


def test_sending_again_confirms_itself(page: Page, application: Application) -> None:
    page.goto(application.authorize_url(screen_hint="reset-password"))
    page.locator("#username").fill(f"somebody-{secrets.token_hex(4)}@example.com")
    LoginPage(page).submit.click()
    page.locator("#resend-link").click()
    expect(page.get_by_role("status").first).to_contain_text("Sent again.")
