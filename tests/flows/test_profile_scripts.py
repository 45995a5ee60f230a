"""Profiles that scripts of the tenant's own fetch (``fetchUserProfile``), run for real against a provider on loopback,
in the contract of Auth0.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import pytest

from idp.directory.connections import service as connections
from tests.connectors.oauth1 import OAuth1Server
from tests.security.rows import row
from tests.world.application import Application
from tests.world.browser import Browser
from tests.world.directory import listening
from tests.world.fixtures import on_both_stores
from tests.world.sources import logged
from tests.world.world import World

PERSON = {"account": {"uuid": "u-7"}, "mail": "ada@source.example", "plan": "gold", "secret_note": "x"}
FETCH = """function (accessToken, ctx, cb) {
  request.get({
    url: ctx.home + '/me',
    headers: { 'Authorization': 'Bearer ' + accessToken },
  }, (err, resp, body) => {
    if (err) return cb(err);
    if (resp.statusCode !== 200) return cb(new Error('StatusCode: ' + resp.statusCode));
    const said = JSON.parse(body);
    cb(null, { user_id: said.account.uuid, email: said.mail, email_verified: true, name: 'Ada L.', plan: said.plan,
      app_metadata: { admin: true }, blocked: true, access_token: accessToken });
  });
}"""
FETCH_OLD = """function (token, tokenSecret, ctx, cb) {
  var OAuth = new require('oauth').OAuth;
  var oauth = new OAuth(ctx.requestTokenURL, ctx.accessTokenURL, ctx.client_id, ctx.client_secret, '1.0', null,
    'HMAC-SHA1');
  var me = ctx.accessTokenURL.replace('/access', '/old') + '?id=' + ctx.user_id + '&q=a%20b';
  oauth.get(me, token, tokenSecret, function (e, b, r) {
    if (e) return cb(e);
    if (r.statusCode !== 200) return cb(new Error('StatusCode: ' + r.statusCode));
    cb(null, JSON.parse(b));
  });
}"""


class Provider:
    """Speaks OAuth 2.0 and 1.0a."""

    def __init__(self) -> None:
        self.url = ""
        self.old: OAuth1Server | None = None
        self.calls: list[str] = []
        self.person: Any = PERSON

    def opened(self, url: str) -> None:
        self.url = url
        told = {"user_id": "77"}
        self.old = OAuth1Server("the-client", "the secret", f"{url}/request", f"{url}/access", told=told)
        self.old.profiles = {f"{url}/old": {"id": 77, "name": "Old Ada"}}

    def answer(self, method: str, path: str, headers: Any, body: str) -> tuple[int, bytes, str]:
        self.calls.append(path.partition("?")[0])
        assert self.old is not None
        if path == "/token":
            said = {"access_token": "T0ken", "token_type": "Bearer", "home": self.url, "id_token": "an.id.token"}
            return 200, json.dumps(said).encode(), "application/json"
        if path == "/me":
            fine = headers.get("Authorization") == "Bearer T0ken"
            return 200 if fine else 401, json.dumps(self.person).encode(), "application/json"
        form = dict(parse_qsl(body))
        signed = {"Authorization": headers.get("Authorization", "")}
        found = self.old.answer(method, f"{self.url}{path}", form, signed)
        return (found.status, found.body, "text/plain") if found else (404, b"", "text/plain")


@pytest.fixture
def provider() -> Iterator[Provider]:
    """It answers meanwhile."""
    known = Provider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._say("GET", "")

        def do_POST(self) -> None:
            self._say("POST", self.rfile.read(int(self.headers.get("Content-Length", 0))).decode())

        def _say(self, method: str, body: str) -> None:
            status, data, kind = known.answer(method, self.path, self.headers, body)
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name of the base class
            pass

    with listening(Handler) as url:
        known.opened(url)
        yield known


@pytest.fixture
def app(world: World) -> Application:
    """The application people sign in to."""
    return world.client()


def connect(world: World, app: Application, provider: Provider, script: str | None, **more: Any) -> None:
    """A custom social connection to it."""
    options = {
        "client_id": "the-client",
        "client_secret": "the secret",
        "authorizationURL": f"{provider.url}/authorize",
        "tokenURL": f"{provider.url}/token",
        "scripts": {"fetchUserProfile": script} if script else None,
        **more,
    }
    members = {"name": "club", "strategy": "oauth2", "options": options, "enabled_clients": [app.client_id]}
    with world.writing() as work:
        connections.create(work, members)


def come_back(browser: Browser, **more: str) -> None:
    state = parse_qs(urlsplit(str(browser.left_for)).query)["state"][0]
    browser.open(f"/login/callback?{urlencode({'state': state, 'code': 'c0de', **more})}", site="cross-site")


@on_both_stores
def test_the_script_brings_the_profile(world: World, browser: Browser, app: Application, provider: Provider) -> None:
    connect(world, app, provider, FETCH)
    attempt = app.begin(browser, connection="club")
    come_back(browser)
    claims = attempt.tokens(browser.answer).id_claims
    assert claims["sub"] == "oauth2|club|u-7"
    assert (claims["email"], claims["email_verified"], claims["name"]) == ("ada@source.example", True, "Ada L.")
    stored = world.caller().get("/users/oauth2%7Cclub%7Cu-7").json or {}
    assert stored["plan"] == "gold", "attributes of its own stand in the profile"
    assert "app_metadata" not in stored, "what is ours is not a source's to say"
    assert not stored.get("blocked")
    assert "T0ken" not in str({name: value for name, value in stored.items() if name != "identities"})
    assert provider.calls == ["/token", "/me"]

    provider.person = {**PERSON, "plan": "silver"}
    app.begin(browser, connection="club", prompt="login")
    come_back(browser)
    assert (world.caller().get("/users/oauth2%7Cclub%7Cu-7").json or {})["plan"] == "silver", "it follows each login"


def test_a_script_comes_before_the_address_of_a_profile(
    world: World, browser: Browser, app: Application, provider: Provider
) -> None:
    script = "async (token, ctx, cb) => cb(null, { id: 12, nickname: ctx.id_token })"
    connect(world, app, provider, script, userinfo_endpoint=f"{provider.url}/me")
    attempt = app.begin(browser, connection="club")
    come_back(browser)
    claims = attempt.tokens(browser.answer).id_claims
    assert (claims["sub"], claims["nickname"]) == ("oauth2|club|12", "an.id.token"), "what came with the token is told"
    assert provider.calls == ["/token"]


@row("CO11")
@pytest.mark.parametrize(
    ("script", "why"),
    [
        ("function (t, c, cb) { cb(new Error('no such person')) }", "Error: no such person"),
        ("function (t, c, cb) { throw new TypeError('oh') }", "TypeError: oh"),
        ("function (t, c, cb) { cb(null) }", "no profile"),
        ("function (t, c, cb) { cb(null, 'jane') }", "no profile"),
        ("function (t, c, cb) { cb(null, { email: 'a@b.example' }) }", "no id"),
        ("function (t, c, cb) { }", "silent"),
        ("function (t, c, cb) { const a = []; for (;;) a.push(new Array(1e6).fill(0)); }", "memory"),
        ("function (t, c, cb) { cb(null, require('fs')) }", "Cannot find module 'fs'"),
        ("function (t, c, cb) { request.get('http://192.0.2.1/', (e) => cb(e)) }", "script fetchUserProfile"),
        ("this is no script", "SyntaxError"),
    ],
)
def test_a_script_that_brings_nobody_lets_nobody_in(
    world: World, browser: Browser, app: Application, provider: Provider, script: str, why: str
) -> None:
    connect(world, app, provider, script)
    app.begin(browser, connection="club")
    come_back(browser)
    assert browser.answer.params["error"] == "access_denied"
    assert why not in browser.answer.params["error_description"] or why == "no id"
    entry = next(each for each in logged(world, "f") if "detail" in each.get("details", {}))
    assert why in entry["details"]["detail"], entry["details"]
    assert "T0ken" not in str(entry)


def test_words_for_people_are_told_to_them(
    world: World, browser: Browser, app: Application, provider: Provider
) -> None:
    connect(world, app, provider, "(t, c, cb) => cb(new UnauthorizedError('Members only.'))")
    app.begin(browser, connection="club")
    come_back(browser)
    assert browser.answer.params["error_description"] == "Members only."


def test_the_scripts_address_ends_the_session_there(
    world: World, browser: Browser, app: Application, provider: Provider
) -> None:
    script = "(query, cb) => cb(null, 'https://club.example/out?to=' + encodeURIComponent(query.returnTo))"
    scripts = {"fetchUserProfile": FETCH, "getLogoutUrl": script}
    connect(world, app, provider, None, scripts=scripts)
    app.begin(browser, connection="club")
    come_back(browser)
    browser.open(f"/v2/logout?client_id={app.client_id}&federated")
    assert str(browser.left_for).startswith("https://club.example/out?to=http"), browser.left_for


@pytest.mark.parametrize("gives", ["new Error('no idea')", "null, 'javascript:1'"])
def test_a_script_that_knows_no_address_ends_our_own_session_and_stands_in_the_log(
    world: World, browser: Browser, app: Application, provider: Provider, gives: str
) -> None:
    scripts = {"fetchUserProfile": FETCH, "getLogoutUrl": f"(query, cb) => cb({gives})"}
    connect(world, app, provider, None, scripts=scripts)
    app.begin(browser, connection="club")
    come_back(browser)
    browser.open(f"/v2/logout?client_id={app.client_id}&federated")
    app.begin(browser, prompt="none")
    assert browser.answer.error == "login_required"
    (entry,) = world.logs("flo")
    assert "getLogoutUrl" in entry.data["details"]["detail"]


@on_both_stores
def test_the_old_protocol_and_its_script(world: World, browser: Browser, app: Application, provider: Provider) -> None:
    assert provider.old is not None
    options = {
        "client_id": "the-client",
        "client_secret": "the secret",
        "requestTokenURL": f"{provider.url}/request",
        "userAuthorizationURL": f"{provider.url}/authorize",
        "accessTokenURL": f"{provider.url}/access",
        "scripts": {"fetchUserProfile": FETCH_OLD},
    }
    members = {"name": "old", "strategy": "oauth1", "options": options, "enabled_clients": [app.client_id]}
    with world.writing() as work:
        connections.create(work, members)
    attempt = app.begin(browser, connection="old")
    back = provider.old.agreed(str(browser.left_for))
    browser.open(f"/login/callback?{urlencode(back)}", site="cross-site")
    assert "code" in browser.answer.params, (logged(world, "f"), provider.old.refused)
    claims = attempt.tokens(browser.answer).id_claims
    assert (claims["sub"], claims["name"]) == ("oauth1|old|77", "Old Ada")
    assert provider.old.refused == []
    api = world.caller("read:users read:user_idp_tokens")
    (identity,) = (api.get("/users/oauth1%7Cold%7C77").json or {})["identities"]
    assert (identity["access_token"], identity["access_token_secret"]) == ("up-access-token", "up-token-secret")
    (identity,) = (world.caller("read:users").get("/users/oauth1%7Cold%7C77").json or {})["identities"]
    assert "access_token_secret" not in identity
