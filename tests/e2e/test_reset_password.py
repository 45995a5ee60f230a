"""A forgotten password."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.counterparts.application import Application
from tests.counterparts.management import PASSWORD
from tests.e2e.pages import LoginPage, ResetPasswordChangePage, ResetPasswordRequestPage

pytestmark = pytest.mark.e2e
NEW_PASSWORD = "Another-Horse-8-Staple"


def test_reset_by_mail(page: Page, application: Application, user: dict[str, Any]) -> None:
    page.goto(application.authorize_url())
    LoginPage(page).follow("forgot-password-link")
    ResetPasswordRequestPage(page).ask_for(user["email"])
    link = application.product.mail_to(user["email"])["links"][0]
    page.goto(link)
    ResetPasswordChangePage(page).set_password(NEW_PASSWORD)
    expect(page.locator("#password")).to_have_count(0)

    page.goto(link)
    expect(page.locator("#password")).to_have_count(0)  # a link works once

    page.context.clear_cookies()
    page.goto(application.authorize_url())
    login = LoginPage(page)
    login.sign_in(user["email"], PASSWORD)
    expect(login.alert).to_be_visible()
    login.sign_in(user["email"], NEW_PASSWORD)
    page.wait_for_url(f"{application.redirect_uri}?*")


def test_an_unknown_address_reads_the_same_page(page: Page, application: Application, user: dict[str, Any]) -> None:
    seen = []
    for address in (user["email"], "nobody-here@example.com"):
        page.goto(application.authorize_url())
        LoginPage(page).follow("forgot-password-link")
        ResetPasswordRequestPage(page).ask_for(address)
        page.wait_for_load_state()
        seen.append(page.locator("h1").inner_text())
    assert seen[0] == seen[1]
