"""An algorithm that a client or an API is set to signs the next token: its key is made with the setting (security.md
U, W9).
"""

from __future__ import annotations

import warnings
from typing import Any

import pytest
from joserfc import jws
from joserfc.errors import BadSignatureError, SecurityWarning
from joserfc.jwk import KeySet, OctKey

from tests.world.application import Application
from tests.world.browser import Browser
from tests.world.world import API, Person, World

ALGORITHMS = ["RS256", "RS512", "PS256", "ES256", "EdDSA"]


def published(world: World) -> KeySet:
    return KeySet.import_key_set(world.get("/.well-known/jwks.json").get_json())


def verified(token: str, keys: Any, alg: str) -> dict[str, Any]:
    """The header of a token that verifies with exactly that algorithm."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SecurityWarning)  # EdDSA is only renamed (RFC 9864)
        return dict(jws.deserialize_compact(token, keys, algorithms=[alg]).headers())


@pytest.mark.parametrize("alg", ALGORITHMS)
def test_id_tokens(world: World, elsewhere: World, browser: Browser, jane: Person, alg: str) -> None:
    app = world.client()
    before = {key["kid"] for key in elsewhere.get("/.well-known/jwks.json").get_json()["keys"]}
    changed = world.management().patch(f"/clients/{app.client_id}", {"jwt_configuration": {"alg": alg}})
    assert changed["jwt_configuration"]["alg"] == alg
    after = elsewhere.get("/.well-known/jwks.json").get_json()["keys"]
    assert {key["alg"] for key in after} == {"RS256", alg}
    assert before <= {key["kid"] for key in after}
    token = app.sign_in(browser, jane).id_token
    header = verified(token, published(elsewhere), alg)
    assert (header["alg"], header["typ"]) == (alg, "JWT")
    assert next(key for key in after if key["kid"] == header["kid"])["alg"] == alg
    with pytest.raises(BadSignatureError):
        verified(token[:-6] + ("AAAAAA" if token[-6:] != "AAAAAA" else "BBBBBB"), published(elsewhere), alg)


@pytest.mark.parametrize("alg", ALGORITHMS)
def test_access_tokens(world: World, elsewhere: World, browser: Browser, jane: Person, alg: str) -> None:
    members = {"identifier": API, "signing_alg": alg, "skip_consent_for_verifiable_first_party_clients": True}
    made = world.management().post("/resource-servers", {**members, "scopes": [{"value": "read:things"}]})
    assert made["signing_alg"] == alg
    tokens = world.client().sign_in(browser, jane, audience=API, scope="openid read:things")
    assert verified(tokens.access_token, published(elsewhere), alg)["alg"] == alg
    assert elsewhere.get("/userinfo", headers={"Authorization": f"Bearer {tokens.access_token}"}).status_code == 200


def test_a_new_client_with_an_algorithm_of_its_own(world: World, browser: Browser, jane: Person) -> None:
    made = world.management().post(
        "/clients",
        {"name": "Curves", "callbacks": ["https://app.example.test/callback"], "jwt_configuration": {"alg": "ES256"}},
    )
    world.enable_connection(world.connection_id, made["client_id"])
    method = made["token_endpoint_auth_method"]
    app = Application(world, made["client_id"], made["client_secret"], made["callbacks"][0], method)
    assert verified(app.sign_in(browser, jane).id_token, published(world), "ES256")["alg"] == "ES256"


def test_a_shared_secret_signs_with_the_secret(world: World, browser: Browser, jane: Person) -> None:
    app = world.client()
    world.management().patch(f"/clients/{app.client_id}", {"jwt_configuration": {"alg": "HS256"}})
    token = app.sign_in(browser, jane).id_token
    assert verified(token, OctKey.import_key(str(app.secret)), "HS256") == {"alg": "HS256", "typ": "JWT"}
    assert {key["alg"] for key in world.get("/.well-known/jwks.json").get_json()["keys"]} == {"RS256"}


@pytest.mark.parametrize("alg", ["none", "None", "HS384", "ES512", "", None])
def test_algorithms_that_do_not_exist_here(world: World, alg: str | None) -> None:
    management, app = world.management(), world.client()
    assert management("PATCH", f"/clients/{app.client_id}", {"jwt_configuration": {"alg": alg}}).status_code == 400
    body = {"identifier": "https://none.example/", "signing_alg": alg}
    assert management("POST", "/resource-servers", body).status_code == 400
    assert management("GET", "/resource-servers/https%3A%2F%2Fnone.example%2F").status_code == 404
