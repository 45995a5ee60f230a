"""Consent: asked, refused, remembered, and asked again when an application wants more."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.counterparts.application import Application, unpack
from tests.counterparts.management import PASSWORD, Management
from tests.e2e.pages import ConsentPage, LoginPage

pytestmark = pytest.mark.e2e


def test_third_party_asks_and_remembers(page: Page, third_party: Application, user: dict[str, Any]) -> None:
    page.goto(third_party.authorize_url())
    LoginPage(page).sign_in(user["email"], PASSWORD)
    page.wait_for_url("**/u/consent*")
    expect(page.locator("body")).to_contain_text(third_party.client["name"])
    expect(page.locator("body")).to_contain_text("localhost")
    ConsentPage(page).accept()
    page.wait_for_url(f"{third_party.redirect_uri}?*")
    assert third_party.redeem(page.url)["access_token"]
    page.goto(third_party.authorize_url())
    page.wait_for_url(f"{third_party.redirect_uri}?*")


def test_deny_goes_back_with_access_denied(page: Page, third_party: Application, user: dict[str, Any]) -> None:
    page.goto(third_party.authorize_url())
    LoginPage(page).sign_in(user["email"], PASSWORD)
    ConsentPage(page).deny()
    page.wait_for_url(f"{third_party.redirect_uri}?*")
    got = unpack(page.url)
    assert (got["error"], got["state"]) == ("access_denied", third_party.state)


def test_first_party_is_not_asked_for_openid_scopes(page: Page, application: Application, user: dict[str, Any]) -> None:
    page.goto(application.authorize_url(scope="openid profile email offline_access"))
    LoginPage(page).sign_in(user["email"], PASSWORD)
    page.wait_for_url(f"{application.redirect_uri}?*")
    assert application.redeem(page.url)["refresh_token"]


def test_more_permissions_are_asked_for_again(
    page: Page, application: Application, management: Management, user: dict[str, Any]
) -> None:
    api = management.create_api(scopes=["read:things", "write:things"])
    page.goto(application.authorize_url(audience=api["identifier"], scope="openid read:things"))
    LoginPage(page).sign_in(user["email"], PASSWORD)
    page.wait_for_url("**/u/consent*")
    expect(page.locator("body")).to_contain_text("Can read:things")
    ConsentPage(page).accept()
    page.wait_for_url(f"{application.redirect_uri}?*")

    page.goto(application.authorize_url(audience=api["identifier"], scope="openid read:things"))
    page.wait_for_url(f"{application.redirect_uri}?*")

    page.goto(application.authorize_url(audience=api["identifier"], scope="openid read:things write:things"))
    page.wait_for_url("**/u/consent*")
    page.goto(
        application.authorize_url(audience=api["identifier"], scope="openid read:things write:things", prompt="none")
    )
    assert unpack(page.url)["error"] == "consent_required"
