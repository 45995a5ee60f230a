"""Signs and verifies this provider's own tokens. Algorithms are pinned by key; embedded keys are ignored (security.md
U1-U7).
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Container
from typing import Any

import msgspec
from joserfc.jwk import JWKRegistry
from joserfc.jws import JWSRegistry

from idp.foundation.kernel import strict_json
from idp.foundation.kernel.secrets import b64url
from idp.foundation.kernel.strict_json import InvalidJson
from idp.foundation.tenancy.work import Work
from idp.tenant.keys import store

MAX_TOKEN_LENGTH = 16_384
_headers: dict[tuple[str, str, str], str] = {}
_public: dict[str, Any] = {}
"""Opened public keys by ``kid``: random, so that tenants never share one."""


class InvalidToken(Exception):
    """A token that is not ours, was changed, or is of another kind; the text is for logs."""


class BadSignature(InvalidToken):
    """The signature is not that of the key, or cannot be read."""


def sign(work: Work, claims: dict[str, Any], *, alg: str = "RS256", typ: str = "JWT") -> str:
    """A compact JWS over ``claims`` with the tenant's current key for ``alg``."""
    return _with(work, store.ring(work).current(alg), alg, claims, typ)


def sign_for_federation(work: Work, claims: dict[str, Any], *, typ: str) -> str:
    """The same with the key that the tenant has for federations alone. Raises LookupError where it has none."""
    return _with(work, store.ring(work).for_federation()[0], store.FEDERATION_ALG, claims, typ)


def _with(work: Work, key: store.Key, alg: str, claims: dict[str, Any], typ: str) -> str:
    head = _headers.get((alg, key.kid, typ))
    if head is None:
        head = _headers[alg, key.kid, typ] = store.header(alg, key.kid, typ)
    body = f"{head}.{b64url(msgspec.json.encode(claims))}"
    return f"{body}.{b64url(store.sign_bytes(store.private_key(work, key), alg, body.encode()))}"


def sign_hs256(secret: str, claims: dict[str, Any], *, typ: str = "JWT") -> str:
    """A compact JWS with a shared secret: ID tokens of clients set to HS256, access tokens of APIs set to HS256."""
    head = b64url(msgspec.json.encode({"alg": "HS256", "typ": typ}))
    body = f"{head}.{b64url(msgspec.json.encode(claims))}"
    return f"{body}.{b64url(hmac.new(secret.encode(), body.encode(), hashlib.sha256).digest())}"


def verify(work: Work, token: str, *, typ: frozenset[str] | None = None) -> dict[str, Any]:
    """The claims of a token this tenant signed with a key of its own. Expiry is the caller's to check. Raises
    InvalidToken.
    """
    head = header(token)
    if not isinstance(head.get("kid"), str):
        raise InvalidToken("header without kid")
    key = store.ring(work).verifying(head["kid"])
    if key is None or store.KEY_ALG.get(str(head.get("alg"))) != key.alg:
        raise InvalidToken("unknown key or algorithm")
    _check_type(head, typ)
    if not _algorithm(str(head["alg"])).verify(*_signed(token), _public_key(key)):
        raise BadSignature("bad signature")
    return unverified(token)


def verify_hs256(secret: str, token: str, *, typ: frozenset[str] | None = None) -> dict[str, Any]:
    """The claims of a token signed with a secret that we share with one client or one API. Raises InvalidToken.

    The caller has found out whose token it claims to be, and that this party is set to HS256: never pass a public key's
    text.
    """
    head = header(token)
    if head.get("alg") != "HS256":
        raise InvalidToken("another algorithm")
    _check_type(head, typ)
    body, signature = _signed(token)
    if not hmac.compare_digest(hmac.new(secret.encode(), body, hashlib.sha256).digest(), signature):
        raise BadSignature("bad signature")
    return unverified(token)


def header(token: str, most: int = MAX_TOKEN_LENGTH) -> dict[str, Any]:
    """The protected header, believed by nobody yet. Raises InvalidToken, also for ``crit``: we know no extension; for a
    token of more than ``most`` characters.
    """
    if len(token) > most or token.count(".") != 2:
        raise InvalidToken("not a compact JWS")
    head = protected(token)
    if "crit" in head:
        raise InvalidToken("critical extension")
    return head


def protected(token: str) -> dict[str, Any]:
    """The first part of a token, whatever kind it is of. Raises InvalidToken."""
    return _object(token.split(".", maxsplit=1)[0])


def opened(raw: str, types: Container[str], most: int = MAX_TOKEN_LENGTH) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and claims of a compact JWS, believed by nobody yet. Raises InvalidToken: where ``typ`` (in lower case) is
    none of ``types``, so that nothing that was signed for one end counts for another (RFC 8725 3.11); where a member
    stands twice, since who signed may have meant the other one; where no store could keep it.
    """
    head = header(raw, most)
    if str(head.get("typ", "")).lower() not in types:
        raise InvalidToken("token of another type")
    try:
        _, said = (strict_json.decode(store.decode_segment(each)) for each in raw.split(".")[:2])
    except (ValueError, InvalidJson) as error:
        raise InvalidToken(str(error)) from error
    return head, said


def unverified(token: str) -> dict[str, Any]:
    """The claims as they are written: good for finding out with whose key to verify them, and for nothing else. Raises
    InvalidToken.
    """
    return _object(token.split(".")[1])


def _object(segment: str) -> dict[str, Any]:
    try:
        found = msgspec.json.decode(store.decode_segment(segment))
    except (ValueError, msgspec.DecodeError, RecursionError) as error:
        raise InvalidToken("unreadable") from error
    if not isinstance(found, dict):
        raise InvalidToken("not an object")
    return found


def _signed(token: str) -> tuple[bytes, bytes]:
    body, _, signature = token.rpartition(".")
    try:
        return body.encode("ascii"), store.decode_segment(signature)
    except ValueError as error:
        raise BadSignature("unreadable signature") from error


def _check_type(head: dict[str, Any], typ: frozenset[str] | None) -> None:
    if typ is not None and str(head.get("typ", "")).lower() not in typ:
        raise InvalidToken("token of another type")


def _algorithm(alg: str) -> Any:
    """The implementation itself: the registry's own look-up warns that RFC 9864 renames EdDSA, which every library
    still speaks.
    """
    return JWSRegistry.algorithms[alg]


def _public_key(key: store.Key) -> Any:
    """The opened public key; opened once per process, like private ones."""
    found = _public.get(key.kid)
    if found is None:
        usable = {name: value for name, value in key.jwk.items() if name not in {"alg", "use", "x5c", "x5t"}}
        found = _public[key.kid] = JWKRegistry.import_key(usable)
    return found
