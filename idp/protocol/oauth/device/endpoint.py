"""``POST /oauth/device/code``: a device begins (RFC 8628 3.1, 3.2)."""

from __future__ import annotations

from flask import Blueprint

from idp.applications.clients.runtime import ClientConfig
from idp.foundation.kernel.errors import OAuthError
from idp.foundation.tenancy import http
from idp.foundation.tenancy.thin_edge import Route
from idp.foundation.tenancy.work import Work
from idp.foundation.web.exchange import Call, Reply
from idp.protocol.oauth import client_auth, cors, errors
from idp.protocol.oauth.authorize.request import Draft
from idp.protocol.oauth.authorize.steps.scope import check_audience, check_details, check_scope
from idp.protocol.oauth.device import service
from idp.protocol.oauth.log_types import OAuthLog
from idp.protocol.oauth.token import body_parameters
from idp.protocol.tokens import requirements

blueprint = Blueprint("device_authorization", __name__)


def begin(work: Work, call: Call) -> Reply:
    """The two codes, and where the second one is typed."""
    if call.method == "OPTIONS":
        return cors.preflight(work, call, "POST, OPTIONS")
    client: ClientConfig | None = None
    named: str | None = None
    try:
        params = body_parameters(call)
        credentials = client_auth.presented(call.authorization, params)
        named = credentials.client_id
        work.refresh()
        client = client_auth.authenticate(work, credentials)
        reply = errors.json_answer(_begin(work, client, params))
    except OAuthError as problem:
        reply = errors.refused(work, call, OAuthLog.DEVICE_REQUEST_FAILED, problem, client)
    return cors.allow(work, call, reply, named)


ROUTE = Route("/oauth/device/code", ("POST", "OPTIONS"), begin)
http.add_route(blueprint, ROUTE)


def _begin(work: Work, client: ClientConfig, params: dict[str, str]) -> dict[str, object]:
    """The API, the scopes and the details are those that ``/authorize`` would take: the owner is asked for what the
    device gets.
    """
    requirements.check_client(work, client)
    draft = Draft(work, params, client=client, checked={"response_type": "code"})
    check_audience(draft)
    check_scope(draft)
    check_details(draft)
    asked = draft.checked
    begun = service.begin(work, client, asked["scope"], asked.get("audience"), asked.get("details"))
    address = f"{work.config.issuer}activate"
    return {
        "device_code": begun.device_code,
        "user_code": begun.user_code,
        "verification_uri": address,
        "verification_uri_complete": f"{address}?user_code={begun.user_code}",
        "expires_in": begun.lifetime_s,
        "interval": service.INTERVAL_S,
    }
