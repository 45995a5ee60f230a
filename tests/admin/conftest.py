"""What the tests of the dashboard share: the administrator's browser."""

from __future__ import annotations

import pytest

from tests.world.browser import Browser
from tests.world.world import World


def enter(world: World, browser: Browser, address: str = "/admin") -> Browser:
    """Sign in as the installation's administrator, and arrive at ``address``."""
    browser.open(address)
    assert browser.path.startswith("/u/login")
    admin = world.installed["admin"]
    browser.submit(username=admin["email"], password=admin["password"])
    return browser


@pytest.fixture
def desk(world: World, browser: Browser) -> Browser:
    """The administrator's browser, on the first page."""
    enter(world, browser)
    assert (browser.status, browser.path) == (200, "/admin")
    return browser
