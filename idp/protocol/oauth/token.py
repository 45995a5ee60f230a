"""``POST /oauth/token``: the phases every grant shares, in one place, so that a new grant cannot forget one."""

from __future__ import annotations

from flask import Blueprint, Response, request

from idp.applications.clients.runtime import ClientConfig
from idp.foundation.kernel.errors import OAuthError, invalid_request
from idp.foundation.tenancy import http
from idp.foundation.tenancy.work import Work
from idp.foundation.web import params as parameters
from idp.protocol.oauth import client_auth, cors, errors
from idp.protocol.oauth.grants import GRANTS
from idp.protocol.oauth.grants.contract import Grant, TokenRequest
from idp.protocol.oauth.log_types import OAuthLog
from idp.signin.login.log_types import LoginLog
from idp.tenant.audit import log

MAX_BODY = 1_048_576
FAILURE_CODES = {
    "authorization_code": OAuthLog.CODE_EXCHANGE_FAILED,
    "refresh_token": OAuthLog.REFRESH_TOKEN_EXCHANGE_FAILED,
    "client_credentials": OAuthLog.CLIENT_CREDENTIALS_EXCHANGE_FAILED,
}
blueprint = Blueprint("token", __name__)


@blueprint.route("/oauth/token", methods=["POST", "OPTIONS"], provide_automatic_options=False)
def token() -> Response:
    """RFC 6749 3.2: parse, read, authenticate the client, redeem the grant, answer without caching."""
    work = http.current()
    if request.method == "OPTIONS":
        return cors.preflight(work, "POST, OPTIONS")
    client: ClientConfig | None = None
    basic = "Authorization" in request.headers
    grant_type = ""
    try:
        params = body_parameters()
        grant_type, grant = _grant(params)
        shown = client_auth.presented(request.headers.get("Authorization"), params)
        asked = TokenRequest(work, params)
        asked.found = grant.find(asked)
        client = client_auth.authenticate(work, shown)
        response = errors.json_answer(grant.redeem(asked, client).answer)
    except OAuthError as problem:
        _log_failure(work, grant_type, client, problem)
        response = errors.answer(problem, work, client, basic=basic)
    return cors.allow(work, response, client) if "Origin" in request.headers else response


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


def _grant(params: dict[str, str]) -> tuple[str, Grant]:
    name = params.get("grant_type")
    if not name:
        raise invalid_request("Missing required parameter: grant_type")
    found = GRANTS.get(name)
    if found is None:
        raise OAuthError("unsupported_grant_type", f"Unsupported grant type: {parameters.printable(name)}")
    return name, found


def _log_failure(work: Work, grant_type: str, client: ClientConfig | None, problem: OAuthError) -> None:
    """Failures are written at once (contract.md section 6); reuse has written its own row already."""
    if problem.detail and ("used twice" in problem.detail or "reuse" in problem.detail):
        return
    log.write(
        work,
        FAILURE_CODES.get(grant_type, LoginLog.FAILED),
        problem.description,
        client_id=client.client_id if client else None,
        client_name=client.name if client else None,
        details={"error": problem.error},
    )
