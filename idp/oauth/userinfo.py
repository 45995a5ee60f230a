"""``/userinfo`` (OIDC Core 5.3)."""

from __future__ import annotations

from flask import Blueprint, Response, request

from idp.clients import runtime as clients
from idp.kernel import scopes
from idp.kernel.errors import OAuthError
from idp.oauth import bearer, cors, errors
from idp.tenants import http
from idp.tenants.context import Context
from idp.tokens import claims

blueprint = Blueprint("userinfo", __name__)


@blueprint.route("/userinfo", methods=["GET", "POST", "OPTIONS"], provide_automatic_options=False)
def userinfo() -> Response:
    """The claims the token's scopes open. 401 with ``WWW-Authenticate`` otherwise (RFC 6750 3)."""
    ctx = http.current()
    if request.method == "OPTIONS":
        return cors.preflight(ctx, "GET, POST, OPTIONS")
    try:
        response = errors.json_answer(_claims(ctx, bearer.presented()))
    except OAuthError as problem:
        response = errors.answer(problem)
        told = (
            f', error="{problem.error}", error_description="{problem.description}"'
            if problem.error != "missing_token"
            else ""
        )
        response.headers["WWW-Authenticate"] = f'Bearer realm="Gatehouse"{told}'
    return cors.allow(ctx, response) if "Origin" in request.headers else response


def _claims(ctx: Context, token: str | None) -> dict[str, object]:
    if not token:
        raise OAuthError("missing_token", "An access token is required", status=401)
    found = bearer.live_user_token(ctx, token)
    if found is None:
        raise OAuthError("invalid_token", "The access token is not valid", status=401)
    scope = scopes.parse(found.scope)
    if "openid" not in scope:
        raise OAuthError("insufficient_scope", "The access token lacks the scope openid", status=403)
    client = clients.find(ctx, found.client_id)
    if client is None:
        raise OAuthError("invalid_token", "The access token is not valid", status=401)
    names = claims.names_for(scope, found.granted.request.userinfo_claims)
    return {"sub": found.granted.user_id, **claims.select_claims(found.granted.user, names, client.compatibility)}
