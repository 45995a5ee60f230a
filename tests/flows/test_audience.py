"""audience: an opaque token without, a JWT with one, in the dialect of the API (RFC 9068, spec: Access token)."""

from __future__ import annotations

import base64
import json

import pytest

from tests.world.browser import Browser
from tests.world.world import API, Person, World


def header_of(token: str) -> dict[str, str]:
    segment = token.split(".", maxsplit=1)[0]
    found: dict[str, str] = json.loads(base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4)))
    return found


def test_without_an_audience_the_access_token_is_opaque(world: World, browser: Browser, jane: Person) -> None:
    tokens = world.client().sign_in(browser, jane)
    assert "." not in tokens.access_token
    assert tokens.raw["expires_in"] == 86_400


def test_with_an_audience_it_is_a_jwt_after_rfc_9068(world: World, browser: Browser, jane: Person) -> None:
    app = world.client()
    tokens = app.sign_in(browser, jane, audience=world.api(), scope="openid profile read:things")
    claims, head = tokens.access_claims, header_of(tokens.access_token)
    assert (head["typ"], head["alg"]) == ("at+jwt", "RS256")
    assert head["kid"]
    assert claims["iss"] == world.issuer
    assert claims["sub"] == jane.user_id
    assert claims["aud"] == [API, f"{world.issuer}userinfo"]
    assert claims["client_id"] == claims["azp"] == app.client_id
    assert claims["scope"] == tokens.raw["scope"] == "openid profile read:things"
    assert claims["jti"]
    assert claims["exp"] - claims["iat"] == tokens.raw["expires_in"]
    assert {"email", "name", "nonce", "sid"}.isdisjoint(claims)


def test_auth0s_dialect_is_set_on_the_api(world: World, browser: Browser, jane: Person) -> None:
    world.api(token_dialect="access_token")
    tokens = world.client().sign_in(browser, jane, audience=API, scope="openid read:things")
    assert header_of(tokens.access_token)["typ"] == "JWT"
    assert tokens.access_claims["azp"]
    assert "client_id" not in tokens.access_claims


def test_without_openid_the_audience_is_the_api_alone(world: World, browser: Browser, jane: Person) -> None:
    tokens = world.client().sign_in(browser, jane, audience=world.api(), scope="read:things")
    assert tokens.access_claims["aud"] == API


def test_a_jwt_opens_userinfo_where_it_has_openid(world: World, browser: Browser, jane: Person) -> None:
    tokens = world.client().sign_in(browser, jane, audience=world.api(), scope="openid email read:things")
    assert tokens.userinfo().get_json()["email"] == jane.email


def test_the_tenants_default_audience_stands_in(world: World, browser: Browser, jane: Person) -> None:
    world.settings(default_audience=world.api())
    tokens = world.client().sign_in(browser, jane, scope="openid read:things")
    assert API in tokens.access_claims["aud"]


@pytest.mark.parametrize("own", ["api/v2/", "me/", "mfa/"])
def test_no_api_of_our_own_stands_in(world: World, browser: Browser, jane: Person, own: str) -> None:
    """One that is stored already, from before it was refused, counts as none."""
    audience = f"{world.issuer}{own}"
    world.caller().post("/resource-servers", {"identifier": f"{world.issuer}me/"})
    settings = {"default_audience": audience}
    answer = world.caller().patch("/tenants/settings", settings)
    assert (answer.status_code, (answer.json or {})["errorCode"]) == (400, "invalid_body")
    world.settings(**settings)
    app = world.client(grant_types=["authorization_code", "password", "client_credentials"])
    assert "." not in app.sign_in(browser, jane).access_token
    form = {"username": jane.email, "password": jane.password, "scope": "openid"}
    assert "." not in app.token(grant_type="password", **form).get_json()["access_token"]
    assert app.token(grant_type="client_credentials").get_json()["error"] == "invalid_request"


def test_the_userinfo_endpoint_as_audience_means_an_opaque_token(world: World, browser: Browser, jane: Person) -> None:
    tokens = world.client().sign_in(browser, jane, audience=f"{world.issuer}userinfo")
    assert "." not in tokens.access_token


def test_scopes_the_api_does_not_know_are_left_out(world: World, browser: Browser, jane: Person) -> None:
    tokens = world.client().sign_in(browser, jane, audience=world.api(), scope="openid read:things delete:everything")
    assert tokens.raw["scope"] == "openid read:things"


def test_the_api_decides_about_offline_access(world: World, browser: Browser, jane: Person) -> None:
    world.api(allow_offline_access=False)
    tokens = world.client().sign_in(browser, jane, audience=API, scope="openid offline_access read:things")
    assert "refresh_token" not in tokens.raw
    assert tokens.raw["scope"] == "openid read:things"


def test_the_lifetime_is_the_apis(world: World, browser: Browser, jane: Person) -> None:
    world.api(token_lifetime=120)
    tokens = world.client().sign_in(browser, jane, audience=API, scope="openid read:things")
    assert tokens.raw["expires_in"] == 120


@pytest.mark.parametrize("alg", ["RS256", "RS512", "PS256", "ES256", "EdDSA"])
@pytest.mark.parametrize("of", ["id_token", "access_token"])
def test_algorithms_are_set_per_client_and_per_api(
    world: World, browser: Browser, jane: Person, alg: str, of: str
) -> None:
    world.api(signing_alg=alg if of == "access_token" else "RS256")
    app = world.client(jwt_configuration={"alg": alg if of == "id_token" else "RS256"})
    tokens = app.sign_in(browser, jane, audience=API, scope="openid read:things")
    token = tokens.id_token if of == "id_token" else tokens.access_token
    assert header_of(token)["alg"] == alg
    assert app.claims(token)["sub"] == jane.user_id


def test_hs256_uses_the_shared_secret(world: World, browser: Browser, jane: Person) -> None:
    world.api(signing_alg="HS256", signing_secret="s" * 40)
    app = world.client(jwt_configuration={"alg": "HS256"})
    tokens = app.sign_in(browser, jane, audience=API, scope="openid email read:things")
    assert header_of(tokens.id_token)["alg"] == header_of(tokens.access_token)["alg"] == "HS256"
    assert tokens.userinfo().get_json()["email"] == jane.email
    assert app.introspect(tokens.access_token)["active"] is True


def test_the_management_api_gives_people_only_their_own_scopes(world: World, browser: Browser, jane: Person) -> None:
    tokens = world.client("spa").sign_in(
        browser,
        jane,
        audience=f"{world.issuer}api/v2/",
        scope="openid read:users read:current_user update:current_user_metadata",
    )
    assert tokens.raw["scope"] == "openid read:current_user update:current_user_metadata"
