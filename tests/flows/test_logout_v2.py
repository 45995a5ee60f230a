"""/v2/logout: Auth0's own, with its allow-lists (spec: Redirect after logout)."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from tests.world.application import Application
from tests.world.browser import Browser
from tests.world.world import Person, World

CLIENT_OUT, TENANT_OUT = "https://app.example.test/out", "https://tenant.example.test/out"


@pytest.fixture
def app(world: World, browser: Browser, jane: Person) -> Application:
    world.settings(allowed_logout_urls=[TENANT_OUT])
    made = world.client(allowed_logout_urls=[CLIENT_OUT, "https://app.example.test/other"])
    made.sign_in(browser, jane)
    return made


def signed_in(app: Application, browser: Browser) -> bool:
    app.begin(browser, prompt="none")
    return "code" in browser.answer.params


@pytest.mark.parametrize(
    ("client", "return_to", "goes"),
    [
        (True, CLIENT_OUT, CLIENT_OUT),
        (True, "https://app.example.test/other", "https://app.example.test/other"),
        (True, None, CLIENT_OUT),
        (False, TENANT_OUT, TENANT_OUT),
    ],
)
def test_listed_addresses_are_gone_to(
    app: Application, browser: Browser, client: bool, return_to: str | None, goes: str
) -> None:
    query = [f"client_id={app.client_id}"] if client else []
    query += [f"returnTo={quote(return_to, safe='')}"] if return_to else []
    browser.open(f"/v2/logout?{'&'.join(query)}", site="cross-site")
    assert browser.left_for == goes
    assert not signed_in(app, browser)


def test_without_anything_it_says_that_it_is_done(app: Application, browser: Browser) -> None:
    browser.open("/v2/logout", site="cross-site")
    assert browser.status == 200
    assert "You are logged out" in browser.shown.text
    assert browser.shown.links["login-link"]
    assert not signed_in(app, browser)


@pytest.mark.parametrize(
    ("client", "return_to"),
    [
        (True, TENANT_OUT),
        (False, CLIENT_OUT),
        (True, f"{CLIENT_OUT}?x=1"),
        (True, f"{CLIENT_OUT}#x"),
        (True, f"{CLIENT_OUT}/"),
        (True, "https://evil.test/"),
        (True, "javascript:alert(1)"),
        (False, "https://evil.test/"),
    ],
)
def test_unlisted_addresses_are_an_error_and_nothing_happens(
    app: Application, browser: Browser, client: bool, return_to: str
) -> None:
    query = f"returnTo={quote(return_to, safe='')}" + (f"&client_id={app.client_id}" if client else "")
    browser.open(f"/v2/logout?{query}", site="cross-site")
    assert browser.left_for is None
    assert browser.status == 400
    assert "allowed logout URLs" in browser.shown.texts["error-description"]
    assert signed_in(app, browser)


def test_an_unknown_client_is_an_error(app: Application, browser: Browser) -> None:
    browser.open("/v2/logout?client_id=unknown")
    assert browser.status == 400


@pytest.mark.parametrize("extra", ["federated", "federated=", "auth0Client=eyJ9", "x=1"])
def test_auth0s_other_parameters_are_passed_over(app: Application, browser: Browser, extra: str) -> None:
    browser.open(f"/v2/logout?client_id={app.client_id}&{extra}")
    assert browser.left_for == CLIENT_OUT


@pytest.mark.parametrize(
    ("return_to", "fits"),
    [
        ("https://one.example.test/out", True),
        ("https://one.example.test/out?x=1", True),
        ("https://one.example.test/out#x", True),
        ("https://a.b.example.test/out", False),
        ("https://one.example.test/other", False),
        ("https://one.example.test.evil.test/out", False),
    ],
)
def test_wildcards_and_queries_are_a_compatibility_switch(
    world: World, app: Application, browser: Browser, return_to: str, fits: bool
) -> None:
    url = f"/v2/logout?client_id={app.client_id}&returnTo={quote(return_to, safe='')}"
    world.change_client(app.client_id, allowed_logout_urls=["https://*.example.test/out"])
    assert browser.open(url).left_for is None
    world.change_client(app.client_id, compatibility={"logout_url_wildcards": True})
    assert (browser.open(url).left_for == return_to) is fits


def test_signing_out_twice_is_fine(app: Application, browser: Browser) -> None:
    for _ in range(2):
        browser.open(f"/v2/logout?client_id={app.client_id}", site="cross-site")
        assert browser.left_for == CLIENT_OUT
