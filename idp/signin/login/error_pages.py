"""The pages that an attempt ends on where it cannot go on: it is too old, nobody can sign in, a source is down, the
browser keeps no cookies. None of them is a dead end.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from flask import Response

from idp.applications.clients.runtime import ClientConfig
from idp.foundation.tenancy import http, page_context
from idp.foundation.web.pages import PageView, WayOn
from idp.signin.login import application, login_routes
from idp.signin.login.connection_choice import NoConnection
from idp.signin.login.pages import frame_of
from idp.signin.login.screens.login import Alternative, alternatives
from idp.signin.login.transaction import Expired
from idp.signin.login.upstream import SourceDown
from idp.signin.sessions import service as sessions


@dataclass(frozen=True)
class ExpiredView(PageView):
    """The sign-in took too long, or its page was used before: by somebody who is ``signed_in`` since, or not."""

    template: ClassVar[str] = "login/login/expired.html"
    back: WayOn
    signed_in: bool = False


@dataclass(frozen=True)
class NoConnectionView(PageView):
    """Nobody can sign in to the application yet; ``call`` says to developers what changes that."""

    template: ClassVar[str] = "login/login/no-connection.html"
    error: str
    description: str
    correlation_id: str
    back: WayOn
    call: str | None


@dataclass(frozen=True)
class SourceDownView(PageView):
    """The source of a connection, called ``source``, does not answer (``silent``), or nobody can be sent there: other
    ways to sign in, or once more.
    ``password_url`` is the page that asks for a password, where there is one.
    """

    template: ClassVar[str] = "login/login/source-down.html"
    source: str
    retry_url: str
    password_url: str | None
    alternatives: Sequence[Alternative]
    back: WayOn
    silent: bool = True
    ask_password: bool = False
    """Nothing stands between the buttons here."""


@dataclass(frozen=True)
class CookiesBlockedView(PageView):
    """The browser sent no cookie back."""

    template: ClassVar[str] = "login/login/cookies.html"
    back: WayOn


def expired(error: Expired) -> Response:
    """Never a dead end: the way back to the application, where one is known."""
    work = http.current()
    client: ClientConfig | None = error.client
    page = page_context.page(
        work, ui_locales=error.ui_locales, client=application.client_view(client) if client else None
    )
    back = login_routes.way_on(work, page.texts, client, error.redirect_uri)
    signed_in = client is not None and sessions.read(work, http.session_secret()) is not None
    return page_context.answer(work, ExpiredView(back, signed_in), page, status=error.status)


def no_connection(error: NoConnection) -> Response:
    """Nobody can sign in to the application: who develops reads the call that enables a connection."""
    work, client = http.current(), error.client
    named = application.client_view(client) if client.client_id else None
    page = page_context.page(work, client=named)
    view = NoConnectionView(
        error.error,
        error.message,
        http.request_id(),
        login_routes.way_on(work, page.texts, client),
        error.call if work.platform.settings.development else None,
    )
    return page_context.answer(work, view, page, status=error.status)


def source_down(error: SourceDown) -> Response:
    """Which source it is, and what else there is. An application that asked for that connection is given no other."""
    request, work = error.request, error.request.work
    frame = frame_of(request)
    page = page_context.page(work, ui_locales=frame.ui_locales, client=frame.client, state=frame.state)
    view = SourceDownView(
        error.connection.display_name,
        request.url(login_routes.to_source(error.connection.name)),
        request.url(login_routes.first_page(work)) if request.choices.asks_who else None,
        [each for each in alternatives(request) if each.name != error.connection.name],
        login_routes.way_on(work, page.texts, request.client, request.transaction.redirect_uri),
        silent=error.silent,
    )
    return page_context.answer(work, view, page, status=error.status)


def cookies_blocked(_error: http.CookiesBlocked) -> Response:
    """What to change in the browser. Whose attempt it was is not told: without its cookie this may be any browser."""
    work = http.current()
    page = page_context.page(work)
    view = CookiesBlockedView(login_routes.way_on(work, page.texts))
    return page_context.answer(work, view, page, status=400)
