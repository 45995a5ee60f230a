"""``POST /bc-authorize``: an application asks that a person confirms something (CIBA Core 7)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from flask import Blueprint

from idp.applications.clients.runtime import ClientConfig
from idp.foundation.kernel.errors import OAuthError, invalid_request, unauthorized_client
from idp.foundation.tenancy import http
from idp.foundation.tenancy.thin_edge import Route
from idp.foundation.tenancy.work import Work
from idp.foundation.web.exchange import Call, Reply
from idp.protocol.oauth import client_auth, errors, polling
from idp.protocol.oauth.authorize.request import Draft
from idp.protocol.oauth.authorize.steps.scope import check_audience, check_details, check_scope
from idp.protocol.oauth.ciba import hints, service, signed
from idp.protocol.oauth.ciba.service import Asked
from idp.protocol.oauth.log_types import OAuthLog
from idp.protocol.oauth.token import body_parameters
from idp.protocol.tokens import requirements

MOST_MESSAGE: Final = 64
MOST_ACR: Final = 512
PING: Final = "ping"
_TOKEN: Final = re.compile(r"[A-Za-z0-9._~+/-]{1,1024}=*")
blueprint = Blueprint("backchannel_authentication", __name__)


def begin(work: Work, call: Call) -> Reply:
    """The name by which the application asks for the answer."""
    client: ClientConfig | None = None
    try:
        params = body_parameters(call)
        credentials = client_auth.presented(call.authorization, params)
        work.refresh()
        client = client_auth.authenticate(work, credentials)
        return errors.json_answer(_begin(work, client, params))
    except OAuthError as problem:
        return errors.refused(work, call, OAuthLog.CIBA_START_FAILED, problem, client)


ROUTE = Route("/bc-authorize", ("POST",), begin)
http.add_route(blueprint, ROUTE)


def _begin(work: Work, client: ClientConfig, params: dict[str, str]) -> dict[str, object]:
    """The API, the scopes and the details are those that ``/authorize`` would take."""
    if client.public or not client.allows(service.GRANT):
        raise unauthorized_client(f"Grant type '{service.GRANT}' not allowed for the client.")
    requirements.check_client(work, client)
    params = signed.parameters(work, client, params)
    draft = Draft(work, params, client=client, checked={"response_type": "code"})
    check_audience(draft)
    check_scope(draft)
    check_details(draft)
    if "openid" not in draft.checked["scope"].split():
        raise OAuthError("invalid_scope", "scope has to contain openid")
    asked = Asked(
        scope=draft.checked["scope"],
        audience=draft.checked.get("audience"),
        details=draft.checked.get("details"),
        binding_message=_message(params),
        acr_values=tuple((params.get("acr_values") or "")[:MOST_ACR].split()),
        lifetime_s=_lifetime(params),
        notification_token=_notification_token(client, params),
    )
    person = hints.person(work, client, params)
    auth_req_id = service.begin(work, client, person, asked)
    return {"auth_req_id": auth_req_id, "expires_in": asked.lifetime_s, "interval": polling.INTERVAL_S}


def _message(params: Mapping[str, str]) -> str | None:
    """``binding_message``: one short line, which a person compares."""
    message = params.get("binding_message")
    if not message:
        return None
    if len(message) > MOST_MESSAGE or not message.isprintable() or message != message.strip():
        raise OAuthError("invalid_binding_message", f"binding_message is one line of at most {MOST_MESSAGE} characters")
    return message


def _lifetime(params: Mapping[str, str]) -> int:
    """``requested_expiry``, in seconds."""
    raw = params.get("requested_expiry")
    if not raw:
        return service.LIFETIME_S
    if not (raw.isascii() and raw.isdecimal() and len(raw) <= 6 and 0 < int(raw) <= service.LONGEST_S):
        raise invalid_request(f"requested_expiry is a whole number of seconds up to {service.LONGEST_S}")
    return int(raw)


def _notification_token(client: ClientConfig, params: Mapping[str, str]) -> str | None:
    """``client_notification_token``, which a client that is told has to send (CIBA Core 7.1)."""
    if client.data.backchannel_token_delivery_mode != PING:
        return None
    token = params.get("client_notification_token", "")
    if not _TOKEN.fullmatch(token):
        raise invalid_request("client_notification_token is missing, or no bearer token")
    return token
