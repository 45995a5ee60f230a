"""OpenID providers that encrypt, that sign userinfo, and that bind tokens to a key (RFC 7516, OIDC Core 5.3.2 and 10.2,
RFC 9449): what is opened, and what is refused.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from typing import Any

import msgspec
import pytest
from joserfc import jwe, jwk, jws
from joserfc.jwk import OctKey, RSAKey

from connectors.contract import ConnectorError, KeyPair
from connectors.oauth2 import key_sets
from connectors.oidc.connector import OIDC
from tests.connectors.openid import OPTIONS
from tests.connectors.provider import (
    ISSUER,
    JWKS,
    KEY,
    NOW,
    OTHER,
    TOKEN,
    USERINFO,
    Asked,
    Attempt,
    FakeHttp,
    Said,
    away,
    key_set,
    opened,
    said,
    signed,
)
from tests.security.rows import row

S = NOW // 1000
OURS, BEFORE, FOREIGN = (RSAKey.generate_key(2048, {"kid": kid}) for kid in ("e2", "e1", "x"))


class Keys:
    """The connection's keys: one to encrypt to, and the one before; the tenant's, which nobody encrypts to."""

    def pairs(self) -> Sequence[KeyPair]:
        """None are signed with here."""
        return []

    def decrypting(self) -> Sequence[KeyPair]:
        """See :class:`connectors.contract.OwnKeys`."""
        own = [KeyPair(key.get_op_key("decrypt"), "", str(key.kid), encrypts=True) for key in (OURS, BEFORE)]
        return [*own, KeyPair(FOREIGN.get_op_key("decrypt"), "", "x")]


class Op:
    """A provider that answers what it is told to."""

    def __init__(self, **options: Any) -> None:
        self.http = FakeHttp({USERINFO: said({"sub": "s1"}), JWKS: key_set()})
        connector = opened(OIDC, self.http, **OPTIONS | options)
        object.__setattr__(connector._context, "keys", Keys())
        self.leaving: Attempt = away(connector)

    def token(self, **changed: Any) -> str:
        """A good ID token, but for what is changed."""
        usual = {"iss": ISSUER, "sub": "s1", "aud": "us", "iat": S, "exp": S + 600, "nonce": self.leaving.keep["nonce"]}
        return signed({**usual, **changed})

    def answers(self, token: str, **members: Any) -> None:
        """What the token endpoint says."""
        self.http.routes[TOKEN] = said({"access_token": "at", "token_type": "Bearer", "id_token": token, **members})

    def refuses(self) -> str:
        """Why nobody gets in, for the log."""
        with pytest.raises(ConnectorError) as caught:
            self.leaving.back()
        assert caught.value.code == "access_denied"
        return str(caught.value.detail)


@pytest.fixture(autouse=True)
def no_keys_are_known() -> None:
    key_sets.forget()


def b64(data: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def sealed(text: str, key: Any = OURS, alg: str = "RSA-OAEP-256", enc: str = "A256GCM", **header: Any) -> str:
    """The text, encrypted."""
    members = {"alg": alg, "enc": enc, "kid": key.kid, **header}
    protected = {name: value for name, value in members.items() if value is not None}
    return jwe.encrypt_compact(protected, text, key, algorithms=[alg, enc, "DEF"])


@pytest.mark.parametrize("enc", ["A128CBC-HS256", "A256CBC-HS512", "A128GCM", "A256GCM"])
@pytest.mark.parametrize("alg", ["RSA-OAEP", "RSA-OAEP-256"])
def test_encrypted_id_tokens_are_opened(alg: str, enc: str) -> None:
    op = Op()
    inner = op.token()
    op.answers(sealed(inner, alg=alg, enc=enc, cty="JWT"))
    identity = op.leaving.back()
    assert identity.user_id == "s1"
    assert identity.session["hint"] == inner  # what a logout shows is the token inside (RP-Initiated Logout 2)


def test_the_key_before_still_opens_and_one_without_a_name_is_looked_for() -> None:
    for key, header in ((BEFORE, {}), (OURS, {"kid": None}), (BEFORE, {"kid": None})):
        op = Op()
        op.answers(sealed(op.token(), key, **header))
        assert op.leaving.back().user_id == "s1"


def test_members_of_a_header_that_nobody_knows_are_passed_over() -> None:
    op = Op()
    op.answers(op.token())
    claims = msgspec.json.decode(jws.extract_compact(op.token().encode()).payload)
    head = {"alg": "RSA-OAEP", "enc": "A128GCM", "kid": "e2", "iss": ISSUER, "aud": "us", "x": 1}
    registry = jwe.JWERegistry(algorithms=["RSA-OAEP", "A128GCM"], strict_check_header=False)
    protected = {"alg": "RS256", "kid": "k1", "x": [1]}
    lenient = jws.JWSRegistry(algorithms=["RS256"], strict_check_header=False)
    inner = jws.serialize_compact(protected, msgspec.json.encode(claims), KEY, registry=lenient)
    op.answers(jwe.encrypt_compact(head, inner, OURS, registry=registry))
    assert op.leaving.back().user_id == "s1"


@row("CO1", "CO2")
def test_what_was_encrypted_is_verified_as_if_it_had_come_so() -> None:
    def none(op: Op) -> str:
        body = op.token().split(".")[1]
        return f"{b64(msgspec.json.encode({'alg': 'none'}))}.{body}."

    op = Op()
    claims = msgspec.json.decode(jws.extract_compact(op.token().encode()).payload)
    for inner, why in (
        (none(op), "which is not configured"),
        (signed(claims, OTHER), "no key of the provider"),
        (op.token(nonce="another"), "nonce"),
        (op.token(aud="them"), "aud"),
        (msgspec.json.encode(claims).decode(), "no JSON"),
    ):
        op.answers(sealed(inner))
        assert why in op.refuses()


@row("CO1")
def test_what_is_not_opened() -> None:
    op = Op()
    secret = OctKey.import_key("0123456789abcdef0123456789abcdef")
    inner = op.token()
    shared = {"alg": "dir", "enc": "A128CBC-HS256", "kid": "e2"}
    for token, why in (
        (sealed(inner, FOREIGN), "no key of this connection"),  # the tenant's key: nobody was told to encrypt to it
        (sealed(inner, FOREIGN, kid="e2"), "no key of this connection"),
        (sealed(inner, RSAKey.generate_key(2048), kid=None), "no key of this connection"),
        (sealed(inner, zip="DEF"), "zip"),
        (jwe.encrypt_compact(shared, inner, secret, algorithms=["dir", "A128CBC-HS256"]), "not supported"),
        (f"{b64(msgspec.json.encode({**shared, 'alg': 'RSA1_5'}))}.{sealed(inner).partition('.')[2]}", "RSA1_5"),
        (f"{sealed(inner)[:-4]}AAAA", "no key of this connection"),
        (sealed(inner) + "A" * 40_000, "longer"),
        ("....", "no JSON"),
    ):
        op.answers(token)
        assert why in op.refuses(), token[:60]


def jwt(token: str, status: int = 200) -> Said:
    """Userinfo as a token."""
    return Said(status, token.encode(), {"content-type": "application/jwt; charset=utf-8"})


PERSON = {"iss": ISSUER, "aud": "us", "sub": "s1", "name": "Jane", "email": "jane@op.example"}


@pytest.mark.parametrize(
    "answer",
    [
        jwt(signed(PERSON)),
        jwt(sealed(signed(PERSON))),
        jwt(sealed(msgspec.json.encode(PERSON).decode())),
        jwt(signed({**PERSON, "exp": S + 60})),
    ],
)
def test_userinfo_as_a_token(answer: Said) -> None:
    op = Op()
    op.answers(op.token())
    op.http.routes[USERINFO] = answer
    assert op.leaving.back().profile["name"] == "Jane"
    (asked,) = [each for each in op.http.asked if each.url == USERINFO]
    assert asked.headers["Accept"] == "application/json, application/jwt"


@row("CO1", "CO2", "CO7", "CO11")
@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (jwt(signed(PERSON, OTHER)), "no key of the provider"),
        (jwt(sealed(signed(PERSON, OTHER))), "no key of the provider"),
        (jwt(signed({**PERSON, "aud": "them"})), "aud"),
        (jwt(signed({**PERSON, "iss": "https://other.example"})), "iss"),
        (jwt(signed({**PERSON, "exp": S - 600})), "exp"),
        (jwt(signed({**PERSON, "sub": "s2"})), "another sub"),
        (jwt(sealed("{broken")), "no JSON"),
        (jwt(sealed("[1]")), "no signed token"),
        (jwt("A" * 40_000), "longer"),
        (jwt("no token"), "no signed token"),
        (jwt("no token", 401), "no JSON"),
    ],
)
def test_userinfo_that_is_refused(answer: Said, why: str) -> None:
    op = Op()
    op.answers(op.token())
    op.http.routes[USERINFO] = answer
    assert why in op.refuses()


class Binding:
    """A provider that binds tokens to keys, and may want nonces."""

    def __init__(self, op: Op, *, nonces: bool = False, token_type: str = "DPoP") -> None:
        self.op, self.nonces, self.token_type = op, nonces, token_type
        self.proofs: list[dict[str, Any]] = []
        self.keys: list[dict[str, Any]] = []
        op.http.routes[TOKEN] = self.token
        op.http.routes[USERINFO] = self.userinfo

    def proof(self, asked: Asked, url: str, method: str) -> dict[str, Any]:
        """What a provider looks at (RFC 9449 4.3)."""
        proof = asked.headers["DPoP"]
        head = msgspec.json.decode(base64.urlsafe_b64decode(proof.split(".")[0] + "=="))
        assert (head["typ"], "d" in head["jwk"]) == ("dpop+jwt", False)
        found = jws.deserialize_compact(proof, jwk.import_key(head["jwk"]), algorithms=[head["alg"]])
        claims: dict[str, Any] = msgspec.json.decode(found.payload)
        assert (claims["htm"], claims["htu"], claims["iat"]) == (method, url, S)
        self.proofs.append(claims)
        self.keys.append(head["jwk"])
        return claims

    def token(self, asked: Asked) -> Said:
        """The token endpoint."""
        claims = self.proof(asked, TOKEN, "POST")
        if self.nonces and claims.get("nonce") != "n-token":
            return Said(400, b'{"error":"use_dpop_nonce"}', {"dpop-nonce": "n-token"})
        return said({"access_token": "at", "token_type": self.token_type, "id_token": self.op.token()})

    def userinfo(self, asked: Asked) -> Said:
        """The resource."""
        if self.token_type == "Bearer":
            assert (asked.headers["Authorization"], "DPoP" in asked.headers) == ("Bearer at", False)
            return said({"sub": "s1"})
        assert asked.headers["Authorization"] == "DPoP at"
        claims = self.proof(asked, USERINFO, "GET")
        assert claims["ath"] == b64(hashlib.sha256(b"at").digest())
        if self.nonces and claims.get("nonce") != "n-userinfo":
            challenge = 'DPoP error="use_dpop_nonce"'
            return Said(401, b"", {"dpop-nonce": "n-userinfo", "www-authenticate": challenge})
        return said({"sub": "s1"})


@pytest.mark.parametrize("algorithm", ["ES256", "ES384", "ES512", "Ed25519"])
def test_tokens_bound_to_a_key(algorithm: str) -> None:
    op = Op(dpop_signing_alg=algorithm)
    there = Binding(op)
    identity = op.leaving.back()
    assert identity.tokens["token_type"] == "DPoP"
    assert len(there.proofs) == 2
    assert there.keys[0] == there.keys[1]
    assert len({each["jti"] for each in there.proofs}) == 2


def test_a_provider_that_wants_nonces_is_asked_once_more() -> None:
    op = Op(dpop_signing_alg="ES256")
    there = Binding(op, nonces=True)
    assert op.leaving.back().user_id == "s1"
    assert len(there.proofs) == 4
    assert len({each["jti"] for each in there.proofs}) == 4


def test_one_that_never_has_enough_of_nonces_is_asked_twice() -> None:
    op = Op(dpop_signing_alg="ES256")
    op.http.routes[TOKEN] = lambda _: Said(400, b'{"error":"use_dpop_nonce"}', {"dpop-nonce": "again"})
    assert "use_dpop_nonce" in op.refuses()
    assert op.http.count(TOKEN) == 2


def test_a_provider_that_binds_nothing_is_taken_at_its_word() -> None:
    op = Op(dpop_signing_alg="ES256")
    Binding(op, token_type="Bearer")
    assert "token_type" not in op.leaving.back().tokens


def test_nothing_is_proved_without_being_asked_for() -> None:
    op = Op()
    op.answers(op.token())
    op.leaving.back()
    assert not any("DPoP" in each.headers for each in op.http.asked)
    assert KEY.kid == "k1"


def test_an_algorithm_that_the_provider_does_not_take_is_refused_when_it_is_saved() -> None:
    metadata = {
        "issuer": ISSUER,
        "authorization_endpoint": f"{ISSUER}/a",
        "token_endpoint": TOKEN,
        "jwks_uri": JWKS,
        "dpop_signing_alg_values_supported": ["ES256", "EdDSA"],
    }
    http = FakeHttp({f"{ISSUER}/.well-known/openid-configuration": said(metadata)})
    for algorithm, fits in (("ES256", True), ("Ed25519", True), ("ES512", False)):
        connector = opened(OIDC, http, client_id="us", client_secret="s", issuer=ISSUER, dpop_signing_alg=algorithm)
        if fits:
            connector.settle()
        else:
            with pytest.raises(ConnectorError, match="ES512"):
                connector.settle()
