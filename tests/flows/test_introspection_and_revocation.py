"""/oauth/introspect (RFC 7662, contract section 7) and /oauth/revoke (RFC 7009)."""

from __future__ import annotations

import pytest

from tests.world.application import Application, Tokens
from tests.world.browser import Browser
from tests.world.fixtures import Clock
from tests.world.world import API, Person, World

OFFLINE = "openid profile offline_access"


@pytest.fixture
def app(world: World) -> Application:
    return world.client()


@pytest.fixture
def tokens(app: Application, browser: Browser, jane: Person) -> Tokens:
    return app.sign_in(browser, jane, scope=OFFLINE)


def test_an_access_token_is_described(app: Application, tokens: Tokens, jane: Person) -> None:
    told = app.introspect(tokens.access_token)
    assert told["active"] is True
    assert told["token_type"] == "Bearer"
    assert told["client_id"] == app.client_id
    assert told["sub"] == jane.user_id
    assert told["scope"] == OFFLINE
    assert told["iss"] == app.world.issuer
    assert told["exp"] - told["iat"] == 86_400
    assert told["username"] == jane.email


def test_a_refresh_token_is_described_without_a_token_type(app: Application, tokens: Tokens) -> None:
    told = app.introspect(tokens.refresh_token)
    assert told["active"] is True
    assert "token_type" not in told


def test_a_jwt_is_described(world: World, browser: Browser, jane: Person, app: Application) -> None:
    tokens = app.sign_in(browser, jane, audience=world.api(), scope="openid read:things")
    told = app.introspect(tokens.access_token)
    assert (told["active"], told["aud"], told["scope"]) == (True, API, "openid read:things")


def test_a_machines_token_is_described(world: World) -> None:
    machine = world.client("m2m")
    world.grant(machine.client_id, world.api(), "read:things")
    token = machine.token(grant_type="client_credentials", audience=API).get_json()["access_token"]
    told = machine.introspect(token)
    assert (told["active"], told["client_id"], told["aud"]) == (True, machine.client_id, API)


def test_another_client_learns_nothing(world: World, tokens: Tokens) -> None:
    assert world.client().introspect(tokens.access_token) == {"active": False}
    assert world.client().introspect(tokens.refresh_token) == {"active": False}


def test_the_client_of_an_api_learns_about_its_tokens(
    world: World, browser: Browser, jane: Person, app: Application
) -> None:
    backend = world.client("m2m")
    tokens = app.sign_in(
        browser, jane, audience=world.api(client_id=backend.client_id), scope="openid read:things offline_access"
    )
    assert backend.introspect(tokens.access_token)["active"] is True
    assert backend.introspect(app.sign_in(browser, jane).access_token) == {"active": False}


@pytest.mark.parametrize("token", ["x", "a.b.c", "x" * 50_000])
def test_anything_else_is_inactive(app: Application, token: str) -> None:
    assert app.introspect(token) == {"active": False}


def test_expired_tokens_are_inactive(app: Application, tokens: Tokens, clock: Clock) -> None:
    clock.forward(hours=25)
    assert app.introspect(tokens.access_token) == {"active": False}


def test_tokens_of_a_deleted_client_are_inactive(
    world: World, browser: Browser, jane: Person, app: Application
) -> None:
    backend = world.client("m2m")
    tokens = app.sign_in(browser, jane, audience=world.api(client_id=backend.client_id), scope="openid read:things")
    world.delete_client(app.client_id)
    assert backend.introspect(tokens.access_token) == {"active": False}


def test_it_answers_authenticated_clients_only(world: World, app: Application, tokens: Tokens) -> None:
    assert app.call("/oauth/introspect", auth="none", token=tokens.access_token).status_code == 401
    assert app.call("/oauth/introspect", client_secret="wrong", token=tokens.access_token).status_code == 401
    assert world.client("spa").call("/oauth/introspect", token=tokens.access_token).status_code == 401
    assert app.call("/oauth/introspect").status_code == 400
    assert world.get("/oauth/introspect").status_code == 405


# ---- revocation


def test_revoking_a_refresh_token_ends_its_family(app: Application, tokens: Tokens) -> None:
    response = app.call("/oauth/revoke", token=tokens.refresh_token)
    assert (response.status_code, response.get_data(), response.mimetype) == (200, b"", "application/json")
    assert app.refresh(tokens.refresh_token).get_json()["error"] == "invalid_grant"
    assert tokens.userinfo().status_code == 401
    assert app.introspect(tokens.access_token) == {"active": False}


def test_revoking_an_access_token_ends_only_it(app: Application, tokens: Tokens) -> None:
    app.call("/oauth/revoke", token=tokens.access_token, token_type_hint="access_token")
    assert tokens.userinfo().status_code == 401
    assert tokens.refreshed().userinfo().status_code == 200


def test_revoking_a_jwt_ends_it_here(world: World, browser: Browser, jane: Person, app: Application) -> None:
    tokens = app.sign_in(browser, jane, audience=world.api(), scope="openid read:things")
    app.call("/oauth/revoke", token=tokens.access_token)
    assert tokens.userinfo().status_code == 401
    assert app.introspect(tokens.access_token) == {"active": False}


def test_a_public_client_revokes_its_own_in_json(world: World, browser: Browser, jane: Person) -> None:
    spa = world.client("spa")
    tokens = spa.sign_in(browser, jane, scope=OFFLINE)
    response = world.send("POST", "/oauth/revoke", json={"client_id": spa.client_id, "token": tokens.refresh_token})
    assert response.status_code == 200
    assert spa.refresh(tokens.refresh_token).status_code == 400


@pytest.mark.parametrize("hint", ["access_token", "refresh_token", "nonsense", ""])
def test_a_wrong_hint_does_not_matter(app: Application, tokens: Tokens, hint: str) -> None:
    assert app.call("/oauth/revoke", token=tokens.refresh_token, token_type_hint=hint).status_code == 200
    assert app.refresh(tokens.refresh_token).status_code == 400


@pytest.mark.parametrize("token", ["unknown", "a.b.c", "x" * 50_000])
def test_an_unknown_token_is_a_success(app: Application, token: str) -> None:
    assert app.call("/oauth/revoke", token=token).status_code == 200


def test_revoking_twice_is_a_success(app: Application, tokens: Tokens) -> None:
    for _ in range(2):
        assert app.call("/oauth/revoke", token=tokens.refresh_token).status_code == 200


def test_errors_of_revocation(app: Application) -> None:
    assert app.call("/oauth/revoke").get_json()["error"] == "invalid_request"
    assert app.call("/oauth/revoke", token="x", client_secret="wrong").status_code == 401
    assert app.world.get("/oauth/revoke").status_code == 405
