"""DPoP proofs (RFC 9449 4): read, and checked against the request that they come with.

The key is the one that the proof brings along: it counts for nothing but being the same one next time. Private and
symmetric keys are refused, algorithms are pinned by the kind of the key (security.md U1-U3).
"""

from __future__ import annotations

import hashlib
import hmac
from functools import lru_cache
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec
from joserfc.jwk import JWKRegistry

from idp.applications.clients import public_keys
from idp.applications.clients.public_keys import ClientKey
from idp.foundation.kernel import strict_json
from idp.foundation.kernel.secrets import b64url
from idp.foundation.kernel.strict_json import InvalidJson
from idp.tenant.keys import store

ALGORITHMS: Final = ("ES256", "ES384", "ES512", "EdDSA", "PS256", "RS256")
"""What proofs may be signed with; ``Ed25519`` is EdDSA's other name (RFC 9864)."""
TYP: Final = "dpop+jwt"
MOST: Final = 4_096
"""Characters of a proof."""
MOST_JTI: Final = 256
_PRIVATE: Final = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
_KEYS: Final = 1_000
"""Keys that a process keeps opened."""


class Refused(Exception):
    """The proof is none; the text is for whoever made it."""


class _Key(msgspec.Struct, frozen=True):
    alg: str
    opened: ClientKey
    jkt: str


class Claims(msgspec.Struct, frozen=True):
    """What a proof says. ``iat`` in seconds."""

    jti: str
    htm: str
    htu: str
    iat: int | float
    nonce: str | None = None
    ath: str | None = None


class Proof(msgspec.Struct, frozen=True):
    """A proof whose signature is its key's, made with ``alg``; ``jkt`` is the key's thumbprint (RFC 7638)."""

    jkt: str
    claims: Claims
    alg: str


def read(raw: str) -> Proof:
    """The proof of a header ``DPoP``. Raises Refused for what is none, and for two of them."""
    if len(raw) > MOST:
        raise Refused("The DPoP proof is too large")
    if "," in raw:
        raise Refused("There is more than one DPoP proof")
    if raw.count(".") != 2:
        raise Refused("The DPoP proof is no JWT")
    head, payload, signature = raw.split(".")
    key = _key(head)
    try:
        signed, by = f"{head}.{payload}".encode("ascii"), store.decode_segment(signature)
        said = store.decode_segment(payload)
    except ValueError as error:
        raise Refused("The DPoP proof can't be read") from error
    if not key.opened.verifies(key.alg, signed, by):
        raise Refused("The signature of the DPoP proof is not that of its key")
    try:
        claims = msgspec.convert(strict_json.decode(said), Claims)
    except (msgspec.ValidationError, InvalidJson) as error:
        raise Refused("The DPoP proof lacks jti, htm, htu or iat, or one of them is of another type") from error
    if not 0 < len(claims.jti) <= MOST_JTI:
        raise Refused(f"jti of a DPoP proof has 1 to {MOST_JTI} characters")
    return Proof(key.jkt, claims, key.alg)


def matches(claims: Claims, method: str, url: str, token: str | None) -> str | None:
    """What of the request the proof was not made for; None where it is for this one. ``url`` is normal already, and
    ``token`` the access token that comes along (4.3, checks 8, 9 and 12).
    """
    rules = (
        (hmac.compare_digest(claims.htm.encode(), method.encode()), "htm is another method"),
        (normal(claims.htu) == url, "htu is another address"),
        (token is None or _is_of(claims.ath, token), "ath is not the hash of the access token"),
    )
    return next((f"The DPoP proof is not for this request: {text}" for holds, text in rules if not holds), None)


def normal(url: str) -> str | None:
    """An address without query and fragment, normalised by syntax and scheme (RFC 3986 6.2.2, 6.2.3); None for what is
    no address.
    """
    if len(url) > MOST:
        return None
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    scheme, host = parts.scheme.lower(), parts.hostname
    if scheme not in _PORTS or not host or "@" in parts.netloc or not url.isprintable():
        return None
    named = f"[{host}]" if ":" in host else host
    return f"{scheme}://{named}{'' if port in (None, _PORTS[scheme]) else f':{port}'}{_path(parts.path) or '/'}"


def hash_of(token: str) -> str:
    """``ath`` of an access token."""
    return b64url(hashlib.sha256(token.encode()).digest())


_PORTS: Final = {"https": 443, "http": 80}
_UNRESERVED: Final = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")


def _path(path: str) -> str:
    """With what needs no escape unescaped, and escapes in capitals."""
    if "%" not in path:
        return path
    first, *others = path.split("%")
    found = [first]
    for each in others:
        try:
            byte = int(each[:2], 16)
        except ValueError:
            found.append(f"%{each}")
            continue
        found.append((chr(byte) if byte in _UNRESERVED else f"%{byte:02X}") + each[2:])
    return "".join(found)


@lru_cache(maxsize=_KEYS)
def _key(head: str) -> _Key:
    """The key of a protected header, which is the same in every proof of a holder. Raises Refused."""
    try:
        said: Any = strict_json.decode(store.decode_segment(head))
    except (ValueError, InvalidJson) as error:
        raise Refused("The header of the DPoP proof can't be read") from error
    if not isinstance(said, dict) or str(said.get("typ", "")).lower() not in (TYP, f"application/{TYP}"):
        raise Refused(f"typ of a DPoP proof is {TYP}")
    if "crit" in said:
        raise Refused("The DPoP proof has a critical extension")
    named, jwk = said.get("alg"), said.get("jwk")
    alg = "EdDSA" if named == "Ed25519" else named
    if alg not in ALGORITHMS:
        raise Refused(f"alg of a DPoP proof is one of {', '.join(ALGORITHMS)}")
    if not isinstance(jwk, dict):
        raise Refused("The DPoP proof has no jwk")
    if not _PRIVATE.isdisjoint(jwk):
        raise Refused("jwk of a DPoP proof holds more than a public key")
    public = {name: value for name, value in jwk.items() if name in {"kty", "crv", "x", "y", "n", "e"}}
    try:
        opened = public_keys.read(public)
    except public_keys.Unusable as error:
        raise Refused(f"jwk of the DPoP proof can't be used: {error}") from error
    if public_keys.ALGORITHMS[alg] != opened.kind:
        raise Refused("alg of the DPoP proof does not fit its key")
    return _Key(alg, opened, JWKRegistry.import_key(public).thumbprint())


def _is_of(ath: str | None, token: str) -> bool:
    return ath is not None and hmac.compare_digest(ath.encode(), hash_of(token).encode())
