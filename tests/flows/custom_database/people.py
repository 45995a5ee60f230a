"""What people do whose accounts are in a database of the tenant's own."""

from __future__ import annotations

from typing import Any

from tests.world.browser import Browser
from tests.world.world import World

PASSWORD = "Correct Horse 9"


def sign_in(world: World, browser: Browser, email: str, password: str) -> dict[str, Any]:
    app = world.client()
    attempt = app.begin(browser, prompt="login")
    browser.submit(username=email, password=password)
    return attempt.tokens(browser.answer).id_claims
