"""Signs and verifies this provider's own tokens. Algorithms are pinned by key; embedded keys are ignored (security.md U1-U7)."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

import msgspec
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry

from idp.kernel.secrets import b64url
from idp.keys import store
from idp.tenants.context import Context

MAX_TOKEN_LENGTH = 16_384
_headers: dict[tuple[str, str, str], str] = {}


class InvalidToken(Exception):
    """A token that is not ours, was changed, or is of another kind; the text is for logs."""


def sign(ctx: Context, claims: dict[str, Any], *, alg: str = "RS256", typ: str = "JWT") -> str:
    """A compact JWS over ``claims`` with the tenant's current key for ``alg``."""
    key = store.ring(ctx).current(alg)
    head = _headers.get((alg, key.kid, typ))
    if head is None:
        head = _headers[alg, key.kid, typ] = store.header(alg, key.kid, typ)
    body = f"{head}.{b64url(msgspec.json.encode(claims))}"
    return f"{body}.{b64url(store.sign_bytes(store.private_key(ctx, key), alg, body.encode()))}"


def sign_hs256(secret: str, claims: dict[str, Any], *, typ: str = "JWT") -> str:
    """A compact JWS with a shared secret: ID tokens of clients set to HS256, access tokens of APIs set to HS256."""
    head = b64url(msgspec.json.encode({"alg": "HS256", "typ": typ}))
    body = f"{head}.{b64url(msgspec.json.encode(claims))}"
    return f"{body}.{b64url(hmac.new(secret.encode(), body.encode(), hashlib.sha256).digest())}"


def verify(ctx: Context, token: str, *, typ: frozenset[str] | None = None) -> dict[str, Any]:
    """The claims of a token this tenant signed. Expiry is the caller's to check. Raises InvalidToken."""
    if len(token) > MAX_TOKEN_LENGTH or token.count(".") != 2:
        raise InvalidToken("not a compact JWS")
    try:
        head = msgspec.json.decode(store.decode_segment(token.split(".", 1)[0]))
    except (ValueError, msgspec.DecodeError, RecursionError) as error:
        raise InvalidToken("unreadable header") from error
    if not isinstance(head, dict) or not isinstance(head.get("kid"), str) or "crit" in head:
        raise InvalidToken("header without kid, or with crit")
    key = store.ring(ctx).verifying(head["kid"])
    if key is None or store.KEY_ALG.get(str(head.get("alg"))) != key.alg:
        raise InvalidToken("unknown key or algorithm")
    if typ is not None and str(head.get("typ", "")).lower() not in typ:
        raise InvalidToken("token of another type")
    return _payload(token, key.jwk, str(head["alg"]))


def _payload(token: str, jwk: dict[str, Any], alg: str) -> dict[str, Any]:
    usable = {name: value for name, value in jwk.items() if name not in {"alg", "use", "x5c", "x5t"}}
    try:
        verified = jws.deserialize_compact(token, JWKRegistry.import_key(usable), algorithms=[alg])
        claims = msgspec.json.decode(verified.payload or b"")
    except (JoseError, ValueError, msgspec.DecodeError, RecursionError) as error:
        raise InvalidToken("bad signature or payload") from error
    if not isinstance(claims, dict):
        raise InvalidToken("payload is no object")
    return claims
