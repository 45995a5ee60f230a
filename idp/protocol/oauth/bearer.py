"""Access tokens presented to this provider's own endpoints (RFC 6750, RFC 9449 7): opaque ones and JWTs, looked up
in one read.
"""

from __future__ import annotations

from typing import Any

from idp.applications.resource_servers import runtime as resource_servers
from idp.foundation.kernel import clock
from idp.foundation.kernel.errors import OAuthError
from idp.foundation.tenancy.work import Work
from idp.foundation.web import params
from idp.foundation.web.exchange import Call
from idp.protocol.possession import resource
from idp.protocol.possession.resource import Sent
from idp.protocol.tokens import blacklist
from idp.protocol.tokens import found as tokens
from idp.protocol.tokens.found import FoundToken
from idp.tenant.keys import signer

ACCESS_TOKEN_TYPES = frozenset({"at+jwt", "application/at+jwt", "jwt"})
MAX_TOKEN = signer.MAX_TOKEN_LENGTH


def presented(call: Call) -> Sent | None:
    """The token of the header, or, as a bearer's, of the form body of a POST (RFC 6750 2.1, 2.2); never of the query.
    Raises OAuthError for two.
    """
    in_header = resource.sent(call.authorization)
    in_body = None
    if call.method == "POST" and call.mimetype == "application/x-www-form-urlencoded":
        in_body = params.from_urlencoded(call.body()).get("access_token")
    if in_header and in_body:
        raise OAuthError("invalid_request", "Use one way to send the access token, not two", status=400)
    return in_header or (Sent(in_body) if in_body else None)


def find(work: Work, token: str) -> tuple[FoundToken | None, dict[str, Any] | None]:
    """The token with its family, and the claims where it is a JWT. (None, claims) is a client's own token, which has no
    family, or one whose family is gone.
    """
    if len(token) > MAX_TOKEN:
        return None, None
    if token.count(".") != 2:
        return tokens.by_token(work, token), None
    work.refresh()
    try:
        claims = _verified(work, token)
    except signer.InvalidToken:
        return None, None
    if (
        claims.get("iss") != work.config.issuer
        or "azp" not in claims
        or not isinstance(claims.get("exp"), int)
        or claims["exp"] <= clock.now()
        or blacklist.holds(work, claims)
    ):
        return None, None
    jti = claims.get("jti")
    found = tokens.by_jti(work, jti) if isinstance(jti, str) else None
    if found is not None and found.audience not in _audience(claims):
        return None, None  # an API's own secret cannot make a token of another API
    return found, claims


def _verified(work: Work, token: str) -> dict[str, Any]:
    """The claims, checked with our keys, or with the secret of the one API that it is for where that is set
    to HS256.
    """
    if signer.header(token).get("alg") != "HS256":
        return signer.verify(work, token, typ=ACCESS_TOKEN_TYPES)
    named = [name for name in _audience(signer.unverified(token)) if name != f"{work.config.issuer}userinfo"]
    api = resource_servers.find(work, named[0][:600]) if len(named) == 1 else None
    if api is None or api.signing_secret is None or api.data.signing_alg != "HS256":
        raise signer.InvalidToken("no API of ours has its tokens signed so")
    return signer.verify_hs256(api.signing_secret, token, typ=ACCESS_TOKEN_TYPES)


def _audience(claims: dict[str, Any]) -> list[str]:
    found = claims.get("aud")
    return [name for name in (found if isinstance(found, list) else [found]) if isinstance(name, str)]
