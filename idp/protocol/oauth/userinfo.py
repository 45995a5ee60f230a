"""``/userinfo`` (OIDC Core 5.3)."""

from __future__ import annotations

from flask import Blueprint, Response, request

from idp.applications.clients import runtime as clients
from idp.foundation.kernel import scopes
from idp.foundation.kernel.errors import OAuthError
from idp.foundation.tenancy import http
from idp.foundation.tenancy.work import Work
from idp.protocol.oauth import bearer, cors, errors
from idp.protocol.tokens import claims
from idp.protocol.tokens.store import FoundToken

blueprint = Blueprint("userinfo", __name__)


@blueprint.route("/userinfo", methods=["GET", "POST", "OPTIONS"], provide_automatic_options=False)
def userinfo() -> Response:
    """The claims the token's scopes open. 401 with ``WWW-Authenticate`` otherwise (RFC 6750 3)."""
    work = http.current()
    if request.method == "OPTIONS":
        return cors.preflight(work, "GET, POST, OPTIONS")
    client_id: str | None = None
    try:
        found = _live(work, bearer.presented())
        client_id = found.client_id
        response = errors.json_answer(_claims(work, found))
    except OAuthError as problem:
        response = errors.answer(problem)
        reason = (
            f', error="{problem.error}", error_description="{problem.description}"'
            if problem.error != "missing_token"
            else ""
        )
        response.headers["WWW-Authenticate"] = f'Bearer realm="Gatehouse"{reason}'
    return cors.allow(work, response, client_id) if "Origin" in request.headers else response


def _live(work: Work, token: str | None) -> FoundToken:
    if not token:
        raise OAuthError("missing_token", "An access token is required", status=401)
    found = bearer.live_user_token(work, token)
    if found is None:
        raise OAuthError("invalid_token", "The access token is not valid", status=401)
    return found


def _claims(work: Work, found: FoundToken) -> dict[str, object]:
    scope = scopes.parse(found.scope)
    if "openid" not in scope:
        raise OAuthError("insufficient_scope", "The access token lacks the scope openid", status=403)
    client = clients.find(work, found.client_id)
    if client is None:
        raise OAuthError("invalid_token", "The access token is not valid", status=401)
    requested = found.granted.request.userinfo_claims
    return {
        "sub": found.granted.user_id,
        **claims.claims_for(found.granted.user, scope, requested, client.compatibility),
    }
