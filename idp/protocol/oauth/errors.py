"""The OAuth edge: every error of a JSON endpoint leaves through here (RFC 6749 5.2)."""

from __future__ import annotations

import msgspec
from flask import Response

from idp.applications.clients.runtime import ClientConfig
from idp.foundation.kernel.errors import OAuthError, Overloaded
from idp.foundation.tenancy.work import Work
from idp.foundation.web.security import BASE_HEADERS

AUTH0_STATUSES = {"invalid_grant": 403, "unauthorized_client": 403, "access_denied": 403}
"""Statuses Auth0 was recorded with; used where ``compatibility.auth0_statuses`` is on (contract.md section 7)."""


def json_answer(body: object, status: int = 200) -> Response:
    """JSON that no cache keeps (RFC 6749 5.1)."""
    return Response(msgspec.json.encode(body), status=status, headers=_JSON_HEADERS)


_JSON_HEADERS = [
    ("Content-Type", "application/json"),
    ("Cache-Control", "no-store"),
    ("Pragma", "no-cache"),
    *BASE_HEADERS.items(),
]


def answer(
    problem: OAuthError, work: Work | None = None, client: ClientConfig | None = None, *, basic: bool = False
) -> Response:
    """The error as JSON; ``basic`` adds ``WWW-Authenticate`` to a 401 whose client used the Authorization header."""
    status = problem.status
    settings = client.compatibility if client else work.config.settings.compatibility if work else None
    if settings is not None and settings.auth0_statuses:
        status = AUTH0_STATUSES.get(problem.error, status)
    body = {"error": problem.error, "error_description": problem.description, **problem.extra}
    response = json_answer(body, status)
    if status == 401 and basic:
        response.headers["WWW-Authenticate"] = 'Basic realm="Gatehouse"'
    return response


def overloaded(problem: Overloaded) -> Response:
    """503 ``temporarily_unavailable`` with ``Retry-After``."""
    response = json_answer({"error": "temporarily_unavailable", "error_description": problem.message}, 503)
    response.headers["Retry-After"] = str(problem.retry_after)
    return response
