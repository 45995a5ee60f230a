"""Group X: great, deep, many and odd things, and too many passwords at once. Slow clients and raw bytes:
``tests/processes/serving``.
"""

from __future__ import annotations

import random  # noqa: TID251 - repeatable nonsense, no secret
import threading
import time
from collections import Counter
from typing import Any

import pytest
from werkzeug.routing import Rule
from werkzeug.test import Client, TestResponse

from idp.directory.users import hasher as hashing
from idp.directory.users.hasher import Argon2Hasher
from idp.foundation.kernel.errors import Overloaded
from idp.processes.wsgi import application
from tests.security.rows import row
from tests.world.browser import Browser
from tests.world.world import Person, World

JSON = {"Content-Type": "application/json"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
METHODS = [
    "GET",
    "HEAD",
    "POST",
    "PUT",
    "PATCH",
    "DELETE",
    "OPTIONS",
    "TRACE",
    "CONNECT",
    "PROPFIND",
    "BREW",
    "G" * 500,
]
REQUESTS = 2_000
SCRAPS = [
    "",
    "x",
    "0",
    "-1",
    "1e999",
    "null",
    "true",
    "[]",
    "{}",
    "'",
    '"',
    "\\",
    "%00",
    "%ff",
    "../..",
    "a" * 2_000,
    "\u0000",
    "é",
    "\u202e",
    "𝒳",
    "\ud800",
    "' OR 1=1 --",
    "<script>",
    "{{7*7}}",
    "${x}",
    "http://169.254.169.254/",
    "javascript:alert(1)",
    "*",
    "auth0|",
    "openid",
    "code",
    "S256",
    "none",
    "2026-01-01T00:00:00Z",
    "9" * 40,
    "email:*",
    "((((",
    "NOT NOT",
    "a AND",
    "\r\nX: y",
    "\t",
    "=",
    "&",
    ";",
    "🙂",
]
NAMES = [
    "client_id",
    "redirect_uri",
    "state",
    "scope",
    "code",
    "token",
    "grant_type",
    "refresh_token",
    "page",
    "per_page",
    "q",
    "sort",
    "fields",
    "include_totals",
    "from",
    "take",
    "ticket",
    "prompt",
    "max_age",
    "id_token_hint",
    "login_hint",
    "username",
    "password",
    "email",
    "action",
    "audience",
    "ui_locales",
    "response_mode",
    "response_type",
    "code_challenge",
    "code_verifier",
    "connection",
    "user_id",
    "name",
    "returnTo",
    "post_logout_redirect_uri",
]


class Server:
    """The whole of what a web process answers with, edge included."""

    def __init__(self, world: World) -> None:
        self.client = Client(application(world.platform), TestResponse, use_cookies=False)
        self.base = world.issuer.rstrip("/")

    def __call__(self, method: str, path: str, data: Any = None, headers: Any = None, **more: Any) -> TestResponse:
        environ = {"REMOTE_ADDR": "198.51.100.7"}
        return self.client.open(
            path, method=method, base_url=self.base, data=data, headers=headers, environ_base=environ, **more
        )


@pytest.fixture
def server(world: World) -> Server:
    return Server(world)


@row("X1")
@pytest.mark.parametrize("path", ["/oauth/token", "/api/v2/users", "/u/login", "/authorize", "/nonsense"])
def test_a_body_over_a_megabyte_is_refused(server: Server, path: str) -> None:
    assert server("POST", path, b"x" * (1_048_576 + 1), FORM).status_code == 413


@row("X1")
@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")])
@pytest.mark.parametrize("path", ["/oauth/token", "/oauth/revoke", "/api/v2/users", "/api/v2/clients"])
def test_deep_json_is_refused(world: World, path: str, opening: str, closing: str) -> None:
    headers = {**JSON, "Authorization": f"Bearer {world.management().token}"}
    for depth in (100, 5_000, 50_000):
        body = (opening * depth + "1" + closing * depth).encode()
        assert world.send("POST", path, data=body, headers=headers).status_code in {400, 401}


@row("X1")
def test_documents_nest_as_deep_as_they_may(world: World, jane: Person) -> None:
    management = world.management()
    inner: Any = 1
    for _ in range(200):
        inner = {"a": inner}
    assert (
        management("PATCH", f"/users/{jane.user_id.replace('|', '%7C')}", {"user_metadata": inner}).status_code == 400
    )


@row("X3")
def test_many_of_everything_is_refused_or_ignored(world: World, server: Server) -> None:
    parts = "".join(f'--b\r\nContent-Disposition: form-data; name="a{n}"\r\n\r\nx\r\n' for n in range(5_000)) + "--b--"
    multipart = {"Content-Type": "multipart/form-data; boundary=b"}
    begun = time.monotonic()
    for path in ("/oauth/token", "/u/login", "/api/v2/users", "/authorize"):
        assert server("POST", path, parts.encode(), multipart).status_code in {400, 401, 403, 404, 413, 415}
        assert server("POST", path, b"&".join(b"a%d=1" % n for n in range(50_000)), FORM).status_code in {
            400,
            401,
            403,
            404,
            413,
        }
    assert server("GET", "/authorize?" + "&".join(f"a{n}=1" for n in range(1_500))).status_code in {400, 414}
    assert server("GET", "/u/login", headers={"Cookie": "; ".join(f"c{n}=x" for n in range(2_000))}).status_code < 500
    assert server("GET", "/userinfo", headers={"Authorization": "Bearer " + "a." * 20_000}).status_code == 401
    assert time.monotonic() - begun < 10


@row("X4")
def test_a_flood_of_passwords_waits_for_its_turn_and_then_is_sent_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hashing, "WAIT_S", 0.2)
    busy = Argon2Hasher(slots=1)
    stored = busy.hash("a long Passphrase 4")
    begun = time.monotonic()
    with busy._turns, pytest.raises(Overloaded):
        busy.verify(stored, "a long Passphrase 4")
    assert time.monotonic() - begun < 1
    assert busy.verify(stored, "a long Passphrase 4")


@row("X4")
def test_never_more_hashes_run_at_once_than_there_are_slots(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hashing, "WAIT_S", 60)
    flooded = Argon2Hasher(slots=2)
    stored = flooded.hash("x")
    running, most, lock = [0], [0], threading.Lock()
    real = flooded._argon2.verify

    class Watched:
        @staticmethod
        def verify(*arguments: Any) -> bool:
            with lock:
                running[0] += 1
                most[0] = max(most[0], running[0])
            time.sleep(0.01)
            try:
                return bool(real(*arguments))
            finally:
                with lock:
                    running[0] -= 1

    monkeypatch.setattr(flooded, "_argon2", Watched)
    threads = [threading.Thread(target=flooded.verify, args=(stored, "x")) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [2]


@row("X4")
def test_the_login_page_says_so_and_everything_else_goes_on(
    world: World, browser: Browser, jane: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    tokens = world.client().sign_in(world.browser(), jane)
    monkeypatch.setattr(hashing, "WAIT_S", 0.05)
    monkeypatch.setattr(hashing.hasher, "_turns", threading.BoundedSemaphore(1))
    world.client().begin(browser)
    with hashing.hasher._turns:
        browser.submit(username=jane.email, password=jane.password)
        assert browser.status == 503
        assert browser.response is not None
        assert int(browser.response.headers["Retry-After"]) > 0
        assert tokens.userinfo().status_code == 200
    world.client().begin(browser)
    browser.submit(username=jane.email, password=jane.password)
    assert browser.left_for is not None


@row("X6", "X8")
def test_nonsense_never_finds_a_defect(world: World, server: Server, jane: Person) -> None:
    chance = random.Random(20_261_121)
    app = world.client("spa")
    token = world.management().token
    scraps = [*SCRAPS, app.client_id, jane.user_id]
    statuses = Counter[int]()
    rules = sorted(
        {_path(rule, chance) for rule in world.app.url_map.iter_rules()} | {f"/api/v2{path}" for path in API_PATHS}
    )
    for number in range(REQUESTS):
        method, path, query, data, headers = _nonsense(chance, rules, token, scraps)
        answer = server(method, path, data, headers, query_string=query.decode("latin-1"))
        text = answer.get_data(as_text=True)
        assert answer.status_code < 500 or answer.status_code == 501, (number, method, path, query, data, headers, text)
        assert "Traceback" not in text
        statuses[answer.status_code] += 1
    assert len(statuses) >= 8, statuses
    assert statuses[404] < REQUESTS / 2


API_PATHS = [
    "/users",
    "/users/x",
    "/clients",
    "/connections",
    "/resource-servers",
    "/logs",
    "/sessions/x",
    "/grants",
    "/tickets/password-change",
    "/users-by-email",
    "/client-grants",
    "/keys/signing",
    "/tenants/settings",
    "/user-blocks",
    "/stats/daily",
    "/refresh-tokens",
    "/users/x/logs",
]


def _path(rule: Rule, chance: random.Random) -> str:
    return "".join(
        chance.choice(["x", "login", "..", "a" * 50]) if isdynamic else text
        for isdynamic, text in rule._trace
        if text != "|"
    )


def _nonsense(
    chance: random.Random, rules: list[str], token: str, scraps: list[str]
) -> tuple[str, str, bytes, bytes | None, dict[str, str]]:
    pairs = [(chance.choice(NAMES), chance.choice(scraps)) for _ in range(chance.randrange(6))]
    encoded = "&".join(f"{name}={value}" for name, value in pairs).encode("utf-8", "surrogatepass")
    raw = bytes(chance.randrange(256) for _ in range(chance.randrange(80)))
    headers = {"Cookie": f"auth0={chance.choice(['x', 'a.b', token])}; did=x"}
    if chance.random() < 0.5:
        headers["Authorization"] = chance.choice(
            [f"Bearer {token}", "Bearer x", "Basic !!!", "Basic eDp5", "Basic", "Digest x"]
        )
    headers["Content-Type"] = chance.choice(
        [
            "application/json",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=x",
            "multipart/form-data",
            "text/plain",
            "",
            "application/json; charset=utf-7",
        ]
    )
    method = chance.choice(["GET", "GET", "POST", "POST", "PATCH", "PUT", "DELETE", "OPTIONS"])
    body = chance.choice(
        [encoded, raw, b"{}", b"[", b'{"name":' + repr(dict(pairs)).encode("utf-8", "backslashreplace") + b"}", None]
    )
    return (
        method,
        chance.choice(rules),
        chance.choice([encoded, raw, b""]).replace(b"#", b""),
        body if method != "GET" else None,
        headers,
    )


@row("X7")
@pytest.mark.parametrize("method", METHODS)
def test_odd_methods_are_not_allowed(world: World, method: str) -> None:
    for path in (
        "/authorize",
        "/oauth/token",
        "/userinfo",
        "/u/login",
        "/oidc/logout",
        "/api/v2/users",
        "/healthz",
        "/nonsense",
        "/.well-known/jwks.json",
    ):
        status = world.send(method, path).status_code
        assert status < 500
        if method not in {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}:
            assert status in {400, 404, 405}, (method, path, status)


@row("X7")
@pytest.mark.parametrize(
    "path",
    [
        "/..%2f..%2fetc/passwd",
        "/%2Fevil.test/",
        "/%2e%2e/",
        "/u/../api/v2/users",
        "/authorize/",
        "/oauth//token",
        "/./authorize",
        "/AUTHORIZE",
        "/authorize;x=y",
        "/authorize%00",
        "/static/../idp/app.py",
        "/static/..%2f..%2fpyproject.toml",
        "/static/%2e%2e/%2e%2e/pyproject.toml",
        "/u/" + "a" * 1_500,
        "/\\evil.test",
        "/api/v2/../../authorize",
        "/@evil.test",
        "/healthz/x",
    ],
)
def test_odd_paths_lead_nowhere(server: Server, path: str) -> None:
    answer = server("GET", path)
    assert answer.status_code in {400, 401, 404, 405, 414}, answer.headers
    assert "[project]" not in answer.get_data(as_text=True)
