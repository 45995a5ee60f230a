"""Discovery and JWKS (OIDC Discovery 3, RFC 8414, RFC 7517; the suite's Config plan)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jsonschema
import pytest

from idp.foundation.web.i18n import LANGUAGES
from idp.protocol.oauth.grants import GRANTS
from tests.flows.test_response_types import SIGNED, TYPES
from tests.world.browser import Browser
from tests.world.certificates import Authority, behind_a_proxy
from tests.world.fixtures import OpenWorld
from tests.world.templates import ISSUER
from tests.world.world import Person, World

PATHS = ["/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"]
_URL = {"type": "string", "pattern": "^https://"}
_LIST = {"type": "array", "items": {"type": "string"}, "minItems": 1, "uniqueItems": True}
SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": [
        "issuer",
        "authorization_endpoint",
        "token_endpoint",
        "userinfo_endpoint",
        "jwks_uri",
        "response_types_supported",
        "subject_types_supported",
        "id_token_signing_alg_values_supported",
        "scopes_supported",
        "claims_supported",
        "grant_types_supported",
        "end_session_endpoint",
        "request_uri_parameter_supported",
        "request_parameter_supported",
    ],
    "properties": {
        "issuer": {"const": ISSUER},
        **dict.fromkeys(
            (
                "authorization_endpoint",
                "token_endpoint",
                "userinfo_endpoint",
                "jwks_uri",
                "revocation_endpoint",
                "introspection_endpoint",
                "device_authorization_endpoint",
                "backchannel_authentication_endpoint",
                "end_session_endpoint",
                "pushed_authorization_request_endpoint",
                "backchannel_authentication_endpoint",
            ),
            _URL,
        ),
        **dict.fromkeys(
            (
                "scopes_supported",
                "response_types_supported",
                "response_modes_supported",
                "grant_types_supported",
                "acr_values_supported",
                "subject_types_supported",
                "id_token_signing_alg_values_supported",
                "token_endpoint_auth_methods_supported",
                "revocation_endpoint_auth_methods_supported",
                "introspection_endpoint_auth_methods_supported",
                "authorization_signing_alg_values_supported",
                "request_object_signing_alg_values_supported",
                "dpop_signing_alg_values_supported",
                "backchannel_token_delivery_modes_supported",
                "backchannel_authentication_request_signing_alg_values_supported",
                "token_endpoint_auth_signing_alg_values_supported",
                "revocation_endpoint_auth_signing_alg_values_supported",
                "introspection_endpoint_auth_signing_alg_values_supported",
                *(
                    f"{what}_{kind}_values_supported"
                    for what in ("id_token", "userinfo", "authorization", "introspection")
                    for kind in ("signing_alg", "encryption_alg", "encryption_enc")
                ),
                "request_object_encryption_alg_values_supported",
                "request_object_encryption_enc_values_supported",
                "dpop_signing_alg_values_supported",
                "claims_supported",
                "ui_locales_supported",
                "code_challenge_methods_supported",
                "prompt_values_supported",
                "backchannel_token_delivery_modes_supported",
                "backchannel_authentication_request_signing_alg_values_supported",
            ),
            _LIST,
        ),
        **{
            name: {"type": "boolean"}
            for name in (
                "claims_parameter_supported",
                "tls_client_certificate_bound_access_tokens",
                "require_request_uri_registration",
                "require_pushed_authorization_requests",
                "backchannel_user_code_parameter_supported",
                "backchannel_logout_supported",
                "backchannel_logout_session_supported",
                "frontchannel_logout_supported",
                "frontchannel_logout_session_supported",
                "authorization_response_iss_parameter_supported",
            )
        },
        "request_parameter_supported": {"const": True},
        "request_uri_parameter_supported": {"const": True},
    },
    "additionalProperties": False,
}


@pytest.fixture
def document(world: World) -> dict[str, Any]:
    found: dict[str, Any] = world.get(PATHS[0]).get_json()
    return found


def test_it_keeps_to_the_schema_and_names_nothing_unknown(document: dict[str, Any]) -> None:
    jsonschema.validate(document, SCHEMA)


@pytest.mark.parametrize("path", [*PATHS, "/.well-known/jwks.json"])
def test_anybody_may_read_it_from_anywhere(world: World, path: str) -> None:
    response = world.get(path)
    assert response.status_code == 200
    assert response.mimetype == "application/json"
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert "Set-Cookie" not in response.headers


def test_both_documents_are_one(world: World) -> None:
    assert world.get(PATHS[0]).get_json() == world.get(PATHS[1]).get_json()


def test_what_is_listed_is_what_is_there(world: World, document: dict[str, Any]) -> None:
    assert set(document["response_types_supported"]) == {"code", *TYPES}
    assert set(document["response_modes_supported"]) == {"query", "fragment", "form_post", "web_message", *SIGNED}
    assert document["code_challenge_methods_supported"] == ["S256"]
    assert set(document["grant_types_supported"]) == {*GRANTS, "implicit"}
    assert {"authorization_code", "refresh_token", "client_credentials"} <= set(GRANTS)
    assert {"openid", "profile", "email", "phone", "address", "offline_access"} <= set(document["scopes_supported"])
    assert "RS256" in document["id_token_signing_alg_values_supported"]
    assert "none" not in document["id_token_signing_alg_values_supported"]
    for name in (
        "authorization",
        "token",
        "userinfo",
        "revocation",
        "introspection",
        "end_session",
        "pushed_authorization_request",
    ):
        assert world.get(document[f"{name}_endpoint"]).status_code != 404, name


def test_it_never_follows_the_host_header(world: World) -> None:
    response = world.get(PATHS[0], headers={"X-Forwarded-Host": "evil.test", "Forwarded": "host=evil.test"})
    assert "evil" not in response.get_data(as_text=True)
    assert world.send("GET", f"https://evil.test{PATHS[0]}").status_code == 404


def test_the_end_session_endpoint_can_be_left_out(world: World) -> None:
    world.settings(oidc_logout={"rp_logout_end_session_endpoint_discovery": False})
    assert "end_session_endpoint" not in world.get(PATHS[0]).get_json()


def test_with_everything_switched_on_it_stays_small(open_world: OpenWorld, tmp_path: Path) -> None:
    """Both as they are sent: 8 KB is what one has to fetch before anything else."""
    told = behind_a_proxy(tmp_path / "authorities.pem", Authority("Clients"))
    world = open_world(**told, IDP_MTLS_URL="https://certificates.login.company.example.test/")
    world.settings(
        flags={"enable_dynamic_client_registration": True},
        client_id_metadata_document_supported=True,
        session_management=True,
        mtls={"enable_endpoint_aliases": True},
        enabled_locales=list(LANGUAGES),
    )
    for alg in sorted({"RS512", "PS256", "ES256", "EdDSA"}):
        world.client(jwt_configuration={"alg": alg})
    found = world.get(PATHS[0])
    assert {"registration_endpoint", "check_session_iframe", "mtls_endpoint_aliases"} <= found.get_json().keys()
    assert len(found.get_json()["ui_locales_supported"]) == len(LANGUAGES) >= 30
    assert len(found.data) < 8_192


def test_a_change_of_settings_is_seen_at_once(world: World) -> None:
    other = world.other_process()
    assert other.get(PATHS[0]).get_json()["code_challenge_methods_supported"] == ["S256"]
    world.settings(compatibility={"plain_pkce": True, "authorization_response_iss": False})
    document = other.get(PATHS[0]).get_json()
    assert document["code_challenge_methods_supported"] == ["S256", "plain"]
    assert document["authorization_response_iss_parameter_supported"] is False
    other.platform.db.dispose()


def test_published_keys_are_public_and_have_names_of_their_own(world: World) -> None:
    for alg in ("PS256", "ES256", "EdDSA"):
        world.keys(alg)
    keys = world.get("/.well-known/jwks.json").get_json()["keys"]
    assert len({key["kid"] for key in keys}) == len(keys) == 8
    for key in keys:
        assert key["use"] == "sig"
        assert {"d", "p", "q", "dp", "dq", "qi", "k"}.isdisjoint(key)
    rsa = [key for key in keys if key["kty"] == "RSA"]
    assert all(len(key["n"]) >= 342 and key["e"] == "AQAB" and key["x5c"] and key["x5t"] for key in rsa)


def test_rotation_keeps_old_tokens_verifiable(world: World, browser: Browser, jane: Person) -> None:
    app = world.client()
    old = app.sign_in(browser, jane)
    before = {key["kid"] for key in world.get("/.well-known/jwks.json").get_json()["keys"]}
    world.rotate_keys()
    after = {key["kid"] for key in world.get("/.well-known/jwks.json").get_json()["keys"]}
    assert before < after
    assert app.claims(old.id_token)["sub"] == jane.user_id
    attempt = app.begin(browser)
    assert attempt.tokens(browser.answer).id_claims["sub"] == jane.user_id


def test_alg_can_be_left_out_of_the_keys(world: World) -> None:
    world.settings(flags={"remove_alg_from_jwks": True})
    assert all("alg" not in key for key in world.get("/.well-known/jwks.json").get_json()["keys"])


@pytest.mark.parametrize("path", PATHS)
def test_other_methods_are_not_allowed(world: World, path: str) -> None:
    assert world.post(path).status_code == 405
