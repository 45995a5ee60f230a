"""The OAuth edge: every error of a JSON endpoint leaves through here (RFC 6749 5.2)."""

from __future__ import annotations

import msgspec
import structlog

from idp.applications.clients.runtime import ClientConfig
from idp.foundation.kernel.errors import GatehouseError, ManagementError, OAuthError, Overloaded, PageError
from idp.foundation.kernel.log_types import LogType
from idp.foundation.tenancy.work import Work
from idp.foundation.web.exchange import Call, Reply
from idp.foundation.web.security import BASE_HEADERS
from idp.tenant.audit import failures

AUTH0_STATUSES = {
    "invalid_grant": 403,
    "unauthorized_client": 403,
    "access_denied": 403,
    "authorization_pending": 403,
    "expired_token": 403,
    "slow_down": 429,
    "password_leaked": 401,
    "federated_connection_refresh_token_not_found": 401,
    "federated_connection_refresh_token_flow_failed": 401,
    "requires_verification": 401,
}
"""Statuses Auth0 was recorded with; used where ``compatibility.auth0_statuses`` is on (contract.md section 7)."""
_JSON_HEADERS = (
    ("Content-Type", "application/json"),
    ("Cache-Control", "no-store"),
    ("Pragma", "no-cache"),
    *BASE_HEADERS.items(),
)
log = structlog.get_logger("idp.errors")


def json_answer(body: object, status: int = 200) -> Reply:
    """JSON that no cache keeps (RFC 6749 5.1)."""
    return Reply(status, [*_JSON_HEADERS], msgspec.json.encode(body))


def token_answer(token: str, kind: str) -> Reply:
    """A signed answer, which no cache keeps."""
    headers = [(name, kind if name == "Content-Type" else value) for name, value in _JSON_HEADERS]
    return Reply(200, headers, token.encode("ascii"))


def answer(
    problem: OAuthError, work: Work | None = None, client: ClientConfig | None = None, *, basic: bool = False
) -> Reply:
    """The error as JSON; ``basic`` adds ``WWW-Authenticate`` to a 401 whose client used the Authorization header."""
    status = problem.status
    settings = client.compatibility if client else work.config.settings.compatibility if work else None
    if settings is not None and settings.auth0_statuses:
        status = AUTH0_STATUSES.get(problem.error, status)
    body = {"error": problem.error, "error_description": problem.description, **problem.extra}
    reply = json_answer(body, status).add(problem.headers)
    if status == 401 and basic:
        reply.headers.append(("WWW-Authenticate", 'Basic realm="Gatehouse"'))
    return reply


def refused(work: Work, call: Call, kind: LogType, problem: OAuthError, client: ClientConfig | None) -> Reply:
    """What an endpoint that clients authenticate at did not do: an entry of that kind, and the error. ``client`` where
    it is known by then.
    """
    failures.write(
        work,
        kind,
        problem.description,
        client_id=client.client_id if client else None,
        client_name=client.name if client else None,
        details={"error": problem.error},
    )
    return answer(problem, work, client, basic=call.authorization is not None)


def failed(error: Exception, path: str, request_id: str) -> Reply:
    """Whatever an endpoint raises that answers in JSON: logged with everything but secrets, told with nothing but what
    it says itself, or its number.
    """
    about = {"path": path, "request_id": request_id}
    if isinstance(error, OAuthError):
        return answer(error)
    if isinstance(error, ManagementError):  # somebody deleted what the use case was about
        code = "not_found" if error.status == 404 else "invalid_request"
        return _problem(code, error.message, error.status)
    if isinstance(error, PageError):
        log.info("page error", error=error.error, message=error.message, detail=error.detail, **about)
        return _problem(error.error, error.message, error.status)
    if isinstance(error, Overloaded):
        log.warning("overloaded", reason=getattr(error, "detail", None) or error.message, **about)
        reply = _problem("temporarily_unavailable", error.message, 503)
        return reply.add({"Retry-After": str(error.retry_after)})
    detail = error.detail if isinstance(error, GatehouseError) else None
    log.error("defect", exc_info=error, detail=detail, **about)
    return _problem("server_error", f"Reference {request_id}", 500)


def _problem(name: str, description: str, status: int) -> Reply:
    return json_answer({"error": name, "error_description": description}, status)
