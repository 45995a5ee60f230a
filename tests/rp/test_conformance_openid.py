"""What `idp dev --tls --conformance` prepares, used as the Foundation's plans for OpenID providers use it: the
conditions that fail a module there, one test per plan (docs/conformance.md). The suite itself cannot be run here.
"""

from __future__ import annotations

import json
import math
import secrets
from collections import Counter
from typing import Any

import pytest
from joserfc.jwk import RSAKey

from tests.rp.suite import ID_TOKEN_CLAIMS, Party, Prepared, hashed
from tests.world.client_keys import signed

pytestmark = [pytest.mark.counterpart]
BODY = "application/x-www-form-urlencoded"


def test_config(prepared: Prepared) -> None:
    found = prepared.metadata
    address = prepared.files["oidc"]["server"]["discoveryUrl"]
    assert address == f"{found['issuer']}.well-known/openid-configuration"
    answer = prepared.call("GET", address)
    assert answer.headers["Content-Type"] == "application/json"
    assert len(answer.content) < 8_192
    endpoints = {name: url for name, url in found.items() if name.endswith(("_endpoint", "_uri", "_iframe"))}
    assert all(url.startswith("https://") for url in endpoints.values())
    lists = {name: value for name, value in found.items() if name.endswith(("_supported", "_required"))}
    assert all(isinstance(value, list | bool) and value != [] for value in lists.values())
    assert {"RS256"} <= set(found["id_token_signing_alg_values_supported"])
    assert {"RS256"} <= set(found["request_object_signing_alg_values_supported"])
    assert "none" not in found["request_object_signing_alg_values_supported"]
    assert {"openid", "profile", "email", "address", "phone", "offline_access"} <= set(found["scopes_supported"])
    assert {"code", "id_token", "id_token token", "code id_token", "code token"} <= set(
        found["response_types_supported"]
    )
    assert {"authorization_code", "implicit", "refresh_token"} <= set(found["grant_types_supported"])
    assert {"public", "pairwise"} == set(found["subject_types_supported"])
    assert {"query", "fragment", "form_post", "jwt"} <= set(found["response_modes_supported"])
    both = {"client_secret_basic", "client_secret_post", "private_key_jwt"}
    assert both <= set(found["token_endpoint_auth_methods_supported"])
    keys = prepared.call("GET", found["jwks_uri"]).json()["keys"]
    assert all(not {"d", "p", "q", "k"} & key.keys() for key in keys)
    assert max(Counter(key["kid"] for key in keys).values()) == 1


def entropy(text: str) -> float:
    """Shannon's, of the whole text in bits."""
    counted = Counter(text)
    return sum(-each * math.log2(each / len(text)) for each in counted.values())


def test_basic(prepared: Prepared) -> None:
    party, browser = prepared.party(), prepared.browser()
    nonce = secrets.token_urlsafe(8)
    assert party.ask(browser, prompt="none").params["error"] == "login_required"
    answer = party.ask(browser, nonce=nonce, scope="openid profile email address phone", acr_values="1 2")
    assert answer.mode == "query"
    code = answer.params["code"]
    assert len(code) * 6 >= 128
    assert entropy(code) >= 96
    tokens = party.tokens(code)
    claims = party.id_claims(tokens["id_token"], nonce)
    assert not claims.keys() - ID_TOKEN_CLAIMS
    told = party.userinfo(tokens["access_token"]).json()
    assert told["sub"] == claims["sub"]
    endpoint = prepared.metadata["userinfo_endpoint"]
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}
    assert prepared.call("POST", endpoint, headers=headers).json() == told
    assert prepared.call("POST", endpoint, data={"access_token": tokens["access_token"]}).json() == told

    # a code is good once, and takes its tokens along
    again = party.redeem(code)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    assert party.userinfo(tokens["access_token"]).status_code == 401

    # the same session: nothing is asked, and the moment of the sign-in stays
    for params in ({"prompt": "none"}, {"max_age": "10000"}, {"id_token_hint": tokens["id_token"], "prompt": "none"}):
        answer = party.ask(browser, **params)
        assert answer.logins == 0
        later = party.id_claims(party.tokens(answer.params["code"])["id_token"])
        assert (later["sub"], later["auth_time"]) == (claims["sub"], claims["auth_time"])
    for params in ({"max_age": "0"}, {"prompt": "login"}):
        answer = party.ask(browser, **params)
        assert answer.logins == 1
        assert party.id_claims(party.tokens(answer.params["code"])["id_token"])["auth_time"] >= claims["auth_time"]

    # what is not known is tolerated
    strange = {"display": "popup", "ui_locales": "se", "claims_locales": "se", "login_hint": "buffy@host", "x": "y"}
    assert "code" in party.ask(browser, **strange).params
    assert "code" in party.ask(browser, post=True).params
    essential = json.dumps({"userinfo": {"name": {"essential": True}}})
    tokens = party.tokens(party.ask(browser, claims=essential).params["code"])
    assert party.userinfo(tokens["access_token"]).json()["name"]

    # what is wrong stays here
    for wrong in (f"{party.callback}/x", f"{party.callback}?foo=bar", None):
        answer = party.ask(browser, redirect_uri=wrong)
        assert (answer.mode, answer.status) == ("page", 400)
    answer = party.ask(browser, response_type=None)
    assert answer.mode == "page" or answer.params["error"] in {"invalid_request", "unsupported_response_type"}
    unsigned = "eyJhbGciOiJub25lIn0.eyJzdGF0ZSI6IngifQ."
    assert party.ask(browser, request=unsigned, state="x").params["error"] == "invalid_request_object"


def test_basic_with_the_other_method_and_refresh_tokens(prepared: Prepared) -> None:
    browser = prepared.browser()
    party = prepared.party("oidc", "client_secret_post", "client_secret_post")
    assert party.id_claims(party.tokens(party.ask(browser).params["code"])["id_token"])
    party, other = prepared.party(), prepared.party("oidc", "client2")
    answer = party.ask(browser, scope="openid offline_access", prompt="consent")
    tokens = party.tokens(answer.params["code"])
    first = party.id_claims(tokens["id_token"])
    stolen = other.call("token_endpoint", grant_type="refresh_token", refresh_token=tokens["refresh_token"])
    assert (stolen.status_code, stolen.json()["error"]) == (400, "invalid_grant")
    for scope in ("openid offline_access", None):
        form = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"], "scope": scope}
        answered = party.call("token_endpoint", **form)
        assert answered.status_code == 200, answered.text
        tokens = {**tokens, **answered.json()}
        claims = party.id_claims(tokens["id_token"])
        assert {name: claims[name] for name in ("iss", "sub", "aud", "auth_time")} == {
            name: first[name] for name in ("iss", "sub", "aud", "auth_time")
        }
        assert all(" " <= each <= "~" for each in tokens["refresh_token"])


@pytest.mark.parametrize("kind", ["id_token", "id_token token", "code id_token", "code token", "code id_token token"])
@pytest.mark.parametrize("mode", [None, "form_post"], ids=["fragment", "form_post"])
def test_implicit_and_hybrid(prepared: Prepared, kind: str, mode: str | None) -> None:
    party, browser, parts = prepared.party(), prepared.browser(), set(kind.split())
    nonce = secrets.token_urlsafe(8)
    answer = party.ask(browser, response_type=kind, response_mode=mode, nonce=nonce, scope="openid email")
    assert answer.mode == (mode or "fragment")
    ids = [party.id_claims(answer.params["id_token"], nonce)] if "id_token" in parts else []
    if ids and "token" in parts:
        assert ids[0]["at_hash"] == hashed(answer.params["access_token"])
    if ids and "code" in parts:
        assert ids[0]["c_hash"] == hashed(answer.params["code"])
    if kind == "id_token":
        assert ids[0]["email"]
    used = [answer.params["access_token"]] if "token" in parts else []
    if "code" in parts:
        tokens = party.tokens(answer.params["code"])
        ids.append(party.id_claims(tokens["id_token"], nonce))
        used.append(tokens["access_token"])
    assert len({(each["iss"], each["sub"]) for each in ids}) == 1
    assert {party.userinfo(token).json()["sub"] for token in used} <= {each["sub"] for each in ids}
    refused = party.ask(browser, response_type=kind, response_mode=mode)  # without a nonce
    assert refused.mode == (mode or "fragment")
    assert refused.params.get("error") == ("invalid_request" if "id_token" in parts else None)
    silent = party.ask(prepared.browser(), response_type=kind, response_mode=mode, nonce=nonce, prompt="none")
    assert (silent.mode, silent.params["error"]) == (mode or "fragment", "login_required")


def test_form_post_of_a_code(prepared: Prepared) -> None:
    party, browser = prepared.party(), prepared.browser()
    answer = party.ask(browser, response_mode="form_post")
    assert answer.mode == "form_post"
    assert party.tokens(answer.params["code"])["id_token"]
    answer = party.ask(prepared.browser(), response_mode="form_post", prompt="none")
    assert (answer.mode, answer.params["error"]) == ("form_post", "login_required")


# ---- registration
def register(prepared: Prepared, status: int = 201, **members: Any) -> dict[str, Any]:
    about = {
        "client_name": "Conformance",
        "redirect_uris": [prepared.suite.url("callback")],
        "grant_types": ["authorization_code", "implicit", "refresh_token"],
        "response_types": ["code", "code id_token"],
        "contacts": ["certification@oidf.example"],
        "token_endpoint_auth_method": "client_secret_basic",
    }
    answer = prepared.call("POST", prepared.metadata["registration_endpoint"], json={**about, **members})
    assert answer.status_code == status, answer.text
    found: dict[str, Any] = answer.json()
    if status == 201:
        assert {"registration_client_uri", "registration_access_token"} <= found.keys()
        assert "client_secret" not in found or "client_secret_expires_at" in found
    return found


def managed(prepared: Prepared, client: dict[str, Any], method: str) -> Any:
    headers = {"Authorization": f"Bearer {client['registration_access_token']}"}
    return prepared.call(method, client["registration_client_uri"], headers=headers)


def test_dynamic(prepared: Prepared) -> None:
    suite, browser = prepared.suite, prepared.browser()
    first = RSAKey.generate_key(2048, {"kid": "1", "use": "sig", "alg": "RS256"})
    suite.documents[suite.path("jwks")] = ("application/json", json.dumps({"keys": [first.as_dict(private=False)]}))
    made = register(
        prepared,
        token_endpoint_auth_method="private_key_jwt",
        jwks_uri=suite.url("jwks"),
        userinfo_signed_response_alg="RS256",
        id_token_signed_response_alg="RS256",
        request_object_signing_alg="RS256",
        request_uris=[suite.url("request")],
        logo_uri=suite.url("logo.png"),
        policy_uri=suite.url("policy"),
        tos_uri=suite.url("tos"),
    )
    assert "client_secret" not in made

    party = Party(prepared, {**made, "jwks": {"keys": [first.as_dict(private=True)]}}, "private_key_jwt")
    page = prepared.browser().follow(
        f"{prepared.metadata['authorization_endpoint']}?client_id={party.client_id}&response_type=code&scope=openid"
        f"&redirect_uri={party.callback}&state=x",
        suite.base,
    )
    assert all(suite.url(name) in page.text for name in ("logo.png", "policy", "tos"))

    state = secrets.token_urlsafe(8)
    inner = {
        "iss": party.client_id,
        "aud": prepared.metadata["issuer"],
        "client_id": party.client_id,
        "response_type": "code id_token",
        "redirect_uri": party.callback,
        "scope": "openid offline_access",
        "state": state,
        "nonce": "n-1",
        "prompt": "consent",
    }
    suite.documents[suite.path("request")] = ("application/oauth-authz-req+jwt", signed(inner, first, "RS256"))
    params = {"response_type": "code id_token", "request_uri": suite.url("request"), "state": state}
    answer = party.ask(browser, **params, redirect_uri=None)
    claims = party.id_claims(answer.params["id_token"], "n-1")
    tokens = party.tokens(answer.params["code"])
    assert party.id_claims(tokens["id_token"], "n-1")["sub"] == claims["sub"]
    told = party.userinfo(tokens["access_token"])
    assert told.headers["Content-Type"].startswith("application/jwt")
    said = party.claims(told.text)
    assert (said["sub"], said["iss"], said["aud"]) == (claims["sub"], prepared.metadata["issuer"], party.client_id)
    assert "nonce" not in said

    assert managed(prepared, made, "DELETE").status_code == 204
    assert managed(prepared, made, "GET").status_code == 401


def test_dynamic_addresses_and_sectors(prepared: Prepared) -> None:
    suite, browser = prepared.suite, prepared.browser()
    here = suite.url("callback")
    party = Party(prepared, register(prepared, redirect_uris=[f"{here}?bar=foo"]), "client_secret_basic")
    answer = party.ask(browser, redirect_uri=f"{here}?bar=foo", prompt="login")
    assert answer.params["bar"] == "foo"
    assert party.redeem(answer.params["code"], redirect_uri=f"{here}?bar=foo").status_code == 200
    for wrong in (here, f"{here}?bar=other", f"{here}?bar=foo&baz=1", None):
        assert party.ask(browser, redirect_uri=wrong).mode == "page"
    refused = register(prepared, 400, redirect_uris=[f"{here}#fragment"])
    assert refused["error"] in {"invalid_redirect_uri", "invalid_client_metadata"}

    suite.documents["/sector.json"] = ("application/json", json.dumps([here]))
    sector = f"{suite.base}/sector.json"
    pairwise = Party(
        prepared, register(prepared, subject_type="pairwise", sector_identifier_uri=sector), "client_secret_basic"
    )
    public = Party(prepared, register(prepared), "client_secret_basic")
    subjects = [
        each.id_claims(each.tokens(each.ask(browser, prompt=None).params["code"])["id_token"])["sub"]
        for each in (pairwise, public)
    ]
    assert len(set(subjects)) == 2
    suite.documents["/sector.json"] = ("application/json", json.dumps(["https://other.example/callback"]))
    refused = register(prepared, 400, subject_type="pairwise", sector_identifier_uri=f"{sector}?bad")
    assert refused["error"] == "invalid_client_metadata"


def test_login_by_a_third_party(prepared: Prepared) -> None:
    address = prepared.suite.url("initiate_login")
    made = register(prepared, initiate_login_uri=address)
    assert made["initiate_login_uri"] == address
    read = managed(prepared, made, "GET")
    assert (read.status_code, read.json()["initiate_login_uri"]) == (200, address)
    refused = register(prepared, 400, initiate_login_uri="http://suite.example/initiate_login")
    assert refused["error"] == "invalid_client_metadata"
    assert managed(prepared, made, "DELETE").status_code == 204
