"""Who calls: the access token of a Management API request (RFC 6750, RFC 9068, RFC 9449), checked against the state of
this moment.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from http import HTTPStatus
from typing import Any

from sqlalchemy import bindparam, or_, select

from idp.applications.clients import runtime as clients
from idp.directory.users.models import User
from idp.foundation.apikit import Actor, Endpoint
from idp.foundation.db.hot import Statement
from idp.foundation.kernel import clock, scopes
from idp.foundation.kernel.errors import OAuthError, TooManyRequests, Unauthorized
from idp.foundation.kernel.rights import missing_scope
from idp.foundation.tenancy.work import Work
from idp.foundation.web.exchange import Call
from idp.protocol.possession import proofs, resource
from idp.protocol.possession.resource import Sent
from idp.protocol.tokens import binding, blacklist, gate, handles
from idp.protocol.tokens import found as tokens
from idp.protocol.tokens.binding import Binding
from idp.tenant.keys import signer

TYPES = frozenset({"at+jwt", "application/at+jwt", "jwt"})
"""The ``typ`` of both token dialects; an ID token is told apart by its audience, a logout token by its ``typ``."""
MACHINE = "@clients"
OWN = ":current_user"


_BLOCKED = Statement(
    "management_bearer_user",
    select(or_(User.blocked, User.deletion_due.is_not(None))).where(
        User.tenant_id == bindparam("tenant"), User.user_id == bindparam("user_id")
    ),
    row=bool,
)


def authenticate(work: Work, call: Call) -> Actor:
    """The caller.

    :raises Unauthorized: no token, or one that is not good here and now.
    """
    audience = work.config.management_audience
    claims = claims_of(work, call, {audience, audience.replace("http://", "https://", 1)})
    client_id, subject = str(claims.get("azp") or claims.get("client_id") or ""), str(claims.get("sub") or "")
    if not client_id or clients.find(work, client_id) is None:
        raise refusal("Invalid token", detail="the client is gone")
    asked = frozenset(scopes.parse(claims["scope"] if isinstance(claims.get("scope"), str) else ""))
    if subject == client_id + MACHINE:
        return _machine(work, client_id, asked, binding.of_claims(claims))
    return _user(work, client_id, subject, asked, claims)


def claims_of(work: Work, call: Call, audiences: Collection[str]) -> dict[str, Any]:
    """What an access token says that is signed by us, good now, for one of ``audiences``, and came with the proof that
    it needs.

    :raises Unauthorized: no token, or one that is none of that.
    """
    came = resource.sent(call.authorization)
    if came is None:
        raise refusal("Missing authentication")
    claims = _claims(work, came.token)
    _check_claims(work, claims, audiences)
    check_possession(work, call, came, claims)
    return claims


def authorize(actor: Actor, endpoint: Endpoint, params: Mapping[str, str]) -> None:
    """Let the caller use ``endpoint`` or not.

    :raises Forbidden: ``insufficient_scope``; also when a user's own scopes meet another user's id (security.md W10).
    """
    lacking = endpoint.lacking(actor)
    if not lacking:
        return
    subject = params.get(endpoint.own_parameter) if endpoint.own_scopes else None
    if subject is not None and subject == actor.user_id and actor.has(*endpoint.own_scopes):
        return
    raise missing_scope(lacking | endpoint.own_scopes)


def refusal(message: str, *, detail: str | None = None) -> Unauthorized:
    """401 as Auth0 words it."""
    headers = {"WWW-Authenticate": f'Bearer error="invalid_token", error_description="{message}"'}
    return Unauthorized(message, detail=detail, attributes={"error": message}, headers=headers)


def _claims(work: Work, token: str) -> dict[str, Any]:
    try:
        return signer.verify(work, token, typ=TYPES)
    except signer.BadSignature as error:
        raise refusal("Invalid signature received for JSON Web Token validation", detail=str(error)) from error
    except signer.InvalidToken as error:
        raise refusal("Invalid token", detail=str(error)) from error


def _check_claims(work: Work, claims: dict[str, Any], audiences: Collection[str]) -> None:
    expires = claims.get("exp")
    if not isinstance(expires, int | float) or expires <= clock.now():
        raise refusal("Expired token received for JSON Web Token validation")
    if claims.get("iss") != work.config.issuer:
        raise refusal("Invalid token", detail="another issuer")
    named = claims.get("aud")
    said = named if isinstance(named, list) else [named]
    if set(audiences).isdisjoint(each for each in said if isinstance(each, str)):
        raise refusal("Invalid token", detail="another audience")
    if blacklist.holds(work, claims):
        raise refusal("Invalid token", detail="the token was refused by an administrator")


def check_possession(work: Work, call: Call, came: Sent, claims: dict[str, Any]) -> None:
    """Whoever sends the token holds what it is bound to.

    :raises Unauthorized: they do not, or the proof is no good.
    """
    bound = binding.of_claims(claims)
    try:
        nonce = resource.check(work, call, came, bound, str(claims.get("azp") or ""))
    except OAuthError as problem:
        if problem.status == HTTPStatus.TOO_MANY_REQUESTS:
            raise TooManyRequests(problem.description) from problem
        scheme = resource.DPOP if bound is not None and bound.method == binding.JKT else came.scheme
        headers = {**problem.headers, resource.CHALLENGE: resource.challenge(scheme, problem)}
        message = problem.description
        raise Unauthorized(message, attributes={"error": message}, headers=headers) from problem
    if nonce is not None:
        work.told[proofs.HEADER] = nonce


def _machine(work: Work, client_id: str, asked: frozenset[str], bound: Binding | None) -> Actor:
    """A client with its own grant: what client, API and grant no longer allow, an older token no longer gives."""
    stands = gate.presented_by_client(work, client_id, work.config.management_audience, asked, bound)
    if stands is None:
        raise refusal("Invalid token", detail="the client may not have such a token any more")
    return Actor(client_id, scopes=frozenset(stands.scopes), client_name=stands.client.name)


def _user(work: Work, client_id: str, subject: str, asked: frozenset[str], claims: dict[str, Any]) -> Actor:
    """A user: whatever else the token says, only scopes on the user's own account count, as far as the token would be
    issued again now.
    """
    jti = str(claims.get("jti") or "")
    found = tokens.by_jti(work, jti)
    stands = gate.presented(work, found) if found is not None and found.granted.user_id == subject else None
    gone = found is None and handles.read_access(work, handles.JWT_ID, jti) is not None
    if gone or (found is not None and stands is None):
        raise refusal("Invalid token", detail="the token was revoked, or would not be issued now")
    if found is None and work.hot.one(_BLOCKED, tenant=work.tenant_id, user_id=subject) is not False:
        raise refusal("Invalid token", detail="the user is gone or blocked")
    allowed = asked.intersection(stands.scopes) if stands else asked
    return Actor(client_id, user_id=subject, scopes=frozenset(scope for scope in allowed if OWN in scope))
