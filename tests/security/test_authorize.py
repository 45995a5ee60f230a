"""Group A: what can be done to an authorization request."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from tests.security.rows import row
from tests.world.browser import Browser
from tests.world.fixtures import Clock
from tests.world.world import Person, World

SCRIPT = "\"'><script>alert(1)</script>{{7411*7411*7411}}"
TEXTS = [
    "login_hint",
    "ui_locales",
    "state",
    "scope",
    "nonce",
    "acr_values",
    "screen_hint",
    "prompt",
    "claims",
    "audience",
    "connection",
    "response_mode",
    "response_type",
    "max_age",
    "id_token_hint",
    "client_id",
    "redirect_uri",
    "code_challenge",
    "ext-x",
]


@row("A3")
@pytest.mark.parametrize(
    "params",
    [
        {"response_type": "nonsense"},
        {"scope": '"'},
        {"response_mode": "x"},
        {"prompt": "none login"},
        {"code_challenge": "x"},
        {"request": "x"},
        {"claims": "{"},
    ],
)
def test_no_error_is_redirected_before_the_address_is_proven(
    world: World, browser: Browser, params: dict[str, str]
) -> None:
    app = world.client()
    for unproven in ({"redirect_uri": "https://evil.test/"}, {"client_id": "unknown"}):
        app.begin(browser, **{**params, **unproven})
        assert browser.left_for is None
        assert browser.status == 400


@row("A5")
@pytest.mark.parametrize(
    "response_type", ["token", "id_token", "id_token token", "code token", "code id_token", "code id_token token"]
)
def test_no_token_travels_in_an_address_unless_the_client_is_set_to_it(
    world: World, browser: Browser, jane: Person, response_type: str
) -> None:
    app = world.client("spa")
    app.sign_in(browser, jane)
    app.begin(browser, response_type=response_type)
    assert browser.answer.error == "unauthorized_client"
    assert {"access_token", "id_token", "code"}.isdisjoint(browser.answer.params)


@row("A6")
@pytest.mark.parametrize(
    "params", [{}, {"max_age": "0"}, {"id_token_hint": ""}, {"screen_hint": "signup"}, {"login_hint": "x"}]
)
def test_prompt_none_neither_shows_nor_begins_anything(world: World, browser: Browser, params: dict[str, str]) -> None:
    world.client().begin(browser, prompt="none", **params)
    assert browser.answer.error == "login_required"
    assert browser.jar.kept == {}


@row("A9", "T1")
@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("mode", ["query", "form_post", "web_message"])
def test_a_parameter_never_becomes_markup(world: World, browser: Browser, jane: Person, name: str, mode: str) -> None:
    app = world.client("spa")
    for prompt in (None, "none"):
        app.begin(browser, **{"response_mode": mode, "prompt": prompt, name: SCRIPT})
        assert browser.response is not None
        html = browser.response.get_data(as_text=True)
        assert "<script>alert(1)" not in html
        assert "407033767531" not in html, "no template is run"
    app.begin(browser, login_hint=SCRIPT)
    if browser.left_for is None:
        browser.submit(username=SCRIPT, password="x")
        assert browser.shown.form("username").fields["username"] == SCRIPT
        assert "<script>alert(1)" not in browser.shown.html


@row("A10", "T2", "A18", "H9")
@pytest.mark.parametrize(
    "path",
    [
        "/authorize",
        "/u/login",
        "/u/signup",
        "/u/reset-password/request",
        "/oidc/logout",
        "/u/reset-verify",
        "/account",
        "/v2/logout",
        "/u/unblock",
        "/u/email-verification",
        "/nonsense",
        "/authorize?client_id=x",
    ],
)
def test_pages_cannot_be_framed_cached_sniffed_or_leak_their_address(world: World, browser: Browser, path: str) -> None:
    browser.open(world.client().attempt().url if path == "/authorize" else path)
    assert browser.response is not None
    headers = browser.response.headers
    policy = dict(part.strip().partition(" ")[::2] for part in headers["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["frame-ancestors"] == "'none'"
    assert policy["base-uri"] == "'none'"
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert policy["script-src"].startswith("'self' 'nonce-")
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "no-store"
    assert "Cookie" in headers["Vary"]
    assert headers["Strict-Transport-Security"].startswith("max-age=")


@row("T2")
def test_nonces_are_fresh_for_every_answer(world: World, browser: Browser) -> None:
    policies = {world.get("/u/login").headers["Content-Security-Policy"] for _ in range(5)}
    assert len(policies) == 5


@row("A11")
def test_no_redirect_repeats_a_posted_body(world: World, browser: Browser, jane: Person) -> None:
    world.client().begin(browser)
    form = browser.shown.form("username")
    fields = {**form.fields, "username": jane.email, "password": jane.password, **form.button(None)}
    browser.request("POST", form.action, form=fields, site="same-origin")
    assert browser.status == 303
    browser.open(browser.response.headers["Location"] if browser.response else "")
    assert browser.status == 303
    posted = world.client().attempt()
    browser.request("POST", f"{world.issuer}authorize", form=posted.params, site="cross-site")
    assert browser.status == 303


@row("A12")
@pytest.mark.parametrize("name", ["request", "request_uri"])
def test_unsigned_and_unregistered_request_objects_are_refused_and_nothing_is_fetched(
    world: World, browser: Browser, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr("socket.socket.connect", lambda *_: pytest.fail("something was fetched"))
    value = (
        "eyJhbGciOiJub25lIn0.eyJyZWRpcmVjdF91cmkiOiJodHRwczovL2V2aWwudGVzdC8ifQ."
        if name == "request"
        else "http://169.254.169.254/"
    )
    world.client().begin(browser, **{name: value})
    assert browser.answer.error == {"request": "invalid_request_object", "request_uri": "invalid_request_uri"}[name]
    document = world.get("/.well-known/openid-configuration").get_json()
    assert "none" not in document["request_object_signing_alg_values_supported"]


@row("A14")
def test_a_connection_counts_only_while_it_is_enabled_for_the_client(
    world: World, browser: Browser, jane: Person
) -> None:
    app, other = world.client(), world.client()
    staff = world.connection("staff", [other.client_id])
    app.begin(browser, connection="staff")
    assert browser.answer.error == "invalid_request"
    app.begin(browser)
    world.enable_connection(world.connection_id, other.client_id)
    browser.submit(username=jane.email, password=jane.password)
    assert browser.left_for is None
    assert browser.status == 400
    other.sign_in(browser, jane)
    app.begin(browser, prompt="none")
    assert browser.answer.error == "login_required"
    world.enable_connection(staff)


@row("A14")
def test_a_connection_taken_away_between_login_and_code_gives_none(
    world: World, browser: Browser, jane: Person
) -> None:
    app = world.client(is_first_party=False)
    app.begin(browser)
    browser.submit(username=jane.email, password=jane.password)
    assert browser.path == "/u/consent"
    world.enable_connection(world.connection_id)
    browser.submit("consent-accept")
    assert browser.answer.error == "login_required"
    assert "code" not in browser.answer.params


@row("A14")
def test_with_a_named_connection_only_its_people_get_in(world: World, browser: Browser, jane: Person) -> None:
    app = world.client()
    staff = world.connection("staff", [app.client_id])
    worker = world.user("worker@example.com", connection_id=staff)
    app.sign_in(browser, jane)
    attempt = app.begin(browser, connection="staff")
    assert browser.path == "/u/login"
    browser.submit(username=jane.email, password=jane.password)
    assert browser.status == 400
    browser.submit(username=worker.email, password=worker.password)
    assert attempt.tokens(browser.answer).id_claims["sub"] == worker.user_id


@row("A16", "X8")
@pytest.mark.parametrize(
    "raw",
    ["%", "%%", "%zz", "%ff", "%c0%af", "%ed%a0%80", "%00", "&&&&", "=", "=x", "a[]=1&a[b]=2", "\xff\xfe", "+" * 3000],
)
@pytest.mark.parametrize(
    "path", ["/authorize", "/u/login", "/oidc/logout", "/v2/logout", "/u/reset-verify", "/account", "/login"]
)
def test_malformed_text_is_refused_and_never_a_defect(world: World, browser: Browser, path: str, raw: str) -> None:
    for query in (raw, f"state={raw}", f"client_id={raw}&ticket={raw}&ui_locales={raw}"):
        response = browser.request("GET", f"{world.issuer.rstrip('/')}{path}?{query}")
        assert response.status_code < 500
        assert "Traceback" not in response.get_data(as_text=True)


@row("A18")
def test_nothing_of_an_answer_is_in_a_page_of_ours(world: World, browser: Browser, jane: Person, clock: Clock) -> None:
    app = world.client()
    attempt = app.begin(browser)
    browser.submit(username=jane.email, password=jane.password)
    answer = browser.answer
    clock.forward(seconds=61)
    assert attempt.redeem(answer).get_json()["error"] == "invalid_grant"


@row("Q1", "Q2")
@pytest.mark.parametrize(
    "headers",
    [
        {"X-Forwarded-Host": "evil.test"},
        {"X-Forwarded-Server": "evil.test"},
        {"Forwarded": "host=evil.test;proto=http"},
        {"X-Host": "evil.test"},
        {"X-Original-URL": "/admin"},
        {"X-Forwarded-Proto": "http"},
    ],
)
def test_headers_of_the_request_never_end_up_in_links(
    world: World, browser: Browser, jane: Person, headers: dict[str, str]
) -> None:
    world.client().begin(browser, screen_hint="reset-password")
    form = browser.shown.form("username")
    browser.request(
        "POST",
        form.action,
        form={**form.fields, "username": jane.email, "action": "default"},
        site="same-origin",
        headers=headers,
    )
    assert browser.status == 303
    assert "evil" not in browser.response.headers["Location"] if browser.response else False
    for mail in world.mails():
        assert all(link.startswith(world.issuer) for link in mail.links), mail.links
        assert "evil" not in mail.text + mail.html
    assert "evil" not in world.get("/.well-known/openid-configuration", headers=headers).get_data(as_text=True)
    assert "evil" not in world.get("/v2/logout", headers=headers).get_data(as_text=True)


@row("Q1")
@pytest.mark.parametrize(
    "host",
    [
        "evil.test",
        "id.example.test.evil.test",
        "id.example.test:8443",
        "",
        "localhost.evil.test",
        "id.example.test@evil.test",
        "[::1",
    ],
)
@pytest.mark.parametrize(
    "path", ["/u/login", "/.well-known/openid-configuration", "/authorize", "/oauth/token", "/api/v2/users"]
)
def test_a_host_of_no_tenant_is_not_found(world: World, host: str, path: str) -> None:
    response = world.send("GET", path, headers={"Host": host})
    assert response.status_code in {400, 404, 405}
    assert quote(host) == "" or host not in response.get_data(as_text=True)


@row("Q3")
@pytest.mark.parametrize(
    "typed",
    [
        "jane@example.com\nBcc: evil@evil.test",
        "jane@example.com,evil@evil.test",
        "jane@example.com\x00evil",
        "Jane <jane@example.com>",
        "jane@exampl\u0435.com",
        "jane@example.com%0aBcc:evil@evil.test",
    ],
)
def test_a_reset_mail_has_one_recipient_and_it_is_the_stored_one(
    world: World, browser: Browser, jane: Person, typed: str
) -> None:
    world.client().begin(browser, screen_hint="reset-password")
    browser.submit(username=typed)
    assert {mail.to for mail in world.mails()} <= {jane.email}
