"""The only way errors leave ``/api/v2``: ``{statusCode, error, message, errorCode?}`` (spec/00-conventions.md)."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import structlog
from sqlalchemy.exc import IntegrityError
from werkzeug.exceptions import HTTPException

from idp.foundation.apikit.answers import Answer, json_answer
from idp.foundation.db.hot import UniqueViolation
from idp.foundation.kernel.errors import Conflict, ManagementError, Overloaded, PageError
from idp.foundation.web import spoken

log = structlog.get_logger("idp.management")


def render(error: Exception, *, request_id: str = "") -> Answer:
    """The answer to any failure. What nobody foresaw is logged with its traceback and answered with 500 and nothing
    more.
    """
    if isinstance(error, ManagementError):
        return _management(error)
    if isinstance(error, Overloaded):
        log.warning("overloaded", detail=getattr(error, "detail", None), request_id=request_id)
        return _answer(HTTPStatus.SERVICE_UNAVAILABLE, error.message, headers={"Retry-After": str(error.retry_after)})
    if isinstance(error, PageError):
        return _answer(HTTPStatus(error.status), error.message)
    if isinstance(error, HTTPException) and error.code:
        return _answer(HTTPStatus(error.code), error.name)
    if isinstance(error, IntegrityError | UniqueViolation):
        # Two requests raced for one name: each looked first, the constraint decided.
        return _management(Conflict("The resource already exists."))
    log.error("unexpected error", exc_info=error, request_id=request_id)
    return _answer(HTTPStatus.INTERNAL_SERVER_ERROR, "Internal error")


def _management(error: ManagementError) -> Answer:
    if error.detail:
        log.info("refused", status=int(error.status), message=error.message, detail=error.detail)
    extra: dict[str, Any] = {"errorCode": error.error_code} if error.error_code else {}
    extra |= {"attributes": error.attributes} if error.attributes else {}
    return _answer(error.status, error.message, extra, error.headers)


def _answer(
    status: HTTPStatus, message: str, extra: dict[str, Any] | None = None, headers: dict[str, str] | None = None
) -> Answer:
    return json_answer(status, {**spoken.management(status, message), **(extra or {})}, headers)
