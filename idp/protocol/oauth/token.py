"""``POST /oauth/token``: the phases that every grant shares, in one place, so that a new grant cannot forget one.

Parse, read, authenticate the client, let the grant prove, let the gate issue, log, answer.
"""

from __future__ import annotations

from contextlib import ExitStack

from flask import Blueprint, Response, request

from idp.applications.clients.runtime import ClientConfig
from idp.foundation.kernel.errors import OAuthError, invalid_request
from idp.foundation.tenancy import http
from idp.foundation.tenancy.work import Work
from idp.foundation.web import params as parameters
from idp.protocol.oauth import client_auth, cors, errors
from idp.protocol.oauth.grants import GRANTS
from idp.protocol.oauth.grants.contract import Grant, MarkedRefusal, RefusalEntry, TokenRequest
from idp.protocol.tokens import gate
from idp.protocol.tokens.issuer import Issued
from idp.signin.login.log_types import LoginLog
from idp.tenant.audit import failures, log

MAX_BODY = 1_048_576
blueprint = Blueprint("token", __name__)


@blueprint.route("/oauth/token", methods=["POST", "OPTIONS"], provide_automatic_options=False)
def token() -> Response:
    """RFC 6749 3.2; the answer is never cached."""
    work = http.current()
    if request.method == "OPTIONS":
        return cors.preflight(work, "POST, OPTIONS")
    client: ClientConfig | None = None
    grant: Grant | None = None
    named: str | None = None
    try:
        params = body_parameters()
        named = params.get("client_id")
        grant = _grant(params)
        credentials = client_auth.presented(request.headers.get("Authorization"), params)
        named = credentials.client_id
        asked = TokenRequest(work, params)
        found = grant.find(asked)
        work.ensure_current()
        client = client_auth.authenticate(work, credentials)
        issued = gate.issue(work, client, grant.grant_type, grant.prove(asked, client, found))
        _log_success(work, grant, client, issued)
        response = errors.json_answer(issued.answer)
    except OAuthError as problem:
        _log_failure(work, grant, client, problem)
        response = errors.answer(problem, work, client, basic="Authorization" in request.headers)
    return cors.allow(work, response, named) if "Origin" in request.headers else response


def body_parameters() -> dict[str, str]:
    """Parameters of a form or JSON body; those in the query are refused (security.md E1). Raises OAuthError."""
    if request.query_string and any(
        name in request.args for name in ("client_secret", "code", "refresh_token", "grant_type", "token")
    ):
        raise invalid_request("Parameters belong into the body of the request")
    if (request.content_length or 0) > MAX_BODY:
        raise OAuthError("invalid_request", "The request is too large", status=413)
    raw = request.get_data()
    if request.mimetype == "application/json":
        return parameters.from_json(raw)
    if request.mimetype in ("application/x-www-form-urlencoded", ""):
        return parameters.from_urlencoded(raw)
    raise invalid_request("The body must be application/x-www-form-urlencoded or application/json")


def _grant(params: dict[str, str]) -> Grant:
    name = params.get("grant_type")
    if not name:
        raise invalid_request("Missing required parameter: grant_type")
    found = GRANTS.get(name)
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
    )


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
