"""What is encrypted for a client, and to which key (OpenID Connect Core 10.2; RFC 7516, 7518).

Keys are those of the client's ``jwks`` or ``jwks_uri`` that are not for signatures; symmetric algorithms take the
client's secret. RSA1_5, algorithms with passwords and compression do not exist here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import msgspec
from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry, OctKey

from idp.applications.clients import published
from idp.applications.clients.runtime import ClientConfig
from idp.foundation.kernel.errors import BadRequest, OAuthError
from idp.foundation.tenancy.work import Work

BY_KEY: Mapping[str, frozenset[str]] = {
    "RSA-OAEP": frozenset({"RSA"}),
    "RSA-OAEP-256": frozenset({"RSA"}),
    **dict.fromkeys(("ECDH-ES", "ECDH-ES+A128KW", "ECDH-ES+A192KW", "ECDH-ES+A256KW"), frozenset({"EC", "OKP"})),
}
"""Algorithms with a public key of the client: the kinds of key that each takes."""
BY_SECRET: Mapping[str, int] = {"A128KW": 128, "A192KW": 192, "A256KW": 256, "dir": 0}
"""Algorithms with the client's secret: the bits of the key, 0 for as many as the content needs."""
CONTENT: Mapping[str, int] = {
    "A128CBC-HS256": 256,
    "A192CBC-HS384": 384,
    "A256CBC-HS512": 512,
    "A128GCM": 128,
    "A192GCM": 192,
    "A256GCM": 256,
}
"""Algorithms of the content and the bits of their keys."""
ALGORITHMS = (*BY_KEY, *BY_SECRET)
WITHOUT_SECRET = frozenset({"none", "private_key_jwt", "tls_client_auth", "self_signed_tls_client_auth"})
"""Ways to authenticate for which nobody is told a secret."""
USUAL = "A128CBC-HS256"
"""OpenID Connect Registration 2."""
WHAT = ("id_token", "userinfo", "authorization", "introspection")
CURVES = frozenset({"P-256", "P-384", "P-521", "X25519"})
MIN_RSA_BITS = 2048
_HASHES = {256: "sha256", 384: "sha384", 512: "sha512"}


class _Key(msgspec.Struct, frozen=True):
    kid: str | None
    alg: str | None
    kty: str
    opened: Any


def wanted(client: ClientConfig, what: str) -> tuple[str, str] | None:
    """(alg, enc) of ``what``, one of :data:`WHAT`, for the client; None: not encrypted."""
    alg = getattr(client.data, f"{what}_encrypted_response_alg")
    return (alg, getattr(client.data, f"{what}_encrypted_response_enc") or USUAL) if alg else None


def nested(work: Work, client: ClientConfig, what: str, token: str) -> str:
    """The signed token, encrypted where the client wants that (RFC 7519 5.2). What the client publishes may be fetched:
    no transaction is open.

    :raises OAuthError: ``invalid_client_metadata``: the client has no key for that.
    """
    asked = wanted(client, what)
    if asked is None:
        return token
    alg, enc = asked
    key, kid = _secret(client, alg, enc) if alg in BY_SECRET else _key(work, client, alg)
    head = {"alg": alg, "enc": enc, "cty": "JWT", **({"kid": kid} if kid else {})}
    from joserfc import jwe  # for whom something is encrypted, not for every process

    return jwe.encrypt_compact(head, token.encode(), key, algorithms=[alg, enc])


def check(members: Mapping[str, Any]) -> None:
    """Refuse a client that wants something encrypted and has nothing to encrypt it with.

    :raises BadRequest: ``invalid_body``.
    """
    for what in WHAT:
        alg = str(members.get(f"{what}_encrypted_response_alg") or "")
        if members.get(f"{what}_encrypted_response_enc") and not alg:
            raise BadRequest(f"{what}_encrypted_response_enc needs {what}_encrypted_response_alg.", "invalid_body")
        if alg in BY_KEY and not members.get("jwks_uri"):
            keys = (members.get("jwks") or {}).get("keys") or ()
            if not any(each.kty in BY_KEY[alg] for each in _readable(keys)):
                raise BadRequest(
                    f"{what}_encrypted_response_alg {alg} needs a key for it in jwks, or jwks_uri.", "invalid_body"
                )
        if alg in BY_SECRET and members.get("token_endpoint_auth_method") in WITHOUT_SECRET:
            raise BadRequest(f"{what}_encrypted_response_alg {alg} needs a client with a secret.", "invalid_body")


def _secret(client: ClientConfig, alg: str, enc: str) -> tuple[Any, None]:
    """OpenID Connect Core 10.2: the left bits of a hash of the secret."""
    bits = BY_SECRET[alg] or CONTENT[enc]
    name = _HASHES.get(bits, "sha256")
    return OctKey.import_key(hashlib.new(name, (client.secret or "").encode()).digest()[: bits // 8]), None


def _key(work: Work, client: ClientConfig, alg: str) -> tuple[Any, str | None]:
    documents = [*((client.data.jwks or {}).get("keys") or ())]
    if client.data.jwks_uri:
        documents += published.keys(work, client.data.jwks_uri)
    fits = [each for each in _readable(documents) if each.kty in BY_KEY[alg] and each.alg in (None, alg)]
    if not fits:
        raise OAuthError("invalid_client_metadata", "The client has no key that its answers could be encrypted to")
    return fits[0].opened, fits[0].kid


def _readable(documents: Any) -> list[_Key]:
    """Keys that something can be encrypted to."""
    found = []
    for jwk in documents if isinstance(documents, list | tuple) else ():
        if not isinstance(jwk, dict) or jwk.get("use") not in (None, "enc") or jwk.get("alg") not in (None, *BY_KEY):
            continue
        if jwk.get("kty") == "RSA" or str(jwk.get("crv")) in CURVES:
            usable = {name: value for name, value in jwk.items() if name in {"kty", "crv", "x", "y", "n", "e"}}
            found += _opened(jwk, usable)
    return found


def _opened(jwk: Mapping[str, Any], usable: dict[str, Any]) -> list[_Key]:
    try:
        opened: Any = JWKRegistry.import_key(usable)
        bits = opened.public_key.key_size if jwk["kty"] == "RSA" else MIN_RSA_BITS
    except (JoseError, ValueError, TypeError, KeyError):
        return []
    if bits < MIN_RSA_BITS:
        return []
    kid, alg = jwk.get("kid"), jwk.get("alg")
    return [_Key(str(kid) if kid else None, alg, str(jwk["kty"]), opened)]
