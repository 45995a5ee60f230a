"""The challenge in a real browser: found by its script, or asked without one (docs/decisions/0212)."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.counterparts.application import Application
from tests.counterparts.management import PASSWORD, Management
from tests.e2e.pages import LoginPage

pytestmark = pytest.mark.e2e


@pytest.fixture(autouse=True)
def asked(management: Management) -> Iterator[None]:
    """Everybody is."""
    management.patch("attack-protection/bot-detection", {"challenge_password_policy": "always"})
    yield
    management.patch("attack-protection/bot-detection", {"challenge_password_policy": "never"})


def keep(page: Page, name: str) -> None:
    """A picture for whoever wants to look."""
    if folder := os.environ.get("GATEHOUSE_PICTURES"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def test_the_script_finds_it_and_nobody_notices(page: Page, application: Application, user: dict[str, Any]) -> None:
    page.goto(application.authorize_url())
    login = LoginPage(page)
    login.sign_in(user["email"], "wrong")
    expect(login.alert).to_contain_text("match an account")
    keep(page, "challenge-script")
    expect(page.locator("#challenge_answer")).to_have_count(0)
    login.sign_in(user["email"], PASSWORD)
    page.wait_for_url(f"{application.redirect_uri}?*")


def test_a_check_of_others_that_cannot_be_loaded_is_explained(
    chromium: Browser, application: Application, management: Management
) -> None:
    """A content blocker, or a network without it: nobody presses a button in vain and wonders."""
    context = chromium.new_context()
    page = context.new_page()
    captcha = {"active_provider_id": "hcaptcha", "hcaptcha": {"site_key": "site-key", "secret": "s3cret"}}
    management.patch("attack-protection/captcha", captcha)
    page.route("https://*.hcaptcha.com/**", lambda route: route.abort())
    page.route("https://hcaptcha.com/**", lambda route: route.abort())
    page.goto(application.authorize_url())
    expect(page.locator("#captcha-unreachable")).to_contain_text("hcaptcha.com")
    keep(page, "challenge-unreachable")
    context.close()
    management.patch("attack-protection/captcha", {"active_provider_id": "auth_challenge"})


def test_without_a_worker_the_question_is_asked(page: Page, application: Application, user: dict[str, Any]) -> None:
    page.add_init_script("delete window.Worker")
    page.goto(application.authorize_url())
    answer(page)
    LoginPage(page).sign_in(user["email"], PASSWORD)
    page.wait_for_url(f"{application.redirect_uri}?*")


def test_without_scripts_the_question_is_asked(
    plain_page: Page, application: Application, user: dict[str, Any]
) -> None:
    plain_page.goto(application.authorize_url())
    plain_page.set_viewport_size({"width": 320, "height": 700})
    login = LoginPage(plain_page)
    plain_page.locator("#challenge_answer").fill("1")
    login.sign_in(user["email"], PASSWORD)
    expect(login.alert).to_contain_text("try once more")
    keep(plain_page, "challenge-question")
    answer(plain_page)
    login.sign_in(user["email"], PASSWORD)
    plain_page.wait_for_url(f"{application.redirect_uri}?*")


def answer(page: Page) -> None:
    """Type what the question asks for."""
    numbers = re.findall(r"\d+", page.locator("label[for=challenge_answer]").inner_text())
    page.locator("#challenge_answer").fill(str(sum(map(int, numbers))))
