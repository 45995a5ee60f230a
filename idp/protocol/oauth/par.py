"""``/oauth/par``: a client pushes an authorization request and gets a reference to it (RFC 9126)."""

from __future__ import annotations

from flask import Blueprint

from idp.applications.clients.runtime import ClientConfig
from idp.foundation.ephemeral import limits
from idp.foundation.kernel.errors import OAuthError, PageError, invalid_request
from idp.foundation.tenancy import http
from idp.foundation.tenancy.thin_edge import Route
from idp.foundation.tenancy.work import Work
from idp.foundation.web.exchange import Call, Reply
from idp.protocol.oauth import client_auth, cors, errors
from idp.protocol.oauth.authorize import pipeline, pushed
from idp.protocol.oauth.authorize.request import Draft
from idp.protocol.oauth.log_types import OAuthLog
from idp.protocol.oauth.token import body_parameters
from idp.protocol.possession import shown as possession
from idp.protocol.tokens.binding import Shown

OF_THE_CLIENT = frozenset({"client_secret", "client_assertion", "client_assertion_type"})
"""Parameters that say who calls, and are no part of the request."""
blueprint = Blueprint("par", __name__)


def push(work: Work, call: Call) -> Reply:
    """RFC 9126 2: the request is checked as the authorization endpoint would, and refused here where it would be."""
    if call.method == "OPTIONS":
        return cors.preflight(work, call, "POST, OPTIONS")
    client: ClientConfig | None = None
    named: str | None = None
    try:
        params = body_parameters(call)
        credentials = client_auth.presented(call.authorization, params)
        named = credentials.client_id
        work.refresh()
        _check_offered(work)
        client = client_auth.authenticate(work, credentials, pushing=True, request=params.get("request"))
        _count(work, client, proven=_proven(client, credentials))
        shown = possession.by(work, call, client)
        reply = possession.told(_pushed(work, client, params, shown), shown)
    except OAuthError as problem:
        reply = errors.refused(work, call, OAuthLog.PUSHED_REQUEST_REFUSED, problem, client)
    return cors.allow(work, call, reply, named)


ROUTE = Route("/oauth/par", ("POST", "OPTIONS"), push)
http.add_route(blueprint, ROUTE)


def _check_offered(work: Work) -> None:
    if not work.config.settings.pushed_authorization_requests_supported:
        raise invalid_request("Pushed authorization requests are switched off")


def _proven(client: ClientConfig, credentials: client_auth.Presented) -> bool:
    """Whether nobody else could have come as that client."""
    return not client.public and (not client.federated or not credentials.proves_nothing)


def _count(work: Work, client: ClientConfig, *, proven: bool) -> None:
    """Each is a row for an hour: nobody fills the table (security.md X)."""
    limit = limits.PUSHED if proven else limits.PUSHED_BY_NETWORK
    if limits.exceeded(work, limit, client.client_id if proven else f"{client.client_id}:{work.network}"):
        raise OAuthError("temporarily_unavailable", "Too many requests were pushed", status=429)


def _pushed(work: Work, client: ClientConfig, params: dict[str, str], shown: Shown) -> Reply:
    if "request_uri" in params:
        raise invalid_request("A request that is pushed is no reference to another one")
    asked = {name: value for name, value in params.items() if name not in OF_THE_CLIENT}
    draft = Draft(work, {**asked, "client_id": client.client_id}, pushing=True, jkt=shown.jkt)
    try:
        pipeline.prove(draft)
    except PageError as problem:
        raise draft.problem or OAuthError(problem.error, problem.message) from problem
    kept = dict(draft.params)
    asked_for = pipeline.check(draft)
    if asked_for.dpop_jkt is not None:
        kept["dpop_jkt"] = asked_for.dpop_jkt  # of the proof, which binds the code as the parameter would
    shown.spend()
    try:
        uri, lifetime = pushed.push(work, client, kept, signed=draft.signed)
    except PageError as problem:
        raise invalid_request("The request is too large") from problem
    return errors.json_answer({"request_uri": uri, "expires_in": lifetime}, 201)
