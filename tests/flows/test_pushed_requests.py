"""Pushed authorization requests (RFC 9126) and request objects by value and by reference (RFC 9101)."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.security.rows import row
from tests.world import client_keys
from tests.world.application import Application, Attempt
from tests.world.browser import Browser
from tests.world.client_keys import KINDS, assertion, key, of_text, pem, public, signed
from tests.world.fixtures import Clock
from tests.world.key_sets import KeySetServer
from tests.world.world import CALLBACK, Person, World

URN = "urn:ietf:params:oauth:request_uri:"


def pushed(app: Application, attempt: Attempt, **more: str | None) -> str:
    response = app.call("/oauth/par", **{**attempt.params, **more})
    assert response.status_code == 201, response.get_json()
    assert set(response.get_json()) == {"request_uri", "expires_in"}
    assert response.headers["Cache-Control"] == "no-store"
    return str(response.get_json()["request_uri"])


def go(browser: Browser, app: Application, uri: str, **more: str) -> Browser:
    query = "&".join(f"{name}={value}" for name, value in more.items())
    return browser.open(f"/authorize?client_id={app.client_id}&request_uri={uri}&{query}", site="cross-site")


def signing(world: World, alg: str = "ES256", kind: str = "web", **members: Any) -> Application:
    entry = {"credential_type": "public_key", "pem": pem(alg), "alg": alg}
    return world.client(kind, **{"signed_request_object": {"credentials": [entry], "required": False}, **members})


def request_object(app: Application, params: dict[str, str], by: Any = None, alg: str = "ES256", **more: Any) -> str:
    now = int(time.time())
    claims = {**params, "iss": app.client_id, "aud": app.world.issuer, "iat": now, "exp": now + 60, **more}
    return signed(claims, by or key(alg), alg, kid=None, typ="oauth-authz-req+jwt")


def unsigned(claims: dict[str, Any]) -> str:
    parts = [base64.urlsafe_b64encode(json.dumps(each).encode()).rstrip(b"=") for each in ({"alg": "none"}, claims)]
    return f"{b'.'.join(parts).decode()}."


# ---- pushed requests
@pytest.mark.parametrize("kind", ["web", "spa"])
def test_a_pushed_request_is_answered_like_any_other(world: World, browser: Browser, jane: Person, kind: str) -> None:
    app = world.client(kind, require_pushed_authorization_requests=True)
    attempt = app.attempt(response_mode="form_post")
    uri = pushed(app, attempt)
    assert uri.startswith(URN)
    go(browser, app, uri, state="another", scope="openid")  # what stands beside it is passed over
    browser.submit(username=jane.email, password=jane.password)
    assert browser.answer.mode == "form_post"
    assert attempt.tokens(browser.answer).raw["scope"] == attempt.params["scope"]


@row("A17")
def test_it_is_used_up_by_its_answer_and_not_before(world: World, browser: Browser, jane: Person) -> None:
    app = world.client()
    attempt = app.attempt()
    uri = pushed(app, attempt)
    other = world.browser()
    for each in (browser, other):
        go(each, app, uri)
        go(each, app, uri)
        assert each.path == "/u/login"
    browser.submit(username=jane.email, password=jane.password)
    assert attempt.tokens(browser.answer)
    other.submit(username=jane.email, password=jane.password)
    assert other.answer.error == "invalid_request_uri"
    assert "code" not in other.answer.params
    assert go(browser, app, uri).left_for is None
    assert browser.status == 400


@row("A17")
@pytest.mark.parametrize("signed_in", [True, False])
def test_a_silent_answer_uses_it_up_too(world: World, browser: Browser, jane: Person, signed_in: bool) -> None:
    app = world.client()
    if signed_in:
        app.sign_in(browser, jane)
    attempt = app.attempt(prompt="none")
    uri = pushed(app, attempt)
    go(browser, app, uri)
    assert browser.answer.error == (None if signed_in else "login_required")
    assert go(browser, app, uri).left_for is None


@row("A17")
def test_it_is_the_clients_own_and_for_a_moment(world: World, browser: Browser, clock: Clock) -> None:
    app, other = world.client(par_request_expiry=20), world.client()
    uri = pushed(app, app.attempt())
    assert go(browser, other, uri).left_for is None
    assert "invalid_request_uri" in browser.shown.text
    assert go(browser, app, f"{uri}x").left_for is None
    clock.forward(seconds=19)
    assert go(browser, app, uri).path == "/u/login"
    clock.forward(seconds=2)
    assert go(browser, app, uri).left_for is None


@row("A17")
def test_nobody_pushes_for_a_client_that_has_a_secret(world: World) -> None:
    app = world.client()
    response = world.post("/oauth/par", app.attempt().params)
    assert (response.status_code, response.get_json()["error"]) == (401, "invalid_client")
    assert world.get("/oauth/par").status_code == 405


@pytest.mark.parametrize(
    ("params", "error"),
    [
        ({"redirect_uri": "https://evil.test/"}, "invalid_request"),
        ({"redirect_uri": None}, "invalid_request"),
        ({"request_uri": f"{URN}x"}, "invalid_request"),
        ({"response_type": "token"}, "unauthorized_client"),
        ({"scope": '"'}, "invalid_scope"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"audience": "https://unknown.test/"}, "access_denied"),
        ({"request": "x"}, "invalid_request_object"),
        ({"prompt": "none login"}, "invalid_request"),
    ],
)
def test_what_would_be_refused_is_refused_when_it_is_pushed(
    world: World, params: dict[str, str | None], error: str
) -> None:
    app = world.client()
    response = app.call("/oauth/par", **{**app.attempt().params, **params})
    assert (response.status_code, response.get_json()["error"]) == (400, error)
    (entry,) = world.logs("fpar")
    assert entry.client_id == app.client_id


def test_a_client_or_a_tenant_may_insist_on_it(world: World, browser: Browser, jane: Person) -> None:
    app = world.client()
    world.settings(require_pushed_authorization_requests=True)
    assert world.get("/.well-known/openid-configuration").get_json()["require_pushed_authorization_requests"]
    app.begin(browser)
    assert (browser.answer.error, "pushed" in browser.answer.params["error_description"]) == ("invalid_request", True)
    world.settings(require_pushed_authorization_requests=False)
    app.begin(browser)
    world.change_client(app.client_id, require_pushed_authorization_requests=True)
    browser.submit(username=jane.email, password=jane.password)
    assert browser.answer.error == "invalid_request"


def test_it_can_be_switched_off(world: World) -> None:
    world.settings(pushed_authorization_requests_supported=False)
    app = world.client()
    assert app.call("/oauth/par", **app.attempt().params).get_json()["error"] == "invalid_request"
    assert "pushed_authorization_request_endpoint" not in world.get("/.well-known/openid-configuration").get_json()


def test_a_client_that_signs_pushes_as_well(world: World, browser: Browser, jane: Person) -> None:
    by_set = {"jwks": {"keys": [public()]}, "token_endpoint_auth_method": "private_key_jwt"}
    app = world.client(**by_set, signed_request_object={"required": True})
    attempt = app.attempt()
    sent = {"client_assertion_type": client_keys.ASSERTION_TYPE, "client_assertion": assertion(app)}
    assert world.post("/oauth/par", {**attempt.params, **sent}).get_json()["error"] == "invalid_request"
    sent["client_assertion"] = assertion(app, aud=f"{world.issuer}oauth/par")
    answer = world.post("/oauth/par", {**sent, "request": request_object(app, attempt.params)})
    assert answer.status_code == 201, answer.get_json()
    go(browser, app, answer.get_json()["request_uri"])
    browser.submit(username=jane.email, password=jane.password)
    assert browser.answer.params["state"] == attempt.params["state"]
    assert browser.answer.code


# ---- request objects by value
def begin(browser: Browser, app: Application, raw: str, **beside: str) -> Browser:
    query = "&".join(f"{name}={value}" for name, value in {"client_id": app.client_id, **beside}.items())
    return browser.open(f"/authorize?{query}&request={raw}", site="cross-site")


@pytest.mark.parametrize("alg", list(KINDS))
def test_a_signed_request_is_the_whole_request(world: World, browser: Browser, jane: Person, alg: str) -> None:
    app = signing(world, alg, signed_request_object=None, jwks={"keys": [public(alg)]})
    attempt = app.attempt(response_mode="fragment")
    begin(browser, app, request_object(app, attempt.params, alg=alg), state="outside", nonce="outside")
    browser.submit(username=jane.email, password=jane.password)
    assert browser.answer.mode == "fragment"
    assert attempt.tokens(browser.answer).id_claims["nonce"] == attempt.params["nonce"]


def test_members_that_are_no_texts_mean_what_they_are(world: World, browser: Browser, jane: Person) -> None:
    app = signing(world)
    attempt = app.attempt(state=None)
    claims = {"id_token": {"email": {"essential": True}}}
    begin(browser, app, request_object(app, attempt.params, max_age=300, claims=claims), state="outside")
    browser.submit(username=jane.email, password=jane.password)
    assert "state" not in browser.answer.params
    assert attempt.tokens(browser.answer).id_claims["auth_time"]


def test_the_address_inside_counts(world: World, browser: Browser) -> None:
    app = signing(world)
    raw = request_object(app, app.attempt().params)
    assert begin(browser, app, raw, redirect_uri="https://evil.test/").path == "/u/login"
    foreign = request_object(app, {**app.attempt().params, "redirect_uri": "https://evil.test/"})
    assert begin(browser, app, foreign, redirect_uri=CALLBACK).left_for is None
    assert browser.status == 400


@row("A12")
@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "somebody"},
        {"aud": "https://evil.test/"},
        {"aud": 5},
        {"exp": int(time.time()) - 100},
        {"exp": int(time.time()) + 90_000},
        {"exp": "x"},
        {"nbf": int(time.time()) + 90_000},
        {"nbf": int(time.time()) + 90_000, "exp": None},
        {"iat": "yesterday", "exp": None},
        {"client_id": "somebody"},
        {"request": "x"},
        {"request_uri": f"{URN}x"},
        {"state": "nul\0"},
    ],
)
def test_an_object_that_is_not_as_it_should_be(world: World, browser: Browser, claims: dict[str, Any]) -> None:
    app = signing(world)
    begin(browser, app, request_object(app, app.attempt().params, **claims), redirect_uri=CALLBACK)
    assert browser.answer.error == "invalid_request_object"


@row("A12")
def test_an_object_that_says_two_things_says_none(world: World, browser: Browser) -> None:
    app = signing(world)
    text = json.dumps({**app.attempt().params, "client_id": app.client_id, "iss": app.client_id, "aud": world.issuer})
    assert begin(browser, app, of_text(text, key()), redirect_uri=CALLBACK).path == "/u/login"
    twice = '{"scope":"openid offline_access",' + text[1:]
    begin(browser, app, of_text(twice, key()), redirect_uri=CALLBACK)
    assert browser.answer.error == "invalid_request_object"


@row("A12", "U1")
def test_an_object_of_another_key_or_algorithm(world: World, browser: Browser) -> None:
    app, other = signing(world, "RS256"), signing(world)
    params = app.attempt().params
    stolen = assertion(app, key("RS256"), "RS256", {"kid": None})
    objects = [
        request_object(app, params, key("RS256", "foreign"), "RS256"),
        request_object(app, params, key("RS256"), "PS256"),
        request_object(app, params),  # the other client's
        unsigned(params),
        f"{request_object(app, params, alg='RS256').rpartition('.')[0]}.",
        stolen,
        "x",
        "a.b.c.d.e",
        signed(params, key("RS256"), "RS256", kid=None, typ="at+jwt"),
        signed(params, key("RS256", "foreign"), "RS256", kid=None, jwk=public("RS256", "foreign")),
    ]
    for raw in objects:
        begin(browser, app, raw, redirect_uri=CALLBACK)
        assert browser.answer.error == "invalid_request_object", raw
    begin(browser, other, request_object(other, other.attempt().params, key("RS256"), "RS256"), redirect_uri=CALLBACK)
    assert browser.answer.error == "invalid_request_object"


@row("A3")
def test_without_a_proven_address_the_problem_stays_here(world: World, browser: Browser) -> None:
    app = signing(world)
    for beside in ({}, {"redirect_uri": "https://evil.test/"}):
        begin(browser, app, unsigned(app.attempt().params), **beside)
        assert browser.left_for is None
        assert browser.status == 400


def test_unsigned_ones_are_for_clients_that_are_set_to_them(world: World, browser: Browser, jane: Person) -> None:
    app = world.client(request_object_signing_alg="none")
    attempt = app.attempt()
    begin(browser, app, unsigned(attempt.params))
    browser.submit(username=jane.email, password=jane.password)
    assert attempt.tokens(browser.answer)
    world.change_client(app.client_id, signed_request_object={"required": True})
    begin(browser, app, unsigned(attempt.params), redirect_uri=CALLBACK)
    assert browser.answer.error == "invalid_request"


def test_a_client_that_has_to_sign_says_nothing_unsigned(world: World, browser: Browser) -> None:
    app = signing(world)
    world.change_client(app.client_id, signed_request_object={"required": True})
    app.begin(browser)
    assert browser.answer.error == "invalid_request"
    uri = app.call("/oauth/par", **app.attempt().params)
    assert uri.get_json()["error"] == "invalid_request"
    assert begin(browser, app, request_object(app, app.attempt().params)).path == "/u/login"


# ---- request objects by reference
@pytest.fixture
def site() -> Iterator[KeySetServer]:
    server = KeySetServer()
    yield server
    server.close()


def test_an_object_behind_a_registered_address_is_fetched(
    world: World, browser: Browser, jane: Person, site: KeySetServer
) -> None:
    app = signing(world, request_uris=[f"{site.url}#a"])
    attempt = app.attempt()
    site.text = request_object(app, attempt.params)
    go(browser, app, f"{site.url}%23b")
    browser.submit(username=jane.email, password=jane.password)
    assert attempt.tokens(browser.answer)
    assert site.asked == 1


@row("A12", "P1")
def test_no_other_address_is_looked_at(world: World, browser: Browser, site: KeySetServer) -> None:
    app = signing(world, request_uris=[site.url, "http://10.0.0.1/object"])
    site.text = request_object(app, app.attempt().params)
    for uri in (f"{site.url}/more", f"{site.url}?x=1", "http://169.254.169.254/", "file:///etc/passwd", "x"):
        go(browser, app, uri, redirect_uri=CALLBACK, response_type="code")
        assert browser.answer.error == "invalid_request_uri"
    assert site.asked == 0
    go(browser, app, "http://10.0.0.1/object", redirect_uri=CALLBACK, response_type="code")
    assert browser.answer.error == "invalid_request_uri"
    site.text = "x" * 20_000
    go(browser, app, site.url, redirect_uri=CALLBACK, response_type="code")
    assert browser.answer.error == "invalid_request_uri"
