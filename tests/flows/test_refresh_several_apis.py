"""Refresh tokens that are good for several APIs (``refresh_token.policies``, Auth0's multi-resource refresh tokens)."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from idp.applications.clients.models import Client
from idp.tenant.settings import service as tenants
from tests.security.rows import row
from tests.world.application import Application, Tokens
from tests.world.browser import Browser
from tests.world.world import API, Person, World

OTHER, THIRD = "https://other.example.test/", "https://third.example.test/"
SETTINGS: dict[str, Any] = {
    "rotation_type": "rotating",
    "expiration_type": "expiring",
    "leeway": 0,
    "policies": [{"audience": OTHER, "scope": ["read:things"]}],
}


@pytest.fixture
def app(world: World) -> Application:
    for identifier in (API, OTHER, THIRD):
        world.api(identifier, skip_consent_for_verifiable_first_party_clients=True)
    return world.client(refresh_token=SETTINGS)


@pytest.fixture
def tokens(app: Application, browser: Browser, jane: Person) -> Tokens:
    return app.sign_in(browser, jane, audience=API, scope="openid profile offline_access write:things")


def test_another_api_by_the_same_refresh_token(world: World, jane: Person, app: Application, tokens: Tokens) -> None:
    other = tokens.refreshed(audience=OTHER)
    claims = other.access_claims
    assert claims["aud"] == [OTHER, f"{world.issuer}userinfo"]
    assert set(claims["scope"].split()) == {"openid", "profile", "offline_access", "read:things"}
    assert app.introspect(other.access_token)["aud"] == OTHER
    assert other.userinfo().get_json()["sub"] == jane.user_id
    back = other.refreshed()
    assert back.access_claims["aud"][0] == API, "the grant itself stays as it was"
    narrow = back.refreshed(audience=OTHER, scope="openid read:things")
    assert narrow.access_claims["scope"] == "openid read:things"


@row("F4")
def test_nothing_beyond_the_policy(app: Application, tokens: Tokens) -> None:
    for form in ({"audience": THIRD}, {"audience": "https://nobody.example/"}, {"resource": THIRD}):
        said = app.refresh(tokens.refresh_token, **form)
        assert (said.status_code, said.get_json()["error"]) == (400, "invalid_target"), form
    said = app.refresh(tokens.refresh_token, audience=OTHER, scope="write:things")
    assert said.get_json()["error"] == "invalid_scope"
    assert app.refresh(tokens.refresh_token, audience=OTHER).status_code == 200, "nothing was spent"


@row("F5")
def test_a_token_of_the_other_api_stands_on_the_policy(world: World, app: Application, tokens: Tokens) -> None:
    other = tokens.refreshed(audience=OTHER)
    assert app.introspect(other.access_token)["active"] is True
    world.change_client(app.client_id, refresh_token={**SETTINGS, "policies": []})
    assert app.introspect(other.access_token) == {"active": False}
    assert other.userinfo().status_code == 401
    world.change_client(app.client_id, refresh_token=SETTINGS)
    assert app.call("/oauth/revoke", token=other.refresh_token).status_code == 200
    assert app.introspect(other.access_token) == {"active": False}


def test_an_api_without_offline_access_is_not_reached(world: World, app: Application, tokens: Tokens) -> None:
    world.change_api(OTHER, allow_offline_access=False)
    assert app.refresh(tokens.refresh_token, audience=OTHER).get_json()["error"] == "invalid_grant"


def test_the_factors_of_a_person_want_a_fresh_one(world: World, app: Application, tokens: Tokens) -> None:
    mfa = f"{world.issuer}mfa/"
    world.change_client(app.client_id, refresh_token={**SETTINGS, "policies": [{"audience": mfa, "scope": ["enroll"]}]})
    assert app.refresh(tokens.refresh_token, audience=mfa).get_json()["error"] == "invalid_target"


def test_policies_for_apis_of_the_tenant_move_with_it(world: World, app: Application) -> None:
    of_account = {"audience": f"{world.issuer}me/", "scope": ["read:me:factors"]}
    world.change_client(app.client_id, refresh_token={**SETTINGS, "policies": [*SETTINGS["policies"], of_account]})
    with world.writing() as work:
        tenants.move(work, tenants.locked(work), "https://new.example.test/")
    with world.platform.db.reading(world.tenant) as session:
        (data,) = session.scalars(select(Client.data).where(Client.client_id == app.client_id))
    moved = {**of_account, "audience": "https://new.example.test/me/"}
    assert data["refresh_token"]["policies"] == [*SETTINGS["policies"], moved]
