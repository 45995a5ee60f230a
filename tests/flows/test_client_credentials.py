"""client_credentials: an application on its own behalf, within its client grant (RFC 6749 4.4)."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode as b64decode
from typing import Any

import pytest

from tests.world.application import Application
from tests.world.world import API, World


@pytest.fixture
def machine(world: World) -> Application:
    app = world.client("m2m")
    world.grant(app.client_id, world.api(), "read:things", "write:things")
    return app


def test_it_gets_all_that_its_grant_allows(world: World, machine: Application) -> None:
    body = machine.token(grant_type="client_credentials", audience=API).get_json()
    assert set(body) == {"access_token", "token_type", "expires_in", "scope"}
    assert body["scope"] == "read:things write:things"
    claims = machine.claims(body["access_token"])
    assert claims["sub"] == f"{machine.client_id}@clients"
    assert claims["aud"] == API
    assert claims["azp"] == claims["client_id"] == machine.client_id
    assert claims["gty"] == "client-credentials"
    assert claims["iss"] == world.issuer


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        ("read:things", "read:things"),
        ("write:things admin:all", "write:things"),
        ("openid offline_access read:things", "read:things"),
    ],
)
def test_it_gets_the_part_it_asks_for_and_never_more(machine: Application, asked: str, given: str) -> None:
    assert machine.token(grant_type="client_credentials", audience=API, scope=asked).get_json()["scope"] == given


def test_asking_only_for_what_is_not_granted_gives_no_scope(machine: Application) -> None:
    body = machine.token(grant_type="client_credentials", audience=API, scope="admin:all").get_json()
    assert "scope" not in body
    assert "scope" not in machine.claims(body["access_token"])


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({}, "invalid_request"),
        ({"audience": ""}, "invalid_request"),
        ({"audience": "https://nobody.example.test/"}, "access_denied"),
        ({"audience": API, "organization": "org_1"}, "invalid_request"),
    ],
)
def test_errors(machine: Application, form: dict[str, str], error: str) -> None:
    response = machine.token(grant_type="client_credentials", **form)
    assert (response.status_code, response.get_json()["error"]) == (400, error)


def test_without_a_client_grant_it_is_access_denied(world: World) -> None:
    world.api()
    response = world.client("m2m").token(grant_type="client_credentials", audience=API)
    assert (response.status_code, response.get_json()["error"]) == (400, "access_denied")


def test_the_default_audience_stands_in(world: World, machine: Application) -> None:
    world.settings(default_audience=API)
    assert machine.token(grant_type="client_credentials").status_code == 200


def test_the_management_api_may_be_named_with_https(world: World) -> None:
    machine = world.installed["management"]
    form = {
        "grant_type": "client_credentials",
        **{name: machine[name] for name in ("client_id", "client_secret", "audience")},
    }
    assert world.post("/oauth/token", form).status_code == 200


def test_a_client_without_the_grant_type_is_unauthorized(world: World) -> None:
    world.api()
    app = world.client(grant_types=["authorization_code"])
    world.grant(app.client_id, API, "read:things")
    response = app.token(grant_type="client_credentials", audience=API)
    assert (response.status_code, response.get_json()["error"]) == (400, "unauthorized_client")


def test_a_public_client_is_unauthorized(world: World) -> None:
    app = world.client("spa")
    response = app.token(grant_type="client_credentials", audience=world.api())
    assert (response.status_code, response.get_json()["error"]) == (400, "unauthorized_client")


def test_such_a_token_is_nobodys_userinfo(machine: Application) -> None:
    token = machine.token(grant_type="client_credentials", audience=API).get_json()["access_token"]
    assert machine.userinfo(token).status_code == 401


def header_of(token: str) -> dict[str, Any]:
    return dict(json.loads(b64decode(token.partition(".")[0] + "==")))


@pytest.mark.parametrize("alg", ["RS256", "PS256", "RS512", "ES256", "EdDSA"])
def test_it_is_signed_as_the_api_says(world: World, alg: str) -> None:
    app = world.client("m2m")
    world.grant(app.client_id, world.api(signing_alg=alg, token_lifetime=60), "read:things")
    body = app.token(grant_type="client_credentials", audience=API).get_json()
    assert header_of(body["access_token"])["alg"] == alg
    assert app.claims(body["access_token"])["exp"]
    assert body["expires_in"] == 60
    world.rotate_keys()
    after = app.token(grant_type="client_credentials", audience=API).get_json()["access_token"]
    assert header_of(after)["kid"] != header_of(body["access_token"])["kid"]
    assert [app.claims(each)["aud"] for each in (body["access_token"], after)] == [API, API]
