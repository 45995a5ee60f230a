"""Public keys of clients: which are taken, and that no signature but a good one is believed."""

from __future__ import annotations

from typing import Any

import pytest

from idp.applications.clients import public_keys
from idp.applications.clients.public_keys import Unusable
from tests.security.rows import row
from tests.world.client_keys import KINDS, public

SIGNATURES = [b"", b"\0", b"\0" * 64, b"\xff" * 64, b"\0" * 132, b"x" * 256, b"x" * 5_000]


@row("E5")
@pytest.mark.parametrize("alg", list(KINDS))
def test_no_made_up_signature_is_believed(alg: str) -> None:
    key = public_keys.read(public(alg), alg=alg)
    assert not any(key.verifies(alg, b"header.claims", signature) for signature in SIGNATURES)
    assert [each for each in public_keys.ALGORITHMS if key.fits(each, None)] == [alg]


@pytest.mark.parametrize(
    "jwk",
    [
        {},
        {"kty": "oct", "k": "AAAA"},
        {"kty": ["RSA"]},
        {"kty": "RSA"},
        {"kty": "RSA", "n": 5, "e": "AQAB"},
        {"kty": "RSA", "n": "!!", "e": "??"},
        {"kty": "RSA", "n": "", "e": ""},
        {"kty": "RSA", "n": "AQAB", "e": "AQAB"},
        {"kty": "RSA", "n": "A" + "f" * 4_000, "e": "AQAB"},
        {"kty": "EC", "crv": ["P-256"], "x": "AA", "y": "AA"},
        {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"},
        {"kty": "EC", "crv": "secp256k1", "x": "AA", "y": "AA"},
        {"kty": "OKP", "crv": "Ed25519", "x": "AA"},
        {"kty": "OKP", "crv": "Ed448", "x": "AA"},
        {**public("ES256"), "alg": {}},
        {**public("ES256"), "alg": "ES384"},
        {**public("ES256"), "use": "enc"},
        {**public("ES256"), "d": "AA"},
    ],
)
def test_what_is_no_public_key_is_told_so(jwk: dict[str, Any]) -> None:
    with pytest.raises(Unusable):
        public_keys.read(jwk)
    assert public_keys.readable([jwk, public("ES256")])[0].kid == public("ES256")["kid"]
    assert public_keys.readable(jwk) == []
