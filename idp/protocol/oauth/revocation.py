"""``/oauth/revoke`` (RFC 7009): 200 with an empty body, whatever the token was; another client's token stays
(security.md F6).
"""

from __future__ import annotations

from flask import Blueprint

from idp.foundation.kernel.errors import OAuthError, invalid_request
from idp.foundation.tenancy import http
from idp.foundation.tenancy.thin_edge import Route
from idp.foundation.tenancy.work import Work
from idp.foundation.web.exchange import NO_STORE, Call, Reply
from idp.protocol.oauth import bearer, client_auth, cors, errors
from idp.protocol.oauth.token import body_parameters
from idp.protocol.tokens import found as tokens
from idp.protocol.tokens import online, store
from idp.protocol.tokens.log_types import TokenLog
from idp.tenant.audit import log

blueprint = Blueprint("revocation", __name__)


def revoke(work: Work, call: Call) -> Reply:
    """A refresh token takes its whole family along, and the session that it hangs on; an access token only itself."""
    if call.method == "OPTIONS":
        return cors.preflight(work, call, "POST, OPTIONS")
    client, named = None, None
    try:
        params = body_parameters(call)
        credentials = client_auth.presented(call.authorization, params)
        named = credentials.client_id
        token = params.get("token")
        if not token:
            raise invalid_request("Missing required parameter: token")
        work.refresh()
        client = client_auth.authenticate(work, credentials)
        found, _ = bearer.find(work, token)
        if found is not None and found.client_id == client.client_id:
            with work.hot.transaction():
                if found.kind == "refresh":
                    store.revoke(work, found.granted.id)
                    if found.granted.online:
                        online.end_session(work, found.granted)
                else:
                    tokens.revoke(work, found)
                log.write(
                    work,
                    TokenLog.REVOKED,
                    client_id=client.client_id,
                    client_name=client.name,
                    user_id=found.granted.user_id,
                )
        reply = Reply(200, [("Content-Type", "application/json"), NO_STORE])
    except OAuthError as problem:
        reply = errors.answer(problem, work, client, basic=call.authorization is not None)
    return cors.allow(work, call, reply, named)


ROUTE = Route("/oauth/revoke", ("POST", "OPTIONS"), revoke)
http.add_route(blueprint, ROUTE)
