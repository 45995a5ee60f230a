"""Proofs that tokens of a provider are held by whoever asked for them (DPoP, RFC 9449).

A key lives as long as one exchange. A provider that binds nothing, and answers ``Bearer``, is taken at its word, as
section 5 leaves to it.
"""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import msgspec

from connectors.contract import HttpAnswer

if TYPE_CHECKING:
    from joserfc.jwk import Key

BOUND = "DPoP"
"""``token_type`` of what is bound to a key."""
WANTS_NONCE = "use_dpop_nonce"
_CURVES = {"ES256": "P-256", "ES384": "P-384", "ES512": "P-521"}
_NONCE = re.compile(r"[\x21\x23-\x5B\x5D-\x7E]{1,1024}")


class Prover:
    """Makes proofs with a key of its own. ``bound``: what the provider gave is bound to it."""

    def __init__(self, algorithm: str) -> None:
        from joserfc.jwk import ECKey, OKPKey

        self._algorithm = algorithm
        self._key: Key = (
            ECKey.generate_key(_CURVES[algorithm]) if algorithm in _CURVES else OKPKey.generate_key("Ed25519")
        )
        self._nonces: dict[str, str] = {}
        self.bound = False

    def proof(self, method: str, url: str, now: int, token: str | None = None) -> str:
        """The proof for one request (section 4.2); ``token`` is the access token that goes with it."""
        from joserfc import jws

        claims: dict[str, Any] = {
            "jti": secrets.token_urlsafe(16),
            "htm": method,
            "htu": url.partition("#")[0].partition("?")[0],
            "iat": now // 1000,
        }
        if token is not None:
            claims["ath"] = _b64url(hashlib.sha256(token.encode()).digest())
        nonce = self._nonces.get(_origin(url))
        if nonce is not None:
            claims["nonce"] = nonce
        public = {name: value for name, value in self._key.as_dict(private=False).items() if name in _MEMBERS}
        header = {"alg": self._algorithm, "typ": "dpop+jwt", "jwk": public}
        return jws.serialize_compact(header, msgspec.json.encode(claims), self._key, algorithms=[self._algorithm])

    def heard(self, url: str, answer: HttpAnswer) -> bool:
        """Remember the nonce of an answer. True where the request was refused for the lack of one, and is to be made
        again (sections 8 and 9).
        """
        nonce = answer.headers.get("dpop-nonce", "")
        if not _NONCE.fullmatch(nonce):
            return False
        new = self._nonces.get(_origin(url)) != nonce
        self._nonces[_origin(url)] = nonce
        return new and answer.status in _REFUSALS and _asks_for_nonce(answer)


_MEMBERS = frozenset({"kty", "crv", "x", "y"})
_REFUSALS = frozenset({400, 401})


def _asks_for_nonce(answer: HttpAnswer) -> bool:
    if WANTS_NONCE in answer.headers.get("www-authenticate", ""):
        return True
    try:
        said = answer.json()
    except ValueError:
        return False
    return isinstance(said, dict) and said.get("error") == WANTS_NONCE


def _origin(url: str) -> str:
    return urlsplit(url).netloc


def _b64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
