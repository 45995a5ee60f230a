"""``POST /oauth/token``: the phases that every grant shares, in one place, so that a new grant cannot forget one.

Parse, read, authenticate the client, see what it possesses, let the grant prove, let the gate issue, log, answer.
"""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any
from urllib.parse import parse_qsl

from flask import Blueprint

from idp.applications.clients.runtime import TOKEN_EXCHANGE, ClientConfig
from idp.applications.registration import uses
from idp.foundation.kernel.errors import OAuthError, invalid_request
from idp.foundation.tenancy import http
from idp.foundation.tenancy.thin_edge import Route
from idp.foundation.tenancy.work import Work
from idp.foundation.web import params as parameters
from idp.foundation.web.exchange import Call, Reply
from idp.protocol.oauth import client_auth, cors, errors
from idp.protocol.oauth.client_auth import forwarded
from idp.protocol.oauth.grants import GRANTS
from idp.protocol.oauth.grants.contract import Grant, MarkedRefusal, NotYet, RefusalEntry, TokenRequest
from idp.protocol.oauth.grants.token_exchange import variant
from idp.protocol.possession import shown as possession
from idp.protocol.tokens import binding, gate
from idp.protocol.tokens.binding import NOTHING, Shown
from idp.protocol.tokens.issuer import Issued
from idp.signin.login.log_types import LoginLog
from idp.tenant.audit import failures, log

IN_THE_BODY = frozenset({"client_secret", "code", "refresh_token", "grant_type", "token"})
"""Parameters that are refused in the query (security.md E1)."""
DPOP = "DPoP"
"""``token_type`` of what is bound to a key: the log says so."""
DOCUMENTS = frozenset({"authn_response", "user_profile", "authorization_details"})
"""Parameters that are objects, or lists of them, where the body is JSON."""
blueprint = Blueprint("token", __name__)


def token(work: Work, call: Call) -> Reply:
    """RFC 6749 3.2; the answer is never cached."""
    if call.method == "OPTIONS":
        return cors.preflight(work, call, "POST, OPTIONS")
    client: ClientConfig | None = None
    grant: Grant | None = None
    named: str | None = None
    shown = NOTHING
    try:
        params = body_parameters(call)
        named = params.get("client_id")
        grant = _grant(params)
        credentials = client_auth.presented(call.authorization, params)
        named = credentials.client_id
        asked = TokenRequest(work, params, call.environ.get(forwarded.HEADER))
        found = grant.find(asked)
        work.ensure_current()
        client = client_auth.authenticate(work, credentials)
        shown = possession.by(work, call, client)
        issued = gate.issue(work, client, grant.grant_type, grant.prove(asked, client, found), shown)
        uses.note(work, client)
        _log_success(work, grant, client, issued)
        reply = possession.told(errors.json_answer(issued.answer), shown)
    except NotYet as pending:
        reply = errors.answer(_told_to_wait(client, shown, pending), work, client, basic=call.authorization is not None)
    except OAuthError as problem:
        _log_failure(work, grant, client, problem)
        reply = errors.answer(problem, work, client, basic=call.authorization is not None)
    return cors.allow(work, call, reply, named)


ROUTE = Route("/oauth/token", ("POST", "OPTIONS"), token)
http.add_route(blueprint, ROUTE)


def _told_to_wait(client: ClientConfig | None, shown: Shown, pending: NotYet) -> OAuthError:
    """Whoever polls without what their tokens have to be bound to is told so and not to wait: they would get none in
    the end (RFC 8705 3, FAPI-CIBA 5.2.2).
    """
    try:
        if client is not None:
            binding.wanted(client, None, shown)
    except OAuthError as problem:
        return problem
    return pending


def body_parameters(call: Call) -> dict[str, str]:
    """Parameters of a form or JSON body; those in the query are refused. Raises OAuthError."""
    if call.query and any(name in IN_THE_BODY for name, _ in parse_qsl(call.query, keep_blank_values=True)):
        raise invalid_request("Parameters belong into the body of the request")
    raw = call.body()
    if call.mimetype == "application/json":
        return parameters.from_json(raw, documents=DOCUMENTS)
    if call.mimetype in ("application/x-www-form-urlencoded", ""):
        return parameters.from_urlencoded(raw)
    raise invalid_request("The body must be application/x-www-form-urlencoded or application/json")


def _grant(params: dict[str, str]) -> Grant:
    name = params.get("grant_type")
    if not name:
        raise invalid_request("Missing required parameter: grant_type")
    found = variant(params) if name == TOKEN_EXCHANGE else GRANTS.get(name)
    if found is None:
        raise OAuthError("unsupported_grant_type", f"Unsupported grant type: {parameters.printable(name)}")
    return found


def _log_success(work: Work, grant: Grant, client: ClientConfig, issued: Issued) -> None:
    """Batched: only the last second of these may be lost to a kill (contract.md section 6)."""
    log.batch.add(
        work,
        grant.success,
        client_id=client.client_id,
        client_name=client.name,
        user_id=issued.user.user_id if issued.user else None,
        user_name=issued.user.email if issued.user else None,
        audience=issued.audience,
        scope=issued.scope or None,
        details=_told(issued),
    )


def _told(issued: Issued) -> dict[str, Any] | None:
    """What the log says besides: that tokens are bound to a key, and who acts for the user."""
    bound = {"token_type": DPOP} if issued.answer.get("token_type") == DPOP else {}
    return {**bound, **({"act": issued.act} if issued.act else {})} or None


def _log_failure(work: Work, grant: Grant | None, client: ClientConfig | None, problem: OAuthError) -> None:
    """Failures are written at once (contract.md section 6), together with the mark that one may leave."""
    kind = grant.failure if grant else LoginLog.FAILED
    entry = RefusalEntry(kind=kind, description=problem.description, details={"error": problem.error})
    with ExitStack() as stack:
        if isinstance(problem, MarkedRefusal):
            stack.enter_context(work.transaction())
            problem.mark()
            entry = problem.entry or entry
        failures.write(
            work,
            entry.kind,
            entry.description,
            client_id=client.client_id if client else None,
            client_name=client.name if client else None,
            user_id=entry.user_id,
            details=entry.details,
        )
