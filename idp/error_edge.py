"""The page edge: whatever a view raises becomes a page (or the error of an API where the address is one's), never a
traceback, never a secret.
"""

from __future__ import annotations

from collections.abc import Mapping

import structlog
from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from idp.foundation.kernel.errors import GatehouseError, ManagementError, OAuthError, Overloaded, PageError
from idp.foundation.kernel.redirects import with_params
from idp.foundation.tenancy import http, page_context
from idp.foundation.tenancy.work import Work
from idp.foundation.web import spoken
from idp.foundation.web.pages import WayOn
from idp.management import mount as management
from idp.protocol.oauth import errors as oauth_errors
from idp.signin.login import login_routes
from idp.signin.login.connection_choice import NoConnection
from idp.signin.login.error_pages import cookies_blocked, expired, no_connection, source_down
from idp.signin.login.transaction import Expired
from idp.signin.login.upstream import SourceDown

PASSING = frozenset({429, 500, 503})
"""Statuses of errors that are over some time."""
log = structlog.get_logger("idp.errors")


def register_errors(app: Flask) -> None:
    """Handlers for every kind of error a view may raise."""
    app.register_error_handler(Expired, expired)
    app.register_error_handler(NoConnection, no_connection)
    app.register_error_handler(SourceDown, source_down)
    app.register_error_handler(PageError, _page_error)
    app.register_error_handler(OAuthError, _oauth_error)
    app.register_error_handler(ManagementError, _use_case_refused)
    app.register_error_handler(Overloaded, _overloaded)
    app.register_error_handler(http.CookiesBlocked, cookies_blocked)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _defect)


def _in_own_words(error: Exception) -> Response | None:
    """The error as the API of the address tells it: one that fails before its own edge has the request (the tenant is
    looked up first), or that has none. None: the address tells errors by pages.
    """
    speech = spoken.of(request.path)
    if speech is None:
        return None
    if speech is spoken.OAUTH:
        return http.answered(oauth_errors.failed(error, request.path, http.request_id()))
    if isinstance(error, OAuthError):
        error = PageError(error.error, error.description, status=error.status)
    if speech is spoken.MANAGEMENT:
        return management.failed(error)
    answer = management.failed(error)  # which knows the status and the text of every failure
    message = (answer.get_json(silent=True) or {}).get("message", "")
    answer.set_data(speech.told(answer.status_code, message))
    answer.content_type = speech.media_type
    return answer


def _page_error(error: PageError) -> Response:
    told = _in_own_words(error)
    if told is not None:
        return told
    log.info(
        "page error",
        error=error.error,
        message=error.message,
        detail=error.detail,
        path=request.path,
        request_id=http.request_id(),
    )
    description = None if error.status == 404 else error.message  # the page says that much in every language
    return _own_error_page(error) or _page(error.status, error.error, description, sign_in=error.sign_in)


def _use_case_refused(error: ManagementError) -> Response:
    """A use case says no in the words of the Management API; a page says the same: somebody deleted the thing that was
    just shown.
    """
    code = "not_found" if error.status == 404 else "invalid_request"
    return _page_error(PageError(code, error.message, status=error.status, detail=error.detail))


def _own_error_page(error: PageError) -> Response | None:
    """Requests of applications that cannot be answered may end on a page of the tenant's (spec/authentication-api.md
    section 2).
    """
    if not request.path.startswith("/authorize") or error.status == 404:
        return None
    work = http.current()
    url = work.config.settings.error_page.url
    if not url:
        return None
    asked = _asked()
    parameters = {
        "client_id": asked.get("client_id"),
        "connection": asked.get("connection"),
        "lang": page_context.locale(work, asked.get("ui_locales")),
        "error": error.error,
        "error_description": error.message,
        "tracking": http.request_id(),
    }
    return http.redirect(with_params(url, {name: value for name, value in parameters.items() if value}))


def _asked() -> Mapping[str, str]:
    """What the request asked for, as far as it can be read: it may be the very fault that the page is about."""
    try:
        return request.values.to_dict()
    except HTTPException:  # a form beyond what is read of one
        return request.args.to_dict()


def _oauth_error(error: OAuthError) -> Response:
    return _in_own_words(error) or _page(error.status, error.error, error.description)


def _overloaded(error: Overloaded) -> Response:
    told = _in_own_words(error)
    if told is not None:
        return told
    log.warning(
        "overloaded",
        reason=getattr(error, "detail", None) or error.message,
        path=request.path,
        request_id=http.request_id(),
    )
    return _page(503, "temporarily_unavailable", error.message, retry_after=error.retry_after)


def _http_error(error: HTTPException) -> Response:
    status = error.code or 500
    if error.response is not None:
        return error.get_response()  # type: ignore[return-value]
    name, text = _TEXTS.get(status, ("invalid_request", "The request could not be understood."))
    # a page has words of its own for these, in every language
    response = _in_own_words(PageError(name, text, status=status)) or _page(status, name, None)
    if status == 405:
        response.headers["Allow"] = ", ".join(getattr(error, "valid_methods", None) or ())
    return response


_TEXTS = {
    400: ("invalid_request", "The request could not be understood."),
    404: ("not_found", "There is no such page."),
    405: ("invalid_request", "That method is not available here."),
    413: ("invalid_request", "The request is too large."),
}


def _defect(error: Exception) -> Response:
    """A defect of ours: logged with everything but secrets, told with nothing but its number."""
    told = _in_own_words(error)
    if told is not None:
        return told
    detail = error.detail if isinstance(error, GatehouseError) else None
    log.error("defect", exc_info=error, path=request.path, detail=detail, request_id=http.request_id())
    return _page(500, "server_error", None)


def _page(
    status: int, code: str, description: str | None, retry_after: int | None = None, sign_in: str | None = None
) -> Response:
    try:
        work = http.current()
        back = _way_on(work, status, sign_in)
        return page_context.error(
            work, status=status, code=code, description=description, back=back, retry_after=retry_after
        )
    except GatehouseError:
        return _bare(status, code, description, retry_after)  # a host of no tenant, or its store is away
    except Exception:
        log.exception("the error page failed too", path=request.path, request_id=http.request_id())
        return _bare(status, code, description, retry_after)


def _way_on(work: Work, status: int, sign_in: str | None) -> WayOn:
    """What may work the next time is tried again, what another account may do leads to its sign-in; anything else leads
    home.
    """
    texts = page_context.texts(work)
    if request.method == "GET" and status in PASSING:
        return WayOn("", texts.t("error.page.tryAgain"))  # the same address
    if sign_in is not None:
        return WayOn(f"{work.config.url}{sign_in}", texts.t("error.page.otherAccount"))
    return login_routes.way_on(work, texts)


def _bare(status: int, code: str, description: str | None, retry_after: int | None) -> Response:
    """Without a tenant (unknown host, database away) there is nothing to dress the page in."""
    text = f"{code}\n{description or ''}\n\nReference: {http.request_id()}\n"
    response = Response(text, status=status, mimetype="text/plain")
    response.headers["Cache-Control"] = "no-store"
    if retry_after is not None:
        response.headers["Retry-After"] = str(retry_after)
    return response
