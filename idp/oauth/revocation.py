"""``/oauth/revoke`` (RFC 7009): 200 with an empty body, whatever the token was; another client's token stays (security.md F6)."""

from __future__ import annotations

from flask import Blueprint, Response, request

from idp.audit import log
from idp.kernel.errors import OAuthError, invalid_request
from idp.kernel.secrets import digest
from idp.oauth import bearer, client_auth, cors, errors
from idp.oauth.token import body_parameters
from idp.tenants import http
from idp.tokens import store

blueprint = Blueprint("revocation", __name__)


@blueprint.route("/oauth/revoke", methods=["POST", "OPTIONS"], provide_automatic_options=False)
def revoke() -> Response:
    """A refresh token takes its whole family along, an access token only itself."""
    ctx = http.current()
    if request.method == "OPTIONS":
        return cors.preflight(ctx, "POST, OPTIONS")
    client = None
    try:
        params = body_parameters()
        shown = client_auth.presented(request.headers.get("Authorization"), params)
        token = params.get("token")
        if not token:
            raise invalid_request("Missing required parameter: token")
        ctx.refresh()
        client = client_auth.authenticate(ctx, shown)
        found, claims = bearer.find(ctx, token)
        if found is not None and found.client_id == client.client_id:
            stored_as = digest(str(claims["jti"])) if claims else digest(token)
            with ctx.hot.transaction():
                if found.kind == "refresh":
                    store.revoke(ctx, found.granted.id)
                else:
                    store.revoke_token(ctx, stored_as)
                log.write(
                    ctx, "srrt", client_id=client.client_id, client_name=client.name, user_id=found.granted.user_id
                )
        response = Response(b"", mimetype="application/json")
        response.headers["Cache-Control"] = "no-store"
    except OAuthError as problem:
        response = errors.answer(problem, ctx, client, basic="Authorization" in request.headers)
    return cors.allow(ctx, response, client)
