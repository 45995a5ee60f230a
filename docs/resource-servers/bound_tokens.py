"""Checks access tokens of one issuer for one API: as a bearer's, bound to the key of a DPoP proof (RFC 9449), or bound
to a client certificate (RFC 8705). Needs joserfc and requests; knows no framework.
"""

import base64
import hashlib
import json
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import requests
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, JWKRegistry, KeySet, OKPKey, RSAKey

TOKENS = ["RS256", "PS256", "ES256", "EdDSA"]
PROOFS = ["ES256", "ES384", "EdDSA", "PS256"]
OLDEST, AHEAD = 60, 30
"""Seconds that ``iat`` of a proof may be from now."""


class Refused(Exception):
    """The request is not let in; ``challenge`` is the header ``WWW-Authenticate``."""

    def __init__(self, error: str, description: str, status: int = 401) -> None:
        super().__init__(description)
        self.status = status
        said = f'error="{error}", error_description="{description}"'
        self.challenge = f'DPoP {said}, algs="{" ".join(PROOFS)}"'


@dataclass
class BoundTokens:
    """``issuer`` with its slash at the end; ``audience`` is the identifier of this API. ``require``: ``dpop`` or
    ``mtls`` where a token that is bound to nothing is not enough. ``ca``: a file of authorities for the issuer's TLS.
    """

    issuer: str
    audience: str
    require: str | None = None
    ca: str | bool = True
    _keys: KeySet | None = None
    _fetched: float = 0.0
    _seen: dict[str, float] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def claims(
        self, method: str, url: str, headers: Mapping[str, str], certificate: bytes | None = None
    ) -> dict[str, Any]:
        """What the token of a request says, if it is good and the caller's. ``url`` is the address as callers know it;
        ``certificate`` the DER of the one that they showed, where a proxy tells it.

        :raises Refused: it is not.
        """
        scheme, _, token = headers.get("Authorization", "").partition(" ")
        if scheme.lower() not in ("bearer", "dpop") or not token:
            raise Refused("invalid_token", "An access token is required")
        claims = self._verified(token)
        bound = claims.get("cnf", {})
        if "jkt" in bound:
            if scheme.lower() != "dpop":
                raise Refused("invalid_token", "The token is bound to a key: send it with a proof")
            self._check_proof(headers.get("DPoP", ""), method, url, token, bound["jkt"])
        elif scheme.lower() == "dpop":
            raise Refused("invalid_token", "The token is bound to no key")
        if "x5t#S256" in bound and (certificate is None or _thumbprint(certificate) != bound["x5t#S256"]):
            raise Refused("invalid_token", "The token is bound to another certificate")
        wanted = {"dpop": "jkt", "mtls": "x5t#S256"}.get(self.require or "")
        if set(bound) - {"jkt", "x5t#S256"} or (wanted is not None and wanted not in bound):
            raise Refused("invalid_token", "The token is not bound as this API wants it")
        return claims

    def _verified(self, token: str) -> dict[str, Any]:
        """RFC 9068 4: signature, issuer, audience, expiry; keys of the issuer alone."""
        try:
            header = jws.extract_compact(token.encode()).headers()
            if str(header.get("typ", "")).lower() not in ("at+jwt", "application/at+jwt", "jwt"):
                raise Refused("invalid_token", "It is no access token")
            claims = dict(jwt.decode(token, self._key_set(header.get("kid")), algorithms=TOKENS).claims)
        except (JoseError, ValueError, KeyError) as error:
            raise Refused("invalid_token", "The access token is not valid") from error
        audience = claims.get("aud")
        named = audience if isinstance(audience, list) else [audience]
        if claims.get("iss") != self.issuer or self.audience not in named or claims.get("exp", 0) <= time.time():
            raise Refused("invalid_token", "The access token is over, or not for this API")
        return claims

    def _key_set(self, kid: str | None) -> KeySet:
        """Fetched once, and again for a key that is new, at most every ten seconds."""
        with self._lock:
            known = self._keys is not None and any(key.kid == kid for key in self._keys.keys)
            if self._keys is None or (not known and time.monotonic() - self._fetched > 10):
                answer = requests.get(f"{self.issuer}.well-known/jwks.json", timeout=5, verify=self.ca)
                answer.raise_for_status()
                self._keys, self._fetched = KeySet.import_key_set(answer.json()), time.monotonic()
            return self._keys

    def _check_proof(self, proof: str, method: str, url: str, token: str, jkt: str) -> None:
        """RFC 9449 4.3."""
        try:
            found = jws.extract_compact(proof.encode())
            header = found.headers()
            key = JWKRegistry.import_key(header["jwk"])
            if header["typ"] != "dpop+jwt" or header["alg"] not in PROOFS or key.is_private:
                raise Refused("invalid_dpop_proof", "typ, alg or jwk of the proof are not right")
            if not isinstance(key, ECKey | OKPKey | RSAKey):
                raise Refused("invalid_dpop_proof", "The key of the proof is not a public one")
            registry = jws.JWSRegistry(algorithms=PROOFS, strict_check_header=False)
            said = json.loads(jws.deserialize_compact(proof.encode(), key, registry=registry).payload)
            hashed = base64.urlsafe_b64encode(hashlib.sha256(token.encode()).digest()).rstrip(b"=").decode()
            right = (
                said["htm"] == method
                and _normal(said["htu"]) == _normal(url)
                and said["ath"] == hashed
                and -OLDEST <= said["iat"] - time.time() <= AHEAD
            )
            if not right or not isinstance(said["jti"], str):
                raise Refused("invalid_dpop_proof", "The proof is not for this request, or not of now")
        except (JoseError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise Refused("invalid_dpop_proof", "The proof can't be read") from error
        if key.thumbprint() != jkt:
            raise Refused("invalid_token", "The token is bound to another key")
        self._use(f"{jkt} {said['jti']}")

    def _use(self, name: str) -> None:
        """Each proof once. With several processes keep this where all of them look: Redis, ``SET name 1 NX EX 91``."""
        now = time.monotonic()
        with self._lock:
            self._seen = {each: until for each, until in self._seen.items() if until > now}
            if name in self._seen:
                raise Refused("invalid_dpop_proof", "The proof was used before")
            self._seen[name] = now + OLDEST + AHEAD + 1


def _normal(url: str) -> tuple[str, str | None, int | None, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or {"https": 443, "http": 80}.get(parts.scheme), parts.path or "/"


def _thumbprint(certificate: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(certificate).digest()).rstrip(b"=").decode()
