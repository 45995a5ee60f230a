"""The only way errors leave ``/me/v1``: ``{type, status, title, detail, validation_errors?}`` (spec/my-account.md,
"Errors"; RFC 9457 names the members).
"""

from __future__ import annotations

from http import HTTPStatus

import structlog
from sqlalchemy.exc import IntegrityError
from werkzeug.exceptions import HTTPException

from idp.foundation.apikit.answers import Answer, json_answer
from idp.foundation.db.hot import UniqueViolation
from idp.foundation.kernel.errors import Conflict, ManagementError, OAuthError, Overloaded, PageError
from idp.foundation.kernel.faults import BODY, PATH, QUERY
from idp.foundation.web import spoken

log = structlog.get_logger("idp.my_account")
TITLES = {"insufficient_scope": "Insufficient Scope", "step_up_required": "Step-Up Required"}
SOURCES = {BODY.error_code: "body", QUERY.error_code: "query", PATH.error_code: "path"}


def render(error: Exception, *, request_id: str = "") -> Answer:
    """The answer to any failure; what nobody foresaw is logged with its traceback and answered with 500 and nothing
    more.
    """
    if isinstance(error, ManagementError):
        if error.detail:
            log.info("refused", status=int(error.status), message=error.message, detail=error.detail)
        return _answer(error.status, error.message, error.error_code, _faults(error), error.headers)
    if isinstance(error, Overloaded):
        log.warning("overloaded", detail=getattr(error, "detail", None), request_id=request_id)
        waits = {"Retry-After": str(error.retry_after)}
        return _answer(HTTPStatus.SERVICE_UNAVAILABLE, error.message, headers=waits)
    if isinstance(error, PageError | OAuthError):
        return _answer(HTTPStatus(error.status), error.message, error.error)
    if isinstance(error, HTTPException) and error.code:
        return _answer(HTTPStatus(error.code), error.name)
    if isinstance(error, IntegrityError | UniqueViolation):
        return render(Conflict("It exists already."))
    log.error("unexpected error", exc_info=error, request_id=request_id)
    return _answer(HTTPStatus.INTERNAL_SERVER_ERROR, "Internal error")


def _faults(error: ManagementError) -> list[dict[str, str]]:
    """What of the request was at fault, where the error says it."""
    source = SOURCES.get(error.error_code or "")
    if source is None:
        return []
    where = {"field": error.where, "pointer": f"/{error.where.replace('.', '/')}"} if error.where else {}
    return [{"detail": error.message, **where, "source": source}]


def _answer(
    status: HTTPStatus,
    detail: str,
    code: str | None = None,
    faults: list[dict[str, str]] | None = None,
    headers: dict[str, str] | None = None,
) -> Answer:
    body = spoken.problem(status, detail, code)
    if code in TITLES:
        body["title"] = TITLES[code]
    return json_answer(status, {**body, "validation_errors": faults} if faults else body, headers)
