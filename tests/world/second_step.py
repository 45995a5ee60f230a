"""Signing in where a second factor is asked for."""

from __future__ import annotations

from tests.world.browser import Browser
from tests.world.factors import code_of
from tests.world.world import Application, Person

OTP_PAGE = "/u/mfa-otp/mfa-otp-challenge"


def sign_in(app: Application, browser: Browser, person: Person, **params: str):  # type: ignore[no-untyped-def]
    """Begin, and type the password where it is asked for."""
    attempt = app.begin(browser, **params)
    if browser.left_for is None and browser.path.endswith("/u/login"):
        browser.submit(username=person.email, password=person.password)
    return attempt


def trusting(app: Application, browser: Browser, person: Person, seed: str) -> None:
    """Sign in with the code, and trust the browser."""
    attempt = sign_in(app, browser, person)
    browser.submit(code=code_of(seed), rememberBrowser="true")
    assert attempt.tokens(browser.answer)
