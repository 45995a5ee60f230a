"""Whatever the thin edge answers, Flask answers the same: status, headers and body, right and wrong calls alike.

``GATEHOUSE_TEST_EDGE=flask`` runs every other test without the thin edge.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from werkzeug.test import Client, TestResponse

from idp.foundation.kernel.errors import Overloaded
from idp.operations.health.metrics import counters
from idp.protocol.oauth import token
from tests.world.application import Application, Tokens
from tests.world.browser import Browser
from tests.world.world import API, Person, World

FORM = "application/x-www-form-urlencoded"
ISSUED = frozenset({"access_token", "id_token", "refresh_token"})
"""New with every answer."""


@dataclass
class Edges:
    """The same process behind both edges."""

    world: World
    thin: Any = field(init=False)
    flask: Any = field(init=False)

    def __post_init__(self) -> None:
        self.thin = self.world.behind(thin=True)
        self.flask = self.world.behind(thin=False)

    @property
    def both(self) -> list[Any]:
        """The thin edge first."""
        return [self.thin, self.flask]

    def ask(self, method: str, path: str, **options: Any) -> TestResponse:
        """Both answers, compared; the thin edge's own."""
        answers = [self._one(app, method, path, **options) for app in self.both]
        thin, flask = ((a.status_code, _headers(a), _body(a)) for a in answers)
        assert thin == flask
        return answers[0]

    def _one(self, app: Any, method: str, path: str, cookie: str | None = None, **options: Any) -> TestResponse:
        client = Client(app, use_cookies=False)
        headers = {**options.pop("headers", {}), **({"Cookie": cookie} if cookie else {})}
        base = self.world.issuer.rstrip("/")
        return client.open(path, method=method, base_url=base, headers=headers, **options)


def _headers(answer: TestResponse) -> dict[str, str]:
    return {name: value for name, value in answer.headers.items() if name not in {"Content-Length", "Location"}}


def _body(answer: TestResponse) -> Any:
    told = answer.get_json(silent=True)
    if not isinstance(told, Mapping):
        return answer.get_data()
    return {name: type(value) if name in ISSUED else value for name, value in told.items()}


@pytest.fixture
def edges(world: World) -> Edges:
    return Edges(world)


@pytest.fixture
def app(world: World) -> Application:
    return world.client(web_origins=["https://spa.example"])


@pytest.fixture
def machine(world: World) -> Application:
    made = world.client("m2m")
    world.grant(made.client_id, world.api(), "read:things")
    return made


@pytest.fixture
def tokens(app: Application, browser: Browser, jane: Person) -> Tokens:
    return app.sign_in(browser, jane, scope="openid profile email offline_access")


def _secret(app: Application) -> dict[str, str]:
    return {"client_id": app.client_id, "client_secret": app.secret or ""}


def _basic(app: Application, secret: str | None = None) -> dict[str, str]:
    pair = f"{app.client_id}:{secret or app.secret}".encode()
    return {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}


def test_tokens_of_a_machine(edges: Edges, machine: Application) -> None:
    asked = {"grant_type": "client_credentials", "audience": API}
    assert edges.ask("POST", "/oauth/token", data={**asked, **_secret(machine)}).status_code == 200
    assert edges.ask("POST", "/oauth/token", json={**asked, **_secret(machine)}).status_code == 200


@pytest.mark.parametrize(
    "call",
    [
        {"data": {"grant_type": "client_credentials"}},
        {"data": {"grant_type": "client_credentials", "client_id": "nobody", "client_secret": "x"}},
        {"data": {"grant_type": "client_credentials"}, "headers": {"Authorization": "Basic broken"}},
        {"data": {"grant_type": "client_credentials"}, "headers": {"Authorization": "Basic bm9ib2R5Ong="}},
        {"data": {"grant_type": "tea"}},
        {"data": {}},
        {"data": "grant_type=a&grant_type=b", "content_type": FORM},
        {"data": b"grant_type=\xff\xfe", "content_type": FORM},
        {"data": "grant_type=%00", "content_type": FORM},
        {"data": "{", "content_type": "application/json"},
        {"data": '{"a": 1, "a": 2}', "content_type": "application/json; charset=utf-8"},
        {"data": "<a/>", "content_type": "text/xml"},
        {"data": "x" * (1024 * 1024 + 1), "content_type": FORM},
        {"data": {}, "query_string": "client_secret=x"},
        {"data": {}, "query_string": "unknown=%ff"},
        {"data": {}, "headers": {"Origin": "https://elsewhere.example"}},
    ],
)
@pytest.mark.parametrize("path", ["/oauth/token", "/oauth/introspect", "/oauth/revoke"])
def test_calls_that_are_refused(edges: Edges, path: str, call: dict[str, Any]) -> None:
    assert 400 <= edges.ask("POST", path, **call).status_code < 500


@pytest.mark.parametrize("path", ["/oauth/token", "/oauth/introspect", "/oauth/revoke", "/userinfo", "/oauth/tokens"])
@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "OPTIONS", "DELETE", "PATCH"])
def test_every_method(edges: Edges, path: str, method: str) -> None:
    edges.ask(method, path)
    edges.ask(method, path, headers={"Origin": "https://spa.example"})


def test_who_somebody_is(edges: Edges, tokens: Tokens, jane: Person) -> None:
    bearer = {"Authorization": f"Bearer {tokens.access_token}"}
    told = edges.ask("GET", "/userinfo", headers=bearer)
    assert (told.status_code, told.get_json()["email"]) == (200, jane.email)
    assert edges.ask("POST", "/userinfo", data={"access_token": tokens.access_token}).status_code == 200
    both = edges.ask("POST", "/userinfo", data={"access_token": tokens.access_token}, headers=bearer)
    assert both.status_code == 400
    for wrong in ({"Authorization": "Bearer nothing"}, {"Authorization": "Bearer a.b.c"}, {}):
        refused = edges.ask("GET", "/userinfo", headers=wrong)
        assert (refused.status_code, "WWW-Authenticate" in refused.headers) == (401, True)


def test_browsers_of_other_origins(edges: Edges, tokens: Tokens) -> None:
    bearer = {"Authorization": f"Bearer {tokens.access_token}"}
    for origin in ("https://spa.example", "https://elsewhere.example"):
        told = edges.ask("GET", "/userinfo", headers={**bearer, "Origin": origin})
        assert told.headers.get("Access-Control-Allow-Origin") == (origin if "spa" in origin else None)


def test_introspection_and_revocation(edges: Edges, tokens: Tokens, app: Application) -> None:
    for value in (tokens.access_token, tokens.refresh_token, tokens.id_token, "nothing"):
        edges.ask("POST", "/oauth/introspect", data={"token": value, **_secret(app)})
        edges.ask("POST", "/oauth/introspect", data={"token": value}, headers=_basic(app, "wrong"))
    gone = edges.ask("POST", "/oauth/revoke", data={"token": tokens.access_token, **_secret(app)})
    assert (gone.status_code, gone.get_data()) == (200, b"")


def test_refreshing_in_vain(edges: Edges, tokens: Tokens, app: Application) -> None:
    asked = {"grant_type": "refresh_token", "refresh_token": "nothing", **_secret(app)}
    assert edges.ask("POST", "/oauth/token", data=asked).status_code == 400


def _signed_in(browser: Browser) -> str:
    return browser.jar.header(browser.world.issuer + "authorize", cross_site=True, top_level_get=True)


REQUESTS: list[dict[str, str | None]] = [
    *({"response_mode": mode} for mode in (None, "query", "fragment", "form_post", "web_message", "odd")),
    {"prompt": "none"},
    {"prompt": "none", "response_mode": "web_message"},
    {"prompt": "login"},
    {"prompt": "tea"},
    {"client_id": "nobody"},
    {"client_id": None},
    {"redirect_uri": "https://elsewhere.example/"},
    {"response_type": "tea"},
    {"code_challenge": "short"},
    {"request": "a.b.c"},
    {"max_age": "-1"},
    {"max_age": "0"},
    {"scope": "tea"},
    {"audience": "urn:nothing"},
    {"state": "x" * 3_000},
]


@pytest.mark.parametrize("changes", REQUESTS)
@pytest.mark.parametrize("signed_in", [True, False])
def test_authorizing(
    edges: Edges, app: Application, browser: Browser, tokens: Tokens, signed_in: bool, changes: dict[str, str | None]
) -> None:
    """Pages, errors and codes: the same, but for what is new each time."""
    cookie = _signed_in(browser) if signed_in else None
    query = app.attempt(**changes).params
    answers = [edges._one(each, "GET", "/authorize", cookie=cookie, query_string=query) for each in edges.both]
    thin, flask = ((a.status_code, sorted(_headers(a)), _place(a)) for a in answers)
    assert thin == flask


def _place(answer: TestResponse) -> str:
    """Where a redirect leads, without codes and states of ours."""
    return re.sub(r"(code|state)=[^&]{20,}", "", answer.headers.get("Location", ""))


def test_who_is_signed_in_needs_no_flask(
    edges: Edges, app: Application, browser: Browser, tokens: Tokens, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(edges.thin, "request_context", lambda _environ: pytest.fail("Flask was entered"))
    told = edges._one(
        edges.thin, "GET", "/authorize", cookie=_signed_in(browser), query_string=app.attempt(prompt="none").params
    )
    assert "code=" in told.headers["Location"]


@pytest.mark.parametrize("begins", ["thin", "flask"])
def test_a_sign_in_that_one_edge_began_goes_on_with_the_other(
    world: World, edges: Edges, app: Application, jane: Person, begins: str
) -> None:
    browser, attempt = world.browser(), app.attempt()
    world.app = getattr(edges, begins)
    browser.open(attempt.url, site="cross-site")
    world.app = edges.flask if begins == "thin" else edges.thin
    browser.submit(username=jane.email, password=jane.password)
    assert attempt.tokens(browser.answer).id_claims["sub"] == jane.user_id


def test_a_sign_in_enters_flask_for_its_pages_alone(
    world: World, edges: Edges, app: Application, jane: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    entered: list[str] = []
    context = edges.thin.request_context

    def noted(environ: dict[str, Any]) -> Any:
        entered.append(environ["PATH_INFO"])
        return context(environ)

    monkeypatch.setattr(edges.thin, "request_context", noted)
    world.app = edges.thin
    app.sign_in(world.browser(), jane)
    assert entered == ["/u/login", "/u/login"]


def test_an_attempt_of_another_browser_is_nobodys_on_the_way_back(
    world: World, edges: Edges, app: Application, jane: Person
) -> None:
    """Both edges, also for a browser whose id is none of ours (security.md H6)."""
    browser = world.browser()
    browser.open(app.attempt().url, site="cross-site")
    state = browser.shown.form().fields["state"]
    for cookie in (None, "__Host-did=" + "x" * 43, "__Host-did=" + "\xe9" * 43):
        for each in edges.both:
            told = edges._one(each, "GET", "/authorize/resume", query_string={"state": state}, cookie=cookie)
            assert told.status_code == 400


def test_cookies_of_others_in_another_encoding_change_nothing(
    edges: Edges, app: Application, browser: Browser, tokens: Tokens, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(edges.thin, "request_context", lambda _environ: pytest.fail("Flask was entered"))
    cookie = f"theirs=\xe9; {_signed_in(browser)}"
    for each in edges.both:
        told = edges._one(each, "GET", "/authorize", cookie=cookie, query_string=app.attempt(prompt="none").params)
        assert "code=" in told.headers["Location"]


@pytest.mark.parametrize("error", [Overloaded("Busy."), RuntimeError("a defect")], ids=["overloaded", "defect"])
def test_failures_of_ours(world: World, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def fail(_call: object) -> None:
        raise error

    monkeypatch.setattr(token, "body_parameters", fail)
    told = Edges(world).ask("POST", "/oauth/token", data={}, environ_base={"gatehouse.request_id": "1234"})
    assert told.status_code in {500, 503}
    assert (told.status_code == 503) == ("Retry-After" in told.headers)


def test_a_host_of_nobody(edges: Edges) -> None:
    answers = [
        Client(app, use_cookies=False).post("/oauth/token", base_url="https://nobody.example", data={})
        for app in edges.both
    ]
    assert [a.status_code for a in answers] == [404, 404]
    assert answers[0].get_json() == answers[1].get_json()


def test_figures_count_both(edges: Edges) -> None:
    before = sum(counters.totals()["userinfo"])
    edges.ask("GET", "/userinfo")
    after = counters.totals()["userinfo"]
    assert sum(after) > before
