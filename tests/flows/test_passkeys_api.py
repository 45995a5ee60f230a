"""Passkeys for applications with pages of their own (spec/authentication-api.md section 3; spec/login-factors.md,
acceptance 33), and what a domain says about them.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.world.application import Application
from tests.world.authenticator import BE, BS, UP, Authenticator
from tests.world.fixtures import on_both_stores
from tests.world.passkeys import authenticator
from tests.world.world import Person, World

GRANT = "urn:okta:params:oauth:grant-type:webauthn"
FINGERPRINT = ":".join(["AB"] * 32)


def native(world: World, **members: Any) -> Application:
    return world.client("native", grant_types=["authorization_code", "refresh_token", GRANT], **members)


def ask(app: Application, path: str, **members: Any) -> TestResponse:
    return app.world.send("POST", path, json={"client_id": app.client_id, **members})


def begun(app: Application, path: str, **members: Any) -> dict[str, Any]:
    response = ask(app, path, **members)
    assert response.status_code == 200, response.get_data(as_text=True)
    return dict(response.get_json())


def exchange(app: Application, session: str, answer: str, **more: Any) -> TestResponse:
    body = {"grant_type": GRANT, "client_id": app.client_id, "auth_session": session, "scope": "openid email"}
    return app.world.send("POST", "/oauth/token", json={**body, "authn_response": json.loads(answer), **more})


def signed_up(app: Application, device: Authenticator, email: str = "new@example.com", **more: Any) -> TestResponse:
    said = begun(app, "/passkey/register", user_profile={"email": email, "name": "New Person"})
    return exchange(app, said["auth_session"], device.create(said["authn_params_public_key"], **more))


@on_both_stores
def test_an_account_and_a_sign_in(world: World) -> None:
    app, device = native(world), authenticator(world)
    said = begun(app, "/passkey/register", user_profile={"email": "new@example.com"})["authn_params_public_key"]
    assert set(said) == {"challenge", "timeout", "rp", "user", "pubKeyCredParams", "authenticatorSelection"}
    assert said["authenticatorSelection"]["userVerification"] == "preferred"
    made = signed_up(app, device)
    assert made.status_code == 200, made.get_data(as_text=True)
    claims = app.claims(made.get_json()["id_token"])
    assert claims["email"] == "new@example.com"
    said = begun(app, "/passkey/challenge")
    assert set(said["authn_params_public_key"]) == {"challenge", "timeout", "rpId", "userVerification"}
    again = exchange(app, said["auth_session"], device.get(said["authn_params_public_key"]))
    assert app.claims(again.get_json()["id_token"])["sub"] == claims["sub"]
    assert app.claims(again.get_json()["id_token"])["amr"] == ["mfa", "swk", "user"]


def test_one_factor_where_nobody_made_sure(world: World) -> None:
    app, device = native(world), authenticator(world, verifies=False)
    assert signed_up(app, device).status_code == 200
    said = begun(app, "/passkey/challenge")
    answer = device.get(said["authn_params_public_key"], flags=UP | BE | BS)
    tokens = exchange(app, said["auth_session"], answer).get_json()
    assert app.claims(tokens["id_token"])["amr"] == ["swk", "user"]


def test_acceptance_33_without_the_grant(world: World) -> None:
    app = world.client("native")
    for path in ("/passkey/challenge", "/passkey/register"):
        response = ask(app, path, user_profile={"email": "new@example.com"})
        assert response.get_json()["error"] == "unauthorized_client"
        assert response.status_code in {400, 403}


def test_a_session_is_one_clients_and_good_once(world: World) -> None:
    app, other, device = native(world), native(world), authenticator(world)
    assert signed_up(app, device).status_code == 200
    said = begun(app, "/passkey/challenge")
    answer = device.get(said["authn_params_public_key"])
    assert exchange(other, said["auth_session"], answer).get_json()["error"] == "invalid_grant"
    assert exchange(app, "another", answer).get_json()["error"] == "invalid_grant"
    assert exchange(app, said["auth_session"], answer).status_code == 200
    assert exchange(app, said["auth_session"], answer).get_json()["error"] == "invalid_grant"


def test_what_is_refused(world: World, jane: Person) -> None:
    app, device = native(world), authenticator(world)
    assert signed_up(app, device, jane.email).get_json()["error"] == "invalid_grant"  # somebody has it
    for profile in ({}, {"email": "nonsense"}, {"email": 7}):
        assert ask(app, "/passkey/register", user_profile=profile).status_code == 400
    assert ask(app, "/passkey/register").status_code == 400
    assert ask(app, "/passkey/challenge", realm="nowhere").get_json()["error"] == "unauthorized_client"
    assert exchange(app, "x", "{}").get_json()["error"] == "invalid_grant"
    nested = {"grant_type": GRANT, "client_id": app.client_id, "auth_session": {"a": 1}, "authn_response": {}}
    assert world.send("POST", "/oauth/token", json=nested).get_json()["error"] == "invalid_request"
    world.connection_options(disable_signup=True)
    closed = ask(app, "/passkey/register", user_profile={"email": "late@example.com"})
    assert closed.get_json()["error"] == "access_denied"


def test_a_blocked_user_gets_nothing(world: World) -> None:
    app, device = native(world), authenticator(world)
    sub = app.claims(signed_up(app, device).get_json()["id_token"])["sub"]
    world.caller().patch(f"/users/{sub}", {"blocked": True})
    said = begun(app, "/passkey/challenge")
    refused = exchange(app, said["auth_session"], device.get(said["authn_params_public_key"]))
    assert refused.get_json() == {"error": "invalid_grant", "error_description": "user is blocked"}


def test_applications_of_telephones_and_other_sites(world: World) -> None:
    key = "android:apk-key-hash:" + "q6urq6urq6urq6urq6urq6urq6urq6urq6urq6urq6s"
    mobile = {
        "android": {"app_package_name": "com.example.app", "sha256_cert_fingerprints": [FINGERPRINT, "nonsense"]},
        "ios": {"team_id": "TEAM", "app_bundle_identifier": "com.example.app"},
    }
    app = native(world, mobile=mobile, web_origins=["https://shop.example.org", "http://localhost:3000"])
    android = authenticator(world)
    android.origin = key
    assert signed_up(app, android).status_code == 200
    said = begun(app, "/passkey/challenge")
    answer = android.get(said["authn_params_public_key"], origin="https://shop.example.org")
    assert exchange(app, said["auth_session"], answer).status_code == 200
    said = begun(app, "/passkey/challenge")
    answer = android.get(said["authn_params_public_key"], origin="https://evil.example.org")
    assert exchange(app, said["auth_session"], answer).status_code == 400
    (link,) = world.get("/.well-known/assetlinks.json").get_json()
    assert link["target"] == {
        "namespace": "android_app",
        "package_name": "com.example.app",
        "sha256_cert_fingerprints": [FINGERPRINT],
    }
    assert world.get("/.well-known/apple-app-site-association").get_json()["webcredentials"] == {
        "apps": ["TEAM.com.example.app"]
    }
    assert "https://shop.example.org" in world.get("/.well-known/webauthn").get_json()["origins"]
    assert world.get("/.well-known/passkey-endpoints").get_json()["manage"].endswith("/account#passkeys")


@pytest.mark.parametrize("kept", [{}, {"mobile": None}, {"mobile": {"android": None, "ios": {"team_id": "T"}}}])
def test_nothing_is_said_of_applications_that_are_not_whole(world: World, kept: dict[str, Any]) -> None:
    world.client("native", **kept)
    assert world.get("/.well-known/assetlinks.json").get_json() == []
    assert world.get("/.well-known/apple-app-site-association").get_json()["webcredentials"] == {"apps": []}
