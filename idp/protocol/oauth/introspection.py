"""``/oauth/introspect`` (RFC 7662): for authenticated clients, about their own tokens and those of APIs that are
theirs.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request

from idp.applications.clients import runtime as clients
from idp.applications.clients.runtime import ClientConfig
from idp.applications.resource_servers import runtime as resource_servers
from idp.foundation.kernel.errors import OAuthError, invalid_client, invalid_request
from idp.foundation.tenancy import http
from idp.foundation.tenancy.work import Work
from idp.protocol.oauth import bearer, client_auth, errors
from idp.protocol.oauth.token import body_parameters
from idp.protocol.tokens.store import FoundToken

INACTIVE = {"active": False}
blueprint = Blueprint("introspection", __name__)


@blueprint.post("/oauth/introspect")
def introspect() -> Response:
    """RFC 7662 2; whatever is not the caller's business is ``{"active": false}``."""
    work = http.current()
    try:
        params = body_parameters()
        credentials = client_auth.presented(request.headers.get("Authorization"), params)
        token = params.get("token")
        if not token:
            raise invalid_request("Missing required parameter: token")
        found, claims = bearer.find(work, token)
        work.ensure_current()
        caller = client_auth.authenticate(work, credentials)
        if caller.public:
            raise invalid_client("A public client cannot introspect tokens")
        return errors.json_answer(_describe(work, caller, found, claims))
    except OAuthError as problem:
        return errors.answer(problem, work, basic="Authorization" in request.headers)


def _describe(
    work: Work, caller: ClientConfig, found: FoundToken | None, claims: dict[str, Any] | None
) -> dict[str, Any]:
    if found is not None:
        known = bearer.good(work, found) and _concerns(work, caller, found.client_id, found.audience)
        return _stored(work, found) if known else INACTIVE
    if (
        claims is None
        or clients.find(work, str(claims["azp"])) is None
        or str(claims.get("gty")) != "client-credentials"
    ):
        return INACTIVE
    audience = claims.get("aud")
    if not _concerns(work, caller, str(claims["azp"]), audience if isinstance(audience, str) else None):
        return INACTIVE
    return {
        "active": True,
        "token_type": "Bearer",
        "client_id": claims["azp"],
        **{k: claims[k] for k in ("iss", "sub", "aud", "iat", "exp", "scope", "jti") if k in claims},
    }


def _stored(work: Work, found: FoundToken) -> dict[str, Any]:
    description: dict[str, Any] = {
        "active": True,
        "iss": work.config.issuer,
        "sub": found.granted.user_id,
        "client_id": found.client_id,
        "scope": found.scope,
        "iat": found.created_at // 1000,
    }
    if found.kind == "access":
        description |= {"token_type": "Bearer", "aud": found.audience or f"{work.config.issuer}userinfo"}
    if found.expires_at is not None:
        description["exp"] = found.expires_at // 1000
    if found.granted.user.username or found.granted.user.email:
        description["username"] = found.granted.user.username or found.granted.user.email
    return description


def _concerns(work: Work, caller: ClientConfig, client_id: str, audience: str | None) -> bool:
    """Issued to the caller, or for an API whose ``client_id`` it is (contract.md section 7)."""
    if client_id == caller.client_id:
        return True
    api = resource_servers.find(work, audience) if audience else None
    return api is not None and api.data.client_id == caller.client_id
