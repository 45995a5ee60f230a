"""``/oauth/revoke`` (RFC 7009): 200 with an empty body, whatever the token was; another client's token stays
(security.md F6).
"""

from __future__ import annotations

from flask import Blueprint, Response, request

from idp.foundation.kernel.errors import OAuthError, invalid_request
from idp.foundation.kernel.secrets import digest
from idp.foundation.tenancy import http
from idp.protocol.oauth import bearer, client_auth, cors, errors
from idp.protocol.oauth.token import body_parameters
from idp.protocol.tokens import store
from idp.protocol.tokens.log_types import TokenLog
from idp.tenant.audit import log

blueprint = Blueprint("revocation", __name__)


@blueprint.route("/oauth/revoke", methods=["POST", "OPTIONS"], provide_automatic_options=False)
def revoke() -> Response:
    """A refresh token takes its whole family along, an access token only itself."""
    work = http.current()
    if request.method == "OPTIONS":
        return cors.preflight(work, "POST, OPTIONS")
    client, named = None, None
    try:
        params = body_parameters()
        credentials = client_auth.presented(request.headers.get("Authorization"), params)
        named = credentials.client_id
        token = params.get("token")
        if not token:
            raise invalid_request("Missing required parameter: token")
        work.refresh()
        client = client_auth.authenticate(work, credentials)
        found, claims = bearer.find(work, token)
        if found is not None and found.client_id == client.client_id:
            stored_as = digest(str(claims["jti"])) if claims else digest(token)
            with work.hot.transaction():
                if found.kind == "refresh":
                    store.revoke(work, found.granted.id)
                else:
                    store.revoke_token(work, stored_as)
                log.write(
                    work,
                    TokenLog.REVOKED,
                    client_id=client.client_id,
                    client_name=client.name,
                    user_id=found.granted.user_id,
                )
        response = Response(b"", mimetype="application/json")
        response.headers["Cache-Control"] = "no-store"
    except OAuthError as problem:
        response = errors.answer(problem, work, client, basic="Authorization" in request.headers)
    return cors.allow(work, response, named)
