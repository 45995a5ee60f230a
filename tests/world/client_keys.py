"""Keys that clients sign with, and what they sign: assertions and request objects, good ones and others."""

from __future__ import annotations

import json
import secrets
import time
import warnings
from collections.abc import Mapping
from functools import cache
from typing import Any

from joserfc import jws
from joserfc.errors import SecurityWarning
from joserfc.jwk import ECKey, OKPKey, RSAKey

from tests.world.application import Application

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
KINDS: Mapping[str, tuple[str, Any]] = {
    **dict.fromkeys(("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"), ("RSA", 2048)),
    "ES256": ("EC", "P-256"),
    "ES384": ("EC", "P-384"),
    "ES512": ("EC", "P-521"),
    "EdDSA": ("OKP", "Ed25519"),
}
MADE = {"RSA": RSAKey, "EC": ECKey, "OKP": OKPKey}


@cache
def key(alg: str = "ES256", name: str = "one") -> Any:
    """A key for that algorithm, the same for all tests of a process; one RSA key serves all of its algorithms."""
    kind, size = KINDS[alg]
    return _made(kind, size, name)


@cache
def _made(kind: str, size: Any, name: str) -> Any:
    return MADE[kind].generate_key(size, {"kid": f"{name}-{kind}-{size}"}, private=True)


def pem(alg: str = "ES256", name: str = "one") -> str:
    """The public half."""
    return str(key(alg, name).as_pem(private=False).decode())


def public(alg: str = "ES256", name: str = "one") -> dict[str, Any]:
    """The public half as a JWK."""
    return dict(key(alg, name).as_dict(private=False))


def of_text(said: str, by: Any, alg: str = "ES256") -> str:
    """A compact JWS over that very text."""
    return str(jws.serialize_compact({"alg": alg}, said.encode(), by, algorithms=[alg]))


def signed(claims: Mapping[str, Any], by: Any, alg: str = "ES256", **header: Any) -> str:
    """A compact JWS over the claims."""
    head = {"alg": alg, "kid": by.kid, **header}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SecurityWarning)  # EdDSA is only renamed (RFC 9864)
        registry = jws.JWSRegistry(algorithms=[alg], strict_check_header=False)
        return jws.serialize_compact(
            {name: value for name, value in head.items() if value is not None},
            json.dumps({k: v for k, v in claims.items() if v is not None}).encode(),
            by,
            registry=registry,
        )


def assertion(app: Application, by: Any = None, alg: str = "ES256", header: Any = None, **claims: Any) -> str:
    """A client assertion; ``claims`` take the place of the usual ones, None leaves one out."""
    now = int(time.time())
    usual = {"iss": app.client_id, "sub": app.client_id, "aud": app.world.issuer, "iat": now, "exp": now + 60}
    return signed({**usual, "jti": secrets.token_urlsafe(9), **claims}, by or key(alg), alg, **(header or {}))


def call(app: Application, path: str, raw: str, **form: str) -> Any:
    """A call that the client authenticates with that assertion."""
    sent = {"client_assertion_type": ASSERTION_TYPE, "client_assertion": raw, **form}
    return app.world.post(path, sent)
