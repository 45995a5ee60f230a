"""HEAD answers like GET, without a body, on everything that can be opened."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.world.browser import Browser
from tests.world.world import Person, World

COMPARED = ("Content-Type", "Cache-Control", "Content-Security-Policy-Report-Only", "X-Frame-Options")
NEVER_OPENED = {"/login/callback", "/login/try", "/connected-accounts/connect"}
"""Where something is spent: its HEAD must do nothing (tests/flows/test_sources.py, test_trying_a_connection.py,
test_my_account.py).
"""


def pages(app: Flask) -> list[str]:
    """Every address without a variable part that answers GET."""
    rules = [rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ()) and not rule.arguments]
    assert len(rules) > 15
    return sorted({rule.rule for rule in rules} - NEVER_OPENED)


def same(browser: Browser, url: str) -> None:
    get, head = browser.request("GET", url), browser.request("HEAD", url)
    assert head.status_code == get.status_code, url
    assert head.get_data() == b"", url
    assert {name: head.headers.get(name) for name in COMPARED} == {name: get.headers.get(name) for name in COMPARED}, (
        url
    )


def test_every_address_without_a_variable_part(world: World, browser: Browser) -> None:
    for path in pages(world.app):
        same(browser, path)


@pytest.mark.parametrize("prompt", ["login", "none"])
def test_the_authorization_endpoint(world: World, browser: Browser, jane: Person, prompt: str) -> None:
    client = world.client()
    client.sign_in(browser, jane)
    same(browser, client.attempt(prompt=prompt).url)
    same(browser, client.attempt(prompt=prompt, response_type="nonsense").url)


@pytest.mark.parametrize("screen", ["login", "signup", "reset-password/request", "nonsense"])
def test_pages_of_a_login(world: World, browser: Browser, screen: str) -> None:
    world.client().begin(browser)
    assert browser.page is not None
    same(browser, browser.page.url.replace("/u/login", f"/u/{screen}"))
    same(browser, f"/u/{screen}")
