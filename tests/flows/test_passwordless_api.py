"""``/passwordless/start``, the grant for one-time codes, and links that applications have sent."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.flows.test_passwordless import JANE, code_for, connect, link_for, users
from tests.security.rows import row
from tests.world.browser import Browser
from tests.world.fixtures import Clock, on_both_stores
from tests.world.world import CALLBACK, Application, World

OTP = "http://auth0.com/oauth/grant-type/passwordless/otp"
GRANTS = [OTP, "authorization_code", "refresh_token"]


def start(world: World, app: Application, **members: Any) -> Any:
    body = {"client_id": app.client_id, "connection": "email", "email": JANE, "send": "code", **members}
    return world.send("POST", "/passwordless/start", json={n: v for n, v in body.items() if v is not None})


def redeem(app: Application, code: str, **form: str) -> Any:
    base = {"grant_type": OTP, "username": JANE, "otp": code, "realm": "email", "scope": "openid email"}
    return app.token(**{**base, **form})


@pytest.fixture
def app(world: World) -> Application:
    made = world.client(grant_types=GRANTS)
    connect(world, made.client_id)
    return made


@on_both_stores
def test_a_code_becomes_tokens(world: World) -> None:
    app = world.client(grant_types=GRANTS)
    connect(world, app.client_id)
    answer = start(world, app)
    assert answer.status_code == 200
    assert answer.json["email"] == JANE
    assert answer.json["email_verified"] is False
    assert len(answer.json["_id"]) == 24
    code = code_for(world)
    tokens = redeem(app, code)
    assert tokens.status_code == 200, tokens.text
    claims = app.claims(tokens.json["id_token"])
    assert (claims["email"], claims["email_verified"], claims["amr"]) == (JANE, True, ["otp"])
    again = redeem(app, code)
    assert (again.status_code, again.json) == (
        400,
        {"error": "invalid_grant", "error_description": "Wrong email or verification code."},
    )


@row("M12")
def test_a_code_is_one_clients_and_has_three_tries(world: World, app: Application, clock: Clock) -> None:
    other = world.client(grant_types=GRANTS)
    with world.writing() as work:
        from idp.directory.connections import service as connections

        row_ = connections.by_name(work, "email")
        assert row_ is not None
        connections.switch_clients(work, row_, [(other.client_id, True)])
    start(world, app)
    code = code_for(world)
    assert redeem(other, code).status_code == 400
    for _ in range(3):
        assert redeem(app, "1").status_code == 400
    assert redeem(app, code).status_code == 400
    clock.forward(seconds=31)
    start(world, app)
    late = code_for(world)
    clock.forward(seconds=181)
    assert redeem(app, late).status_code == 400


def test_what_is_wrong_is_said_in_auth0s_words(world: World, app: Application) -> None:
    for members, error in (
        ({"connection": "nothing"}, "bad.connection"),
        ({"email": "no address"}, "bad.email"),
        ({"email": None}, "bad.email"),
        ({"send": "link", "authParams": {"redirect_uri": "https://evil.example/"}}, "bad.authParams"),
        ({"send": "link", "authParams": {"response_type": "token"}}, "bad.authParams"),
        ({"send": "link", "authParams": {"nested": {"a": 1}}}, "bad.authParams"),
    ):
        answer = start(world, app, **members)
        assert (answer.status_code, answer.json["error"], answer.json["statusCode"]) == (400, error, 400)
    assert start(world, app, client_id="unknown").json["error"] == "invalid_request"
    assert world.mails() == []


@row("I3")
def test_known_unknown_and_blocked_are_answered_alike(world: World) -> None:
    app = world.client(grant_types=GRANTS)
    connect(world, app.client_id, disable_signup=True)
    caller = world.caller()
    caller.post("/users", {"connection": "email", "email": JANE, "email_verified": True})
    caller.post("/users", {"connection": "email", "email": "blocked@example.com", "blocked": True})
    shapes = set()
    for address in (JANE, "blocked@example.com", "nobody@example.com"):
        first, second = (start(world, app, email=address) for _ in range(2))
        shapes.add(
            (first.status_code, tuple(first.json), first.json["email_verified"], second.status_code, second.text)
        )
    assert len(shapes) == 1
    assert [mail.to for mail in world.mails()] == [JANE]


def test_confidential_clients_may_have_to_authenticate(world: World, app: Application) -> None:
    assert start(world, app, client_secret="wrong").json["error"] == "invalid_client"
    world.settings(flags={"enforce_client_authentication_on_passwordless_start": True})
    assert start(world, app).status_code == 401
    assert start(world, app, client_secret=app.secret).status_code == 200


def test_a_link_goes_on_as_the_application_asked(world: World, app: Application, browser: Browser) -> None:
    asked = {"redirect_uri": CALLBACK, "scope": "openid email", "state": "the state", "response_type": "code"}
    assert start(world, app, send="link", authParams=asked).status_code == 200
    link = link_for(world)
    parts = urlsplit(link)
    sent = {name: values[0] for name, values in parse_qs(parts.query).items()}
    assert parts.path == "/passwordless/verify_redirect"
    assert (sent["connection"], sent["client_id"], sent["scope"]) == ("email", app.client_id, "openid email")
    assert browser.request("HEAD", link).status_code == 200
    browser.open(link)
    assert users(world) == []
    browser.submit("login-submit")
    assert browser.answer.params["state"] == "the state"
    assert browser.answer.code
    tokens = app.token(grant_type="authorization_code", code=browser.answer.code, redirect_uri=CALLBACK)
    assert tokens.status_code == 200
    browser.open(link)
    assert browser.status == 400


def test_what_an_application_asks_for_never_replaces_the_link_itself(world: World, app: Application) -> None:
    """Whoever has a link of their own could have it mailed to others, whom it would sign in as themselves."""
    asked = {"verification_code": "another token", "scope": "openid"}
    assert start(world, app, send="link", authParams=asked).status_code == 200
    sent = parse_qs(urlsplit(link_for(world)).query)
    assert sent["verification_code"] != ["another token"]
    assert (sent["connection"], sent["scope"]) == (["email"], ["openid"])


def test_a_code_is_looked_at_and_not_spent(world: World, app: Application) -> None:
    start(world, app)
    code = code_for(world)
    body = {"client_id": app.client_id, "connection": "email", "email": JANE}
    assert world.send("POST", "/passwordless/verify", json={**body, "verification_code": "1"}).status_code == 401
    assert world.send("POST", "/passwordless/verify", json={**body, "verification_code": code}).status_code == 200
    assert redeem(app, code).status_code == 200


def test_browsers_of_the_clients_origins_may_call(world: World) -> None:
    app = world.client("spa", grant_types=GRANTS)
    connect(world, app.client_id)
    for path in ("/passwordless/start", "/dbconnections/signup", "/dbconnections/change_password"):
        for origin, allowed in (("https://app.example.test", True), ("https://evil.example", False)):
            answer = world.send("OPTIONS", path, headers={"Origin": origin})
            assert (answer.headers.get("Access-Control-Allow-Origin") == origin) is allowed
            headers = {"Origin": origin}
            said = world.send("POST", path, json={"client_id": app.client_id}, headers=headers)
            assert (said.headers.get("Access-Control-Allow-Origin") == origin) is allowed
            assert "Access-Control-Allow-Credentials" not in said.headers
