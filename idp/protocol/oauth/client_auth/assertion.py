"""Clients that sign who they are: ``private_key_jwt`` and ``client_secret_jwt`` (RFC 7523 2.2, 3; OIDC Core 9)."""

from __future__ import annotations

import hmac
import math
from typing import Any

from idp.applications.clients import compliance, public_keys
from idp.applications.clients.runtime import ClientConfig
from idp.foundation.db.hot import UniqueViolation
from idp.foundation.ephemeral import one_time
from idp.foundation.kernel import clock
from idp.foundation.kernel.errors import OAuthError, invalid_client
from idp.foundation.tenancy.work import Work
from idp.protocol.oauth import client_jws
from idp.protocol.possession import addresses
from idp.tenant.keys import signer

TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
BY_KEY, BY_SECRET = "private_key_jwt", "client_secret_jwt"
IN_FORCE = ("client_authentication_methods", BY_KEY, "credentials")
"""Where a client's document names the credentials that it authenticates with."""
KEYED = {"HS256": ("sha256", 32), "HS384": ("sha384", 48), "HS512": ("sha512", 64)}
"""Algorithms with the client's secret: their hash, and the bytes that the secret needs (RFC 7518 3.2)."""
ALGORITHMS = (*public_keys.ALGORITHMS, *KEYED)
LIFETIME_S = 300
"""How far ahead the end of an assertion may lie (security.md E5)."""
ENDPOINTS = ("oauth/token", "oauth/par", "oauth/introspect", "oauth/revoke", "oauth/device/code", "bc-authorize")
"""What an assertion may be for besides the issuer itself (RFC 7523bis), below it or below the address for clients with
certificates: what older clients name (OIDC Core 9, RFC 9126 2).
"""
TYPES = frozenset({"", "jwt", "client-authentication+jwt"})
"""``typ`` of an assertion, in lower case (RFC 7523bis); one that is named otherwise was signed for something else."""
_REPLAY = "client_assertion"
_MOST_JTI = 1_024


def client_id(raw: str) -> str:
    """The client that an assertion says it is of; believed by nobody yet. Raises ``invalid_client``."""
    try:
        signer.header(raw)
        named = signer.unverified(raw).get("sub")
    except signer.InvalidToken as error:
        raise _refused(str(error)) from error
    if not isinstance(named, str) or not named or "\0" in named:
        raise _refused("sub is missing")
    return named[:256]


def check(work: Work, client: ClientConfig, raw: str, *, strict: bool = False) -> None:
    """The assertion is the client's, for us, of now, and used for the first time on any process. ``strict``: for us
    means the issuer and nothing beside it (OpenID Federation 1.0, 12.1.1.2). Raises ``invalid_client``.
    """
    try:
        claims = _signed(work, client, raw)
    except signer.InvalidToken as error:
        raise _refused(f"{client.client_id}: {error}") from error
    problem = _problem(work, client, claims)
    if strict and client_jws.audience(claims) != [work.config.issuer]:
        problem = "aud is not this issuer alone"
    if problem is not None:
        raise _refused(f"{client.client_id}: {problem}")
    left_ms = math.ceil(claims["exp"] + client_jws.SKEW_S - clock.now()) * 1000
    try:
        one_time.put(work, _REPLAY, f"{client.client_id}\0{claims['jti']}", None, ttl_ms=left_ms)
    except UniqueViolation as error:
        raise _refused(f"{client.client_id}: the assertion was used before") from error


def _signed(work: Work, client: ClientConfig, raw: str) -> dict[str, Any]:
    alg = str(signer.header(raw).get("alg"))
    if client.data.token_endpoint_auth_signing_alg not in (None, alg):
        raise signer.InvalidToken(f"signed with {alg[:20]!r}, the client is set to another algorithm")
    if client.profile is not None and alg not in compliance.ALGORITHMS:
        raise signer.InvalidToken(f"signed with {alg[:20]!r}, which the client's profile does not have")
    if client.auth_method == BY_SECRET:
        return _by_secret(client, alg, raw)
    return client_jws.claims(work, client, raw, use=IN_FORCE, types=TYPES)


def _by_secret(client: ClientConfig, alg: str, raw: str) -> dict[str, Any]:
    name, needs = KEYED.get(alg, ("", 0))
    secret = (client.secret or "").encode()
    body, signature = client_jws.parts(raw)
    if not name or len(secret) < needs or not hmac.compare_digest(hmac.digest(secret, body, name), signature):
        raise signer.BadSignature("not signed with the client's secret")
    return signer.opened(raw, TYPES)[1]


def _problem(work: Work, client: ClientConfig, claims: dict[str, Any]) -> str | None:
    """What of RFC 7523 3 is not so."""
    named = client_jws.audience(claims)
    if client.profile is not None and claims.get("aud") != work.config.issuer:
        return "aud is not this issuer, as one text (FAPI 2.0 Security Profile 5.3.2.1)"
    ours = {work.config.issuer}.union(*(addresses.of_endpoint(work, path) for path in ENDPOINTS))
    jti = claims.get("jti")
    rules = (
        (claims.get("iss") == claims.get("sub") == client.known_as, "iss and sub have to be the client's id"),
        (bool(named) and ours.issuperset(named), "aud names somebody else"),
        (client_jws.timely(claims, LIFETIME_S), f"exp is over or more than {LIFETIME_S} s ahead, or it is too early"),
        (isinstance(jti, str) and 0 < len(jti) <= _MOST_JTI, "jti is missing"),
    )
    return next((text for holds, text in rules if not holds), None)


def _refused(why: str) -> OAuthError:
    return invalid_client("The client assertion is not valid", detail=why)
