"""Software statements (RFC 7591 2.3): what an issuer that the tenant trusts says of a client counts for more than what
the client says of itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from idp.applications.clients import public_keys
from idp.foundation.kernel import clock, strict_json
from idp.foundation.kernel.errors import OAuthError
from idp.foundation.kernel.strict_json import InvalidJson
from idp.foundation.tenancy.work import Work
from idp.tenant.keys import signer, store
from idp.tenant.keys.signer import InvalidToken

MEMBER = "software_statement"
_OF_THE_TOKEN = frozenset({"iss", "aud", "exp", "nbf", "iat", "jti", "sub"})
SKEW_S = 30


def applied(work: Work, document: Mapping[str, Any]) -> dict[str, Any]:
    """The document with what its statement says in it. The issuer's keys may be fetched: no transaction is open.

    :raises OAuthError: ``invalid_software_statement``, ``unapproved_software_statement``, or
        ``invalid_client_metadata`` where one is needed and missing (RFC 7591 3.2.2).
    """
    settings = work.config.settings.client_registration
    raw = document.get(MEMBER)
    if raw is None:
        if settings.require_software_statement:
            raise OAuthError("invalid_client_metadata", "A software_statement is needed")
        return dict(document)
    if not isinstance(raw, str):
        raise OAuthError("invalid_software_statement", "The software statement is no token")
    try:
        claims = _verified(work, raw)
    except InvalidToken as error:
        raise OAuthError(
            "invalid_software_statement", "The software statement is not valid", detail=str(error)
        ) from error
    own = {name: value for name, value in claims.items() if name not in _OF_THE_TOKEN}
    return {**document, **own, MEMBER: raw}


def _verified(work: Work, raw: str) -> dict[str, Any]:
    head, claims = signer.header(raw), signer.unverified(raw)
    trusted = {each.issuer: each for each in work.config.settings.client_registration.software_statement_issuers}
    issuer = trusted.get(str(claims.get("iss")))
    if issuer is None:
        raise OAuthError("unapproved_software_statement", "Nobody here trusts the issuer of the software statement")
    alg, kid = str(head.get("alg")), head.get("kid")
    body, _, signature = raw.rpartition(".")
    named = kid if isinstance(kid, str) else None
    try:
        signed = body.encode("ascii"), store.decode_segment(signature)
        strict_json.check(claims)
    except (ValueError, InvalidJson) as error:
        raise InvalidToken("unreadable") from error
    keys = public_keys.published(work, issuer.jwks_uri, alg, named)
    if not any(key.verifies(alg, *signed) for key in keys if key.fits(alg, named)):
        raise InvalidToken("not signed with a key of its issuer")
    ends = claims.get("exp")
    if ends is not None and not (isinstance(ends, int) and ends > clock.now() - SKEW_S):
        raise InvalidToken("it is over")
    return claims
