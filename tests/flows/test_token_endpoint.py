"""The token endpoint's own rules: encodings, client authentication, errors and their statuses (RFC 6749 3.2, 5.2)."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.world.application import Application, Attempt
from tests.world.browser import Answer, Browser
from tests.world.world import Person, World


def error_of(response: TestResponse) -> tuple[int, str]:
    body = response.get_json()
    assert set(body) == {"error", "error_description"}, body
    assert response.headers["Cache-Control"] == "no-store"
    return response.status_code, body["error"]


@pytest.fixture
def app(world: World) -> Application:
    return world.client()


@pytest.fixture
def fresh(app: Application, browser: Browser, jane: Person) -> tuple[Attempt, Answer]:
    """A code that nobody redeemed yet."""
    attempt = app.begin(browser)
    browser.submit(username=jane.email, password=jane.password)
    return attempt, browser.answer


WRONG: list[tuple[dict[str, str | None], tuple[int, str]]] = [
    ({"grant_type": None}, (400, "invalid_request")),
    ({"grant_type": ""}, (400, "invalid_request")),
    ({"grant_type": "nonsense"}, (400, "unsupported_grant_type")),
    ({"grant_type": "password", "username": "x", "password": "y"}, (400, "unauthorized_client")),
    ({"grant_type": "implicit", "username": "x"}, (400, "unsupported_grant_type")),
    ({"code": None}, (400, "invalid_request")),
    ({"code": ""}, (400, "invalid_request")),
    ({"code": "wrong"}, (400, "invalid_grant")),
    ({"code": "x" * 5000}, (400, "invalid_grant")),
    ({"redirect_uri": None}, (400, "invalid_grant")),
    ({"redirect_uri": "https://app.example.test/callback/"}, (400, "invalid_grant")),
    ({"redirect_uri": "https://evil.test/"}, (400, "invalid_grant")),
    ({"code_verifier": None}, (400, "invalid_grant")),
    ({"code_verifier": "short"}, (400, "invalid_grant")),
    ({"code_verifier": "w" * 43}, (400, "invalid_grant")),
    ({"client_secret": "wrong"}, (401, "invalid_client")),
    ({"client_secret": ""}, (401, "invalid_client")),
    ({"client_id": "unknown"}, (401, "invalid_client")),
    ({"client_id": ""}, (401, "invalid_client")),
    ({"client_assertion": "x", "client_assertion_type": "y"}, (400, "invalid_request")),  # and a secret
]


@pytest.mark.parametrize(("form", "expected"), WRONG)
def test_each_wrong_request_has_its_error_and_status(
    fresh: tuple[Attempt, Answer], form: dict[str, str | None], expected: tuple[int, str]
) -> None:
    attempt, answer = fresh
    assert error_of(attempt.redeem(answer, **form)) == expected


def test_unknown_clients_and_wrong_secrets_read_the_same(app: Application) -> None:
    wrong = app.token(grant_type="client_credentials", audience="x", client_secret="wrong")
    unknown = app.token(grant_type="client_credentials", audience="x", client_id="unknown")
    assert wrong.get_data() == unknown.get_data()
    assert (wrong.status_code, unknown.status_code) == (401, 401)


@pytest.mark.parametrize("registered", ["client_secret_post", "client_secret_basic"])
@pytest.mark.parametrize("used", ["client_secret_post", "client_secret_basic"])
def test_a_secret_may_come_in_header_or_body(
    world: World, browser: Browser, jane: Person, registered: str, used: str
) -> None:
    app = world.client(token_endpoint_auth_method=registered)
    attempt = app.begin(browser)
    browser.submit(username=jane.email, password=jane.password)
    assert attempt.redeem(browser.answer, auth=used).status_code == 200


def test_a_failed_basic_authentication_is_challenged(app: Application) -> None:
    pair = base64.b64encode(f"{app.client_id}:wrong".encode()).decode()
    response = app.world.post(
        "/oauth/token", {"grant_type": "client_credentials"}, headers={"Authorization": f"Basic {pair}"}
    )
    assert error_of(response) == (401, "invalid_client")
    assert response.headers["WWW-Authenticate"].startswith("Basic ")


@pytest.mark.parametrize(
    "value",
    [
        "Basic",
        "Basic ",
        "Basic !!!",
        "Basic " + base64.b64encode(b"nocolon").decode(),
        "Basic " + base64.b64encode(b":secret").decode(),
        "Basic " + base64.b64encode(b"\xff\xfe:x").decode(),
        "Basic " + base64.b64encode(b"a%00b:x").decode(),
        "Basic " + base64.b64encode(b"a:%00").decode(),
        "Bearer x",
        "Digest x",
    ],
)
def test_a_malformed_authorization_header_is_invalid_client(world: World, value: str) -> None:
    response = world.post(
        "/oauth/token", {"grant_type": "client_credentials", "audience": "x"}, headers={"Authorization": value}
    )
    assert error_of(response) == (401, "invalid_client")


def test_form_encoded_characters_in_a_basic_header_are_decoded(world: World) -> None:
    app = world.client(
        "m2m", client_secret="a secret: with/odd+chars%", token_endpoint_auth_method="client_secret_basic"
    )
    world.grant(app.client_id, world.api(), "read:things")
    encoded = base64.b64encode(f"{app.client_id}:a+secret%3A+with%2Fodd%2Bchars%25".encode()).decode()
    form = {"grant_type": "client_credentials", "audience": "https://api.example.test/"}
    assert world.post("/oauth/token", form, headers={"Authorization": f"Basic {encoded}"}).status_code == 200


def test_a_public_client_sends_only_its_id(world: World, browser: Browser, jane: Person) -> None:
    app = world.client("spa")
    attempt = app.begin(browser)
    browser.submit(username=jane.email, password=jane.password)
    assert attempt.redeem(browser.answer).status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b'"text"',
        b"null",
        b"7",
        b"{",
        b'{"grant_type": ["authorization_code"]}',
        b'{"grant_type": {"a": 1}}',
        b'{"grant_type": "authorization_code", "code": {"$ne": ""}}',
        b'{"grant_type": NaN}',
        b"[" * 5000,
        b'{"a":' * 5000,
        b'{"grant_type": "a\\u0000b"}',
        b'{"grant_type": "\\ud800"}',
        b"\xff\xfe",
        b'{"grant_type": 1e999}',
    ],
)
def test_odd_json_is_invalid_request(world: World, body: bytes) -> None:
    response = world.send("POST", "/oauth/token", data=body, headers={"Content-Type": "application/json"})
    status, error = error_of(response)
    assert status == 400
    assert error in {"invalid_request", "unsupported_grant_type"}


@pytest.mark.parametrize("kind", ["text/plain", "multipart/form-data; boundary=x", "application/xml"])
def test_other_encodings_are_invalid_request(world: World, kind: str) -> None:
    response = world.send("POST", "/oauth/token", data=b"grant_type=client_credentials", headers={"Content-Type": kind})
    assert error_of(response) == (400, "invalid_request")


@pytest.mark.parametrize(
    "raw", [b"grant_type=a&grant_type=a", b"grant_type=%ff", b"grant_type=a%00", b"a=" + b"x" * 2_000_000]
)
def test_odd_forms_are_refused(world: World, raw: bytes) -> None:
    response = world.send(
        "POST", "/oauth/token", data=raw, headers={"Content-Type": "application/x-www-form-urlencoded"}
    )
    assert response.status_code in {400, 413}
    assert response.get_json()["error"] == "invalid_request"


def test_secrets_in_the_query_are_refused(app: Application) -> None:
    response = app.world.post(
        f"/oauth/token?client_secret={app.secret}", {"grant_type": "client_credentials", "client_id": app.client_id}
    )
    assert error_of(response) == (400, "invalid_request")


def test_two_identities_in_one_request_are_refused(world: World, app: Application) -> None:
    other = world.client()
    pair = base64.b64encode(f"{app.client_id}:{app.secret}".encode()).decode()
    for extra in ({"client_id": other.client_id}, {"client_id": app.client_id, "client_secret": str(app.secret)}):
        form = {"grant_type": "client_credentials", **extra}
        assert error_of(world.post("/oauth/token", form, headers={"Authorization": f"Basic {pair}"})) == (
            400,
            "invalid_request",
        )


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "HEAD"])
def test_other_methods_are_not_allowed(world: World, method: str) -> None:
    response = world.send(method, "/oauth/token")
    assert response.status_code == 405
    assert "POST" in response.headers["Allow"]


def test_a_grant_that_is_switched_off_is_unauthorized_client(world: World, browser: Browser, jane: Person) -> None:
    app = world.client()
    attempt = app.begin(browser)
    browser.submit(username=jane.email, password=jane.password)
    world.change_client(app.client_id, grant_types=["refresh_token"])
    assert error_of(attempt.redeem(browser.answer)) == (400, "unauthorized_client")


def test_a_user_blocked_meanwhile_is_told_as_such(world: World, fresh: tuple[Attempt, Answer], jane: Person) -> None:
    world.change_user(jane.user_id, blocked=True)
    attempt, answer = fresh
    response = attempt.redeem(answer)
    assert error_of(response) == (400, "invalid_grant")
    assert response.get_json()["error_description"] == "user is blocked"


def test_failures_are_logged_at_once_and_successes_soon(world: World, fresh: tuple[Attempt, Answer]) -> None:
    attempt, answer = fresh
    attempt.redeem(answer, code="wrong")
    attempt.redeem(answer)
    assert [entry.type for entry in world.logs("feacft", "seacft")] == ["feacft", "seacft"]


@pytest.mark.parametrize("path", ["/oauth/token", "/oauth/revoke", "/userinfo"])
@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        ("https://app.example.test", True),
        ("https://evil.test", False),
        ("https://app.example.test.evil.test", False),
        ("null", False),
    ],
)
def test_browser_applications_may_call_from_their_own_origins(
    world: World, path: str, origin: str, allowed: bool
) -> None:
    world.client("spa")
    for response in (
        world.send("OPTIONS", path, headers={"Origin": origin, "Access-Control-Request-Method": "POST"}),
        world.post(path, {"grant_type": "x"}, headers={"Origin": origin}),
    ):
        assert response.headers.get("Access-Control-Allow-Origin") == (origin if allowed else None)
        assert "Access-Control-Allow-Credentials" not in response.headers


def test_a_body_of_json_numbers_and_booleans_is_read_as_text(world: World) -> None:
    body: dict[str, Any] = {"grant_type": 7, "client_id": True}
    response = world.send("POST", "/oauth/token", data=json.dumps(body), headers={"Content-Type": "application/json"})
    assert error_of(response) == (400, "unsupported_grant_type")
