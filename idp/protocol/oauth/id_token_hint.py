"""ID tokens that come back as hints: ours, however old, signed with our keys or with the client's own secret (OIDC
Core 3.1.2.1).
"""

from __future__ import annotations

from typing import Any

from idp.applications.clients import runtime as clients
from idp.foundation.kernel.secrets import signs_hs256
from idp.foundation.tenancy.work import Work
from idp.tenant.keys import signer
from idp.tenant.keys.signer import InvalidToken

ID_TOKEN = frozenset({"jwt"})


def read(work: Work, raw: str) -> tuple[dict[str, Any], list[str]]:
    """(claims, audience) of an ID token of this tenant; its expiry does not matter. Raises InvalidToken for any other
    text.
    """
    by_secret = signer.header(raw).get("alg") == "HS256"
    claims = _by_secret(work, raw) if by_secret else signer.verify(work, raw, typ=ID_TOKEN)
    if claims.get("iss") != work.config.issuer or "azp" in claims or not isinstance(claims.get("sub"), str):
        raise InvalidToken("not an ID token of this issuer")
    return claims, _audience(claims)


def _by_secret(work: Work, raw: str) -> dict[str, Any]:
    """The client it says it is for decides: only where that one is set to HS256 does its secret count (security.md
    U1).
    """
    named = _audience(signer.unverified(raw))
    client = clients.find(work, named[0][: clients.MOST_ID]) if len(named) == 1 else None
    if client is None or client.data.jwt_configuration.alg != "HS256" or not signs_hs256(client.secret or ""):
        raise InvalidToken("no client of ours signs its ID tokens so")
    return signer.verify_hs256(str(client.secret), raw, typ=ID_TOKEN)


def _audience(claims: dict[str, Any]) -> list[str]:
    found = claims.get("aud")
    return [name for name in (found if isinstance(found, list) else [found]) if isinstance(name, str)]
