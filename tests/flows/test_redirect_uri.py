"""Where an answer may go: exact comparison, and an error page on our origin for everything else (RFC 9700 2.1,
contract).
"""

from __future__ import annotations

import pytest

from tests.security.rows import row
from tests.world.browser import Browser
from tests.world.world import Person, World

REGISTERED = "https://app.example.test/callback"
NEARLY = [
    "https://app.example.test/callback/",
    "https://app.example.test/callback/more",
    "https://app.example.test/callback?extra=1",
    "https://app.example.test/callback?",
    "https://app.example.test/callback#fragment",
    "https://app.example.test/callback#",
    "https://app.example.test/Callback",
    "https://APP.example.test/callback",
    "HTTPS://app.example.test/callback",
    "http://app.example.test/callback",
    "https://app.example.test:443/callback",
    "https://app.example.test:8443/callback",
    "https://app.example.test/",
    "https://app.example.test",
    "https://app.example.test/x/../callback",
    "https://app.example.test/callback/..",
    "https://app.example.test/callback/%2e%2e/admin",
    "https://app.example.test/callback..;/",
    "https://app.example.test/%63allback",
    "https://app.example.test.evil.test/callback",
    "https://evil.test/callback",
    "https://evil.test/https://app.example.test/callback",
    "https://app.example.test@evil.test/callback",
    "https://user:pass@app.example.test/callback",
    "https://app.example.test\\@evil.test/callback",
    "https://app.example.test\\.evil.test/callback",
    "https://app.example.test/callback\r\nLocation: https://evil.test",
    "https://app.example.test/callback\t",
    " https://app.example.test/callback",
    "https://app.example.test/callback ",
    "https://app.example.test\u3002/callback",
    "https://app\u2024example.test/callback",
    "//app.example.test/callback",
    "/callback",
    "javascript:alert(1)",
    "data:text/html,x",
    "vbscript:x",
    "https://*.example.test/callback",
    "https://127.0.0.1/callback",
]


@row("A1", "A2")
@pytest.mark.parametrize("uri", NEARLY)
def test_what_is_not_exactly_registered_stays_on_our_page(world: World, browser: Browser, uri: str) -> None:
    world.client(callbacks=[REGISTERED]).begin(browser, redirect_uri=uri)
    assert browser.left_for is None
    assert browser.status == 400
    assert browser.shown.texts["error-code"] == "invalid_request"
    assert "Callback URL mismatch" in browser.shown.texts["error-description"]
    assert browser.shown.texts["correlation-id"]


@pytest.mark.parametrize("uri", NEARLY)
def test_silent_requests_do_not_leave_either(world: World, browser: Browser, uri: str) -> None:
    world.client("spa", callbacks=[REGISTERED]).begin(
        browser, redirect_uri=uri, prompt="none", response_mode="web_message"
    )
    assert browser.left_for is None
    assert browser.status == 400
    assert "authorization_response" not in browser.shown.html


def test_a_missing_redirect_uri_is_an_error_even_with_one_registered(world: World, browser: Browser) -> None:
    world.client().begin(browser, redirect_uri=None)
    assert browser.status == 400
    assert browser.shown.texts["error-code"] == "invalid_request"


@pytest.mark.parametrize("given", ["http://127.0.0.1:51234/cb", "http://127.0.0.1/cb", "http://[::1]:9/cb"])
def test_a_native_application_may_use_any_loopback_port(
    world: World, browser: Browser, jane: Person, given: str
) -> None:
    app = world.client("native", callbacks=["http://127.0.0.1/cb", "http://[::1]:1/cb"])
    app.begin(browser, redirect_uri=given)
    browser.submit(username=jane.email, password=jane.password)
    assert browser.answer.url == given


@row("A1")
@pytest.mark.parametrize(
    ("kind", "given"),
    [
        ("native", "http://localhost:51234/cb"),
        ("native", "https://127.0.0.1:51234/cb"),
        ("native", "http://127.0.0.1:51234/other"),
        ("native", "http://127.0.0.1:51234/cb?x=1"),
        ("native", "http://127.0.0.2/cb"),
        ("web", "http://127.0.0.1:51234/cb"),
        ("spa", "http://127.0.0.1:51234/cb"),
    ],
)
def test_nothing_else_may_change_its_port(world: World, browser: Browser, kind: str, given: str) -> None:
    world.client(kind, callbacks=["http://127.0.0.1/cb"]).begin(browser, redirect_uri=given)
    assert browser.left_for is None
    assert browser.status == 400


def test_a_custom_scheme_of_an_application_on_a_device_is_fine(world: World, browser: Browser, jane: Person) -> None:
    app = world.client("native", callbacks=["com.example.app:/oauth/cb"])
    attempt = app.begin(browser)
    browser.submit(username=jane.email, password=jane.password)
    assert browser.left_for is not None
    assert browser.left_for.startswith("com.example.app:/oauth/cb?code=")
    assert attempt.tokens(browser.answer).id_claims["sub"] == jane.user_id


@pytest.mark.parametrize(
    ("given", "fits"),
    [
        ("https://one.example.test/cb", True),
        ("https://two.example.test/cb", True),
        ("https://example.test/cb", False),
        ("https://a.b.example.test/cb", False),
        ("https://one.example.test.evil.test/cb", False),
        ("https://evil.test/one.example.test/cb", False),
        ("http://one.example.test/cb", False),
        ("https://one.example.test:8443/cb", False),
        ("https://one.example.test/cb/more", False),
        ("https://one.example.test/cb?x=1", False),
        ("https://one@evil.example.test/cb", False),
        ("https://*.example.test/cb", False),
    ],
)
@pytest.mark.parametrize("switched", ["tenant", "client", "nowhere"])
def test_wildcard_callbacks_are_a_compatibility_switch(
    world: World, browser: Browser, given: str, fits: bool, switched: str
) -> None:
    if switched == "tenant":
        world.settings(compatibility={"callback_wildcards": True})
    own = {"compatibility": {"callback_wildcards": True}} if switched == "client" else {}
    world.client(callbacks=["https://*.example.test/cb"], **own).begin(browser, redirect_uri=given, prompt="none")
    assert (browser.left_for is not None) is (fits and switched != "nowhere")


def test_an_unknown_client_is_told_to_the_person(world: World, browser: Browser) -> None:
    world.client().begin(browser, client_id="no-such-client")
    assert browser.left_for is None
    assert browser.status == 400
    assert browser.shown.texts["error-code"] == "invalid_request"


def test_a_missing_client_is_told_to_the_person(world: World, browser: Browser) -> None:
    world.client().begin(browser, client_id=None)
    assert browser.status == 400


def test_errors_before_proof_may_go_to_the_tenants_own_page(world: World, browser: Browser) -> None:
    world.settings(error_page={"url": "https://status.example.test/oops?from=idp", "show_log_link": False})
    app = world.client()
    app.begin(browser, redirect_uri="https://evil.test/")
    assert browser.left_for is not None
    assert browser.left_for.startswith("https://status.example.test/oops?from=idp&")
    params = browser.answer.params
    assert params["client_id"] == app.client_id
    assert params["error"] == "invalid_request"
    assert "Callback URL mismatch" in params["error_description"]
    assert params["tracking"]
    assert "evil" not in browser.left_for
