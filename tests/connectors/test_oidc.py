"""OpenID Connect against an issuer that misbehaves in every way there is (conformance.md 18; security.md CO)."""

from __future__ import annotations

import base64
import hmac
from typing import Any

import pytest
from joserfc.jwk import ECKey, OctKey, RSAKey

from connectors.contract import (
    ConnectorError,
    HearsOfLogouts,
    LogsOutAtSource,
    RedirectConnector,
    RefreshesTokens,
    Settles,
)
from connectors.oauth2 import key_sets
from connectors.oauth2.id_tokens import half_hash
from connectors.oidc.connector import OIDC, OKTA
from tests.connectors.openid import Op, S, without_signature
from tests.connectors.provider import (
    CALLBACK,
    ISSUER,
    JWKS,
    KEY,
    NOW,
    OTHER,
    TOKEN,
    USERINFO,
    Said,
    away,
    key_set,
    said,
    signed,
)
from tests.security.rows import row


@pytest.fixture(autouse=True)
def no_keys_are_known() -> None:
    key_sets.forget()


def with_public_key_as_secret(claims: Any) -> str:
    unsigned = without_signature(claims, "HS256").rstrip(".")
    mac = hmac.digest(KEY.as_pem(private=False), unsigned.encode(), "sha256")
    return f"{unsigned}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"


def test_somebody_comes_in() -> None:
    op = Op()
    params = op.leaving.params
    assert {name: params[name] for name in ("client_id", "response_type", "redirect_uri", "scope")} == {
        "client_id": "us",
        "response_type": "code",
        "redirect_uri": CALLBACK,
        "scope": "openid profile email",
    }
    assert params["code_challenge_method"] == "S256"
    assert params["nonce"] == op.leaving.keep["nonce"]
    op.http.routes[USERINFO] = said({"sub": "s1", "email": "jane@op.example", "email_verified": True, "name": "Jane"})
    op.answers(signed(op.claims(sid="up", at_hash=half_hash("at", "RS256"))))
    identity = op.leaving.back(iss=ISSUER)
    assert identity.user_id == "s1"
    assert identity.profile == {"email": "jane@op.example", "email_verified": True, "name": "Jane"}
    assert identity.session["sid"] == "up"
    token, userinfo, _ = sorted(op.http.asked, key=lambda each: (each.url != TOKEN, each.url))
    assert token.headers["Authorization"] == "Basic dXM6czNjcmV0"
    assert "client_secret" not in token.sent
    assert token.sent["code_verifier"] == op.leaving.keep["verifier"]
    assert {each.headers.get("Authorization") for each in op.http.asked if each.url == USERINFO} == {"Bearer at"}
    assert userinfo.url in {USERINFO, JWKS}


def test_what_it_can() -> None:
    for capability in (RedirectConnector, RefreshesTokens, LogsOutAtSource, HearsOfLogouts, Settles):
        assert OIDC.can(capability)
        assert OKTA.can(capability)


@row("CO1")
@pytest.mark.parametrize(
    "forged",
    [
        without_signature,
        lambda claims: without_signature(claims, "RS256"),
        lambda claims: without_signature(claims, "nOnE"),
        with_public_key_as_secret,
        lambda claims: signed(claims, OctKey.import_key(b"s3cret-that-is-long-enough-for-it"), "HS256"),
        lambda claims: signed(claims, OTHER),
        lambda claims: signed(claims, OTHER, jwk=OTHER.as_dict(private=False)),
        lambda claims: signed(claims, OTHER, jku="https://evil.example/jwks"),
        lambda claims: signed(claims, OTHER, x5u="https://evil.example/x"),
        lambda claims: signed(claims, RSAKey.import_key(KEY.as_pem(private=True)), "RS384"),
        lambda claims: signed(claims, KEY, kid="unknown"),
        lambda claims: signed(claims, KEY, crit=["b64"], b64=True),
        lambda claims: signed(claims)[:-4] + "AAAA",
        lambda claims: f"{signed(claims)}.x.y",
        lambda claims: signed(claims).replace(".", "", 1),
        lambda claims: "x" * 40_000,
        lambda claims: None,
    ],
)
def test_id_tokens_that_somebody_forged(forged: Any) -> None:
    op = Op()
    op.answers(forged(op.claims()))
    assert op.refuses().startswith("token: ")
    assert op.http.count("https://evil.example/jwks") == 0


@row("CO2")
@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"iss": "https://evil.example"}, "iss"),
        ({"iss": f"{ISSUER}/"}, "iss"),
        ({"iss": [ISSUER]}, "iss"),
        ({"iss": None}, "iss"),
        ({"aud": "somebody"}, "aud"),
        ({"aud": None}, "aud"),
        ({"aud": {"us": 1}}, "aud"),
        ({"aud": ["us", "other"]}, "azp"),
        ({"aud": ["us", "other"], "azp": "other"}, "azp"),
        ({"azp": "other"}, "azp"),
        ({"exp": S - 61}, "exp is 61 s ago by our clock"),
        ({"exp": None}, "exp"),
        ({"exp": "never"}, "exp"),
        ({"exp": True}, "exp"),
        ({"iat": None}, "iat"),
        ({"iat": S + 300}, "clock"),
        ({"nbf": S + 300}, "clock"),
        ({"sub": None}, "sub"),
        ({"sub": ""}, "sub"),
        ({"sub": 5}, "sub"),
        ({"at_hash": "AAAA"}, "at_hash"),
    ],
)
def test_claims_that_are_wrong(changed: dict[str, Any], why: str) -> None:
    op = Op()
    op.answers(signed(op.claims(**changed)))
    assert why in op.refuses()


@pytest.mark.parametrize(
    "changed", [{"exp": S - 59}, {"iat": S + 59}, {"aud": ["us"]}, {"aud": ["us", "x"], "azp": "us"}]
)
def test_what_is_still_right(changed: dict[str, Any]) -> None:
    op = Op()
    op.answers(signed(op.claims(**changed)))
    assert op.leaving.back().user_id == "s1"


@row("CO3")
@pytest.mark.parametrize(
    "changed", [{"nonce": None}, {"nonce": "other"}, {"nonce": 5}, {"nonce": None, "nonce_supported": False}]
)
def test_a_nonce_is_always_sent_and_wanted(changed: dict[str, Any]) -> None:
    op = Op(send_back_channel_nonce=False)
    op.answers(signed(op.claims(**changed)))
    assert "nonce" in op.refuses()


@row("CO4")
def test_an_id_token_of_an_earlier_sign_in_is_good_for_nobody() -> None:
    op = Op(type="front_channel")
    token = signed(op.claims())
    assert op.leaving.back(id_token=token).user_id == "s1"
    op.leaving = away(op.connector())
    assert "nonce" in op.refuses(id_token=token)


def test_the_front_channel() -> None:
    op = Op(type="front_channel", scope="openid email", client_secret="")
    params = op.leaving.params
    assert (params["response_type"], params["response_mode"]) == ("id_token", "form_post")
    assert (params["scope"], "code_challenge" in params) == ("openid email", False)
    op.http.routes.pop(USERINFO)
    identity = op.leaving.back(id_token=signed(op.claims(email="a@op.example", email_verified="true")), code="")
    assert identity.profile == {"email": "a@op.example", "email_verified": False}
    assert identity.tokens == {}
    assert op.http.count(TOKEN) == 0
    assert op.refuses(id_token=without_signature(op.claims())).startswith("token")
    assert op.refuses() == "token: there is no ID token"


@row("CO6")
def test_an_answer_of_another_issuer() -> None:
    op = Op(oidc_metadata={"authorization_response_iss_parameter_supported": True})
    op.answers(signed(op.claims()))
    assert op.connector().issuer() == ISSUER
    for params in ({}, {"iss": "https://evil.example"}):
        assert "iss" in op.refuses(**params)
    assert op.http.count(TOKEN) == 0, "the code goes to nobody"
    assert op.leaving.back(iss=ISSUER).user_id == "s1"


@row("CO7")
@pytest.mark.parametrize("person", [{"sub": "s2"}, {"sub": None}, {"name": "x"}, {"sub": ["s1"]}])
def test_userinfo_about_somebody_else(person: dict[str, Any]) -> None:
    op = Op()
    op.answers(signed(op.claims()))
    op.http.routes[USERINFO] = said(person)
    assert "userinfo" in op.refuses()


@row("CO11")
@pytest.mark.parametrize(
    "odd",
    [
        Said(200, b"[" * 100_000),
        Said(200, b'{"a":' * 40 + b"1" + b"}" * 40),
        Said(200, b"\x00\x01"),
        Said(200, b'"text"'),
        Said(404, b"<html>"),
        Said(302, b""),
    ],
)
@pytest.mark.parametrize("place", [USERINFO, TOKEN, JWKS])
def test_odd_documents(odd: Said, place: str) -> None:
    op = Op()
    op.answers(signed(op.claims()))
    op.http.routes[place] = odd
    assert op.refuses()


@row("CO12")
def test_keys_change_and_invented_ones_make_nobody_ask() -> None:
    op = Op()
    op.answers(signed(op.claims()))
    op.leaving.back()
    op.leaving.back()
    assert op.http.count(JWKS) == 1, "remembered"
    new = RSAKey.generate_key(2048, {"kid": "k2", "use": "sig"})
    op.http.routes[JWKS] = key_set(new)
    op.answers(signed(op.claims(), new, kid="k2"))
    assert "no key" in op.refuses()
    op.clock.now += 60_000
    assert op.leaving.back().user_id == "s1"
    assert op.http.count(JWKS) == 2
    for number in range(50):
        op.answers(signed(op.claims(), new, kid=f"invented-{number}"))
        assert "no key" in op.refuses()
    assert op.http.count(JWKS) == 2
    op.http.routes[JWKS] = said({}, 503)
    op.clock.now += 3_600_000
    op.answers(signed(op.claims(iat=S + 3_600, exp=S + 7_200), new, kid="k2"))
    assert op.leaving.back().user_id == "s1", "keys that are known stay good while the provider is away"


def test_a_key_is_changed_and_keeps_its_id() -> None:
    op = Op()
    op.answers(signed(op.claims()))
    op.leaving.back()
    op.http.routes[JWKS] = key_set(OTHER)
    op.answers(signed(op.claims(), OTHER))
    op.clock.now += 60_000
    assert op.leaving.back().user_id == "s1"


@pytest.mark.parametrize("kid", [None, "k1"])
def test_tokens_and_keys_without_a_name(kid: str | None) -> None:
    op = Op()
    op.http.routes[JWKS] = said({"keys": [{n: v for n, v in KEY.as_dict(private=False).items() if n != "kid"}]})
    op.answers(signed(op.claims(), kid=kid))
    assert op.leaving.back().user_id == "s1"
    several = Op()
    several.http.routes[JWKS] = key_set(OTHER, KEY)
    key_sets.forget()
    several.answers(signed(several.claims(), kid=None))
    assert several.leaving.back().user_id == "s1", "each of them is tried"


def test_keys_are_for_what_they_say() -> None:
    for change in ({"use": "enc"}, {"alg": "PS256"}, {"kty": "EC"}):
        op = Op()
        key_sets.forget()
        op.http.routes[JWKS] = said({"keys": [{**KEY.as_dict(private=False), **change}]})
        op.answers(signed(op.claims()))
        assert op.refuses()
    elliptic = ECKey.generate_key("P-256", {"kid": "k1"})
    op = Op()
    op.http.routes[JWKS] = key_set(elliptic)
    key_sets.forget()
    op.answers(signed(op.claims(), elliptic, "ES256"))
    assert op.leaving.back().user_id == "s1"


@row("N4")
@pytest.mark.parametrize("value", ["true", "false", 1, None, {}])
def test_only_json_true_proves_an_address(value: Any) -> None:
    op = Op()
    op.answers(signed(op.claims(email="jane@op.example", email_verified=value)))
    assert op.leaving.back().profile == {"email": "jane@op.example", "email_verified": False}


def test_attribute_maps() -> None:
    attributes = {
        "email": "${context.userinfo.mail}",
        "name": "${context.tokenset.first} ${context.tokenset.last}",
        "department": "${context.userinfo.groups[0]}",
        "locale": "de",
        "nickname": "${context.tokenset.absent}",
    }
    op = Op(attribute_map={"mapping_mode": "use_map", "attributes": attributes, "userinfo_scope": "groups"})
    assert op.leaving.params["scope"] == "openid profile email groups"
    op.answers(signed(op.claims(first="Jane", last="Doe", given_name="J", email="j@op.example", email_verified=True)))
    op.http.routes[USERINFO] = said({"sub": "s1", "mail": "else@op.example", "groups": ["staff"]})
    assert op.leaving.back().profile == {
        "email": "else@op.example",
        "email_verified": False,
        "name": "Jane Doe",
        "department": "staff",
        "locale": "de",
    }, "the proof was of another address"
    op.options["attribute_map"] = {"mapping_mode": "bind_all", "attributes": {"nickname": "${context.tokenset.first}"}}
    op.leaving = away(op.connector())
    op.answers(signed(op.claims(first="Jane", given_name="J", email="j@op.example", email_verified=True)))
    found = op.leaving.back()
    assert found.profile == {"email": "j@op.example", "email_verified": True, "given_name": "J", "nickname": "Jane"}
    assert found.raw["groups"] == ["staff"], "kept apart"


def test_refreshed_tokens_are_of_the_same_person() -> None:
    op = Op()
    tokens = {"refresh_token": "rt", "access_token": "old", "expires_at": "1"}
    op.answers(None, expires_in=60, refresh_token="rt2")
    assert op.connector().refresh("s1", tokens) == {
        "access_token": "at",
        "refresh_token": "rt2",
        "expires_at": str(NOW + 60_000),
    }
    op.answers(signed(op.claims(nonce=None)))
    assert op.connector().refresh("s1", tokens)["access_token"] == "at"
    for changed in ({"sub": "s2"}, {"iss": "https://evil.example"}):
        op.answers(signed(op.claims(**changed)))
        with pytest.raises(ConnectorError):
            op.connector().refresh("s1", tokens)
