"""Signed authentication requests (CIBA Core 7.1.1): the whole request as a token of the client, good once."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from idp.applications.clients.runtime import ClientConfig
from idp.foundation.db.hot import UniqueViolation
from idp.foundation.ephemeral import one_time
from idp.foundation.kernel import clock
from idp.foundation.kernel.errors import invalid_request
from idp.foundation.tenancy.work import Work
from idp.protocol.oauth import client_jws
from idp.protocol.oauth.authorize.steps.request_object import IN_FORCE, TYPES
from idp.tenant.keys import signer

MOST_S: Final = 3_600
"""How far its end may lie ahead, and its beginning back."""
OF_THE_CALL: Final = frozenset({"client_id", "client_secret", "client_assertion", "client_assertion_type", "request"})
"""Parameters that say who calls: nothing else stands beside a signed request."""
OF_THE_TOKEN: Final = frozenset({"iss", "aud", "exp", "nbf", "iat", "jti", "sub"})
MOST_JTI: Final = 1_024
_USED: Final = "ciba-signed-request"


def parameters(work: Work, client: ClientConfig, params: dict[str, str]) -> dict[str, str]:
    """The parameters of the request, out of its token where the client signs. Raises OAuthError ``invalid_request``."""
    raw, alg = params.get("request"), client.data.backchannel_authentication_request_signing_alg
    if "request_uri" in params:
        raise invalid_request("A request is sent by value")
    if raw is None:
        if alg is not None or (client.profile is not None and client.profile.signs_requests):
            raise invalid_request("The client has to sign its requests")
        return params
    beside = sorted(params.keys() - OF_THE_CALL)
    if beside:
        raise invalid_request("Parameters belong into the signed request, and nowhere beside it")
    said = _claims(work, client, raw, alg)
    return {
        "client_id": client.client_id,
        **{
            name: value if isinstance(value, str) else msgspec.json.encode(value).decode()
            for name, value in said.items()
            if name not in OF_THE_TOKEN and value is not None
        },
    }


def _claims(work: Work, client: ClientConfig, raw: str, alg: str | None) -> Mapping[str, Any]:
    try:
        said = client_jws.claims(work, client, raw, use=IN_FORCE, types=TYPES)
        named = str(signer.header(raw)["alg"])
    except signer.InvalidToken as error:
        raise invalid_request("The request is not the client's", detail=f"{client.client_id}: {error}") from error
    jti = said.get("jti")
    rules = (
        (alg in (None, named), "it is signed with another algorithm than the client is set to"),
        (said.get("iss") == client.known_as, "iss is not the client"),
        (said.get("sub") != client.known_as, "it is an assertion about the client"),
        (work.config.issuer in client_jws.audience(said), "aud is not this issuer"),
        (
            "iat" in said and "nbf" in said and client_jws.timely(said, MOST_S),
            "exp, iat or nbf is missing or not of now",
        ),
        (_recent(said.get("nbf")), "nbf lies too far back"),
        (isinstance(jti, str) and 0 < len(jti) <= MOST_JTI, "jti is missing"),
        ("request" not in said and "request_uri" not in said, "there is another request in it"),
    )
    problem = next((text for holds, text in rules if not holds), None)
    if problem is not None:
        raise invalid_request(f"The request is not valid: {problem}")
    left_ms = math.ceil(said["exp"] + client_jws.SKEW_S - clock.now()) * 1000
    try:
        one_time.put(work, _USED, f"{client.client_id}\0{jti}", None, ttl_ms=left_ms)
    except UniqueViolation as error:
        raise invalid_request("The request was used before") from error
    return said


def _recent(begins: object) -> bool:
    return isinstance(begins, int | float) and begins > clock.now() - MOST_S - client_jws.SKEW_S
