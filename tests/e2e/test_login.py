"""Signing in: one form, identifier first, and what happens when something is wrong."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.counterparts.application import Application, unpack
from tests.counterparts.management import PASSWORD, Management
from tests.e2e.pages import ErrorPage, LoginIdPage, LoginPage, LoginPasswordPage

pytestmark = pytest.mark.e2e


@pytest.fixture
def identifier_first(management: Management) -> Iterator[None]:
    """The login form is split in two for this test."""
    management.patch("prompts", {"identifier_first": True})
    yield
    management.patch("prompts", {"identifier_first": False})


def test_one_form_signs_in(page: Page, application: Application, user: dict[str, Any]) -> None:
    page.goto(application.authorize_url(nonce="n"))
    page.wait_for_url("**/u/login?state=*")
    login = LoginPage(page)
    expect(login.submit).to_have_text("Continue")
    login.sign_in(user["email"], PASSWORD)
    page.wait_for_url(f"{application.redirect_uri}?*")
    assert unpack(page.url)["iss"] == application.product.issuer
    tokens = application.redeem(page.url)
    claims = application.claims(tokens)
    assert (claims["sub"], claims["email"], claims["nonce"]) == (user["user_id"], user["email"], "n")
    assert application.userinfo(tokens).json()["sub"] == user["user_id"]


def test_a_live_session_signs_in_silently(page: Page, application: Application, user: dict[str, Any]) -> None:
    page.goto(application.authorize_url())
    LoginPage(page).sign_in(user["email"], PASSWORD)
    page.wait_for_url(f"{application.redirect_uri}?*")
    page.goto(application.authorize_url(prompt="none"))
    assert "code" in unpack(page.url)


def test_identifier_first_asks_in_two_steps(
    page: Page, application: Application, user: dict[str, Any], identifier_first: None
) -> None:
    page.goto(application.authorize_url())
    LoginIdPage(page).continue_as(user["email"])
    second = LoginPasswordPage(page)
    page.wait_for_url("**/u/login/password*")
    expect(page.locator("body")).to_contain_text(user["email"])
    second.follow("edit-identifier-link")
    LoginIdPage(page).continue_as(user["email"])
    second.continue_with(PASSWORD)
    page.wait_for_url(f"{application.redirect_uri}?*")
    assert application.redeem(page.url)["access_token"]


def test_a_wrong_password_keeps_the_name_and_says_what_to_do(
    page: Page, application: Application, user: dict[str, Any]
) -> None:
    page.goto(application.authorize_url())
    login = LoginPage(page)
    login.sign_in(user["email"], "not the password")
    expect(login.alert).to_be_visible()
    expect(page.locator("#password")).to_be_focused()
    expect(page.locator("#username")).to_have_value(user["email"])
    expect(page.locator("#password")).to_have_value("")
    wrong = login.alert.inner_text()
    login.sign_in("nobody-at-all@example.com", "not the password")
    expect(login.alert).to_have_text(wrong)
    login.sign_in(user["email"], PASSWORD)
    page.wait_for_url(f"{application.redirect_uri}?*")


def test_an_unregistered_callback_stays_on_our_page(page: Page, application: Application) -> None:
    page.goto(application.authorize_url(redirect_uri="https://evil.example.com/callback"))
    assert page.url.startswith(application.product.base_url)
    expect(page.locator("#correlation-id")).not_to_be_empty()


def test_an_unknown_client_is_told_so(page: Page, application: Application) -> None:
    page.goto(application.authorize_url(client_id="nobody"))
    expect(page.locator("#correlation-id")).not_to_be_empty()
    ErrorPage(page).expect_error("invalid_request")


def test_login_hint_fills_the_name(page: Page, application: Application) -> None:
    page.goto(application.authorize_url(login_hint="someone@example.com"))
    expect(page.locator("#username")).to_have_value("someone@example.com")


def test_the_back_button_does_no_harm(page: Page, application: Application, user: dict[str, Any]) -> None:
    page.goto(application.authorize_url())
    LoginPage(page).sign_in(user["email"], PASSWORD)
    page.wait_for_url(f"{application.redirect_uri}?*")
    page.go_back()
    if page.locator("#username").count():
        LoginPage(page).sign_in(user["email"], PASSWORD)
    page.wait_for_load_state()
    answer = page.goto(application.authorize_url(prompt="none"))
    assert answer is not None
    assert answer.status == 200
    assert "code" in unpack(page.url)


@pytest.mark.parametrize(("locale", "direction"), [("de", "ltr"), ("ar", "rtl"), ("ja", "ltr")])
def test_ui_locales_choose_the_language(page: Page, application: Application, locale: str, direction: str) -> None:
    page.goto(application.authorize_url(ui_locales=locale))
    expect(page.locator("html")).to_have_attribute("lang", locale)
    expect(page.locator("html")).to_have_attribute("dir", direction)
    expect(LoginPage(page).submit).not_to_have_text("Continue")
