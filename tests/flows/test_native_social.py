"""Native applications that sign people in at a social provider themselves (spec/authentication-api.md section 3)."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from connectors.oauth2 import key_sets
from idp.directory.connections import runtime
from idp.foundation.kernel import clock
from tests.connectors.provider import KEY, OTHER, Asked, FakeHttp, Said, said, signed
from tests.security.rows import row
from tests.world.application import Application
from tests.world.social import connected
from tests.world.world import World

GRANT = "urn:ietf:params:oauth:grant-type:token-exchange"
TYPE = "http://auth0.com/oauth/token-type/"
GOOGLE, APPLE, FACEBOOK = "google-id-token", "apple-authz-code", "facebook-info-session-access-token"
BUNDLE = "com.example.harbour"


@pytest.fixture
def http(monkeypatch: pytest.MonkeyPatch) -> FakeHttp:
    """What connectors call, answered here."""
    key_sets.forget()
    found = FakeHttp()
    monkeypatch.setattr(runtime, "Outbound", lambda _work: found)
    keys = said({"keys": [KEY.as_dict(private=False)]})
    found.routes["https://www.googleapis.com/oauth2/v3/certs"] = keys
    found.routes["https://appleid.apple.com/auth/keys"] = keys
    return found


@pytest.fixture
def app(world: World) -> Application:
    """A native application that may exchange all three."""
    return world.client(
        "native",
        native_social_login={name: {"enabled": True} for name in ("apple", "facebook", "google")},
        mobile={"ios": {"team_id": "ABCDE12345", "app_bundle_identifier": BUNDLE}},
    )


def exchange(app: Application, kind: str, token: str, **form: str) -> Any:
    sent = {"subject_token": token, "subject_token_type": f"{TYPE}{kind}", "scope": "openid profile email", **form}
    return app.token(grant_type=GRANT, **sent)


def refused(answer: Any) -> str:
    assert answer.status_code == 400, answer.text
    return str(answer.get_json()["error"])


def google_token(aud: str, by: Any = KEY, **claims: Any) -> str:
    """An ID token as a phone gets it: asked for by the phone's own client, made for the web's."""
    now = clock.now()
    usual = {"iss": "https://accounts.google.com", "sub": "g-1", "aud": aud, "azp": "phone", "iat": now}
    return signed({**usual, "exp": now + 600, "email": "g@example.com", "email_verified": True, **claims}, by)


def client_id_of(world: World, connection_id: str) -> str:
    found = world.management().get(f"/connections/{connection_id}")
    return str(found["options"]["client_id"])


def test_google(world: World, app: Application, http: FakeHttp) -> None:
    ours = client_id_of(world, connected(world, "google-oauth2", app.client_id))
    answer = exchange(app, GOOGLE, google_token(ours, name="Gina"))
    assert answer.status_code == 200, answer.text
    claims = app.claims(answer.get_json()["id_token"])
    assert (claims["sub"], claims["email"], claims["name"]) == ("google-oauth2|g-1", "g@example.com", "Gina")
    assert [entry.user_id for entry in world.logs("sens")] == ["google-oauth2|g-1"]


@row("CO3")
def test_a_token_of_another_application_is_nobodys(world: World, app: Application, http: FakeHttp) -> None:
    ours = client_id_of(world, connected(world, "google-oauth2", app.client_id, allowed_audiences=["our-phone"]))
    now = clock.now()
    bad = [
        google_token("somebody-else"),
        google_token(ours, by=OTHER),
        google_token(ours, iss="https://evil.example"),
        google_token(ours, exp=now - 300),
        google_token(ours, sub=""),
        "no.token.",
    ]
    assert {refused(exchange(app, GOOGLE, each)) for each in bad} == {"invalid_grant"}
    assert {entry.type for entry in world.logs("fens")} == {"fens"}
    assert exchange(app, GOOGLE, google_token("our-phone")).status_code == 200


def test_apple_by_the_name_of_the_application(world: World, app: Application, http: FakeHttp) -> None:
    connected(world, "apple", app.client_id)
    now = clock.now()

    def redeemed(asked: Asked) -> Said:
        assert (asked.sent["client_id"], asked.sent["code"]) == (BUNDLE, "c0de")
        assert "redirect_uri" not in asked.sent
        token = signed(
            {
                "iss": "https://appleid.apple.com",
                "sub": "a-1",
                "aud": BUNDLE,
                "iat": now,
                "exp": now + 600,
                "email": "a@privaterelay.appleid.com",
                "email_verified": "true",
            }
        )
        return said({"access_token": "at", "id_token": token, "token_type": "Bearer"})

    http.routes["https://appleid.apple.com/auth/token"] = redeemed
    name = json.dumps({"name": {"firstName": "Johnny", "lastName": "Appleseed"}})
    answer = exchange(app, APPLE, "c0de", user_profile=name)
    assert answer.status_code == 200, answer.text
    claims = app.claims(answer.get_json()["id_token"])
    assert (claims["sub"], claims["name"], claims["email_verified"]) == ("apple|a-1", "Johnny Appleseed", True)
    http.routes["https://appleid.apple.com/auth/token"] = said({"error": "invalid_grant"}, 400)
    assert refused(exchange(app, APPLE, "c0de")) == "invalid_grant"
    assert refused(exchange(app, APPLE, "c0de", user_profile="[]")) == "invalid_request"
    del http.routes["https://appleid.apple.com/auth/token"]
    away = exchange(app, APPLE, "c0de")
    assert (away.status_code, away.get_json()["error"]) == (503, "temporarily_unavailable")


@row("CO9")
def test_facebook_says_whose_token_it_is_and_for_whom(world: World, app: Application, http: FakeHttp) -> None:
    ours = client_id_of(world, connected(world, "facebook", app.client_id))
    inspected = "https://graph.facebook.com/v23.0/debug_token"

    def says(**data: Any) -> Callable[[Asked], Said]:
        return lambda _asked: said({"data": {"app_id": ours, "is_valid": True, "user_id": "f-1", **data}})

    http.routes[inspected] = says()
    told = json.dumps({"id": "f-2", "name": "Fay", "email": "fay@example.com"})
    answer = exchange(app, FACEBOOK, "session-info", user_profile=told)
    assert answer.status_code == 200, answer.text
    claims = app.claims(answer.get_json()["id_token"])
    assert (claims["sub"], claims["name"], claims["email_verified"]) == ("facebook|f-1", "Fay", False)
    for data in ({"app_id": "another"}, {"is_valid": False}, {"user_id": None}):
        http.routes[inspected] = says(**data)
        assert refused(exchange(app, FACEBOOK, "session-info")) == "invalid_grant"


@row("A14")
def test_what_is_not_switched_on_is_not_exchanged(world: World, app: Application, http: FakeHttp) -> None:
    ours = client_id_of(world, connected(world, "google-oauth2", app.client_id))
    other = world.client("native", name="other", native_social_login={"apple": {"enabled": True}})
    assert refused(exchange(other, GOOGLE, google_token(ours))) == "unauthorized_client"
    none = world.client("native", name="none")
    assert refused(exchange(none, GOOGLE, google_token(ours))) == "unauthorized_client"
    elsewhere = world.client("native", name="elsewhere", native_social_login={"google": {"enabled": True}})
    assert refused(exchange(elsewhere, GOOGLE, google_token(ours))) == "unauthorized_client", "no connection of its own"
    assert refused(exchange(app, "nobody-knows", google_token(ours))) == "unauthorized_client"
