"""Behind the link of a mail that signs somebody in. Programs that read mail follow links and ask with HEAD: only the
button does anything (security.md M2).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, Self

import msgspec
from flask import Blueprint, Response

from connectors.contract import CodeConnector
from idp.applications.clients import runtime as clients
from idp.foundation.ephemeral import limits
from idp.foundation.kernel.errors import PageError
from idp.foundation.kernel.secrets import equal
from idp.foundation.tenancy import http, page_context
from idp.foundation.tenancy.work import Work
from idp.foundation.web.i18n import Texts
from idp.foundation.web.pages import FormError, PageView, WayOn
from idp.signin.login import application, code_sign_in, connection_choice, login_routes, pages
from idp.signin.login.screen import Deny
from idp.signin.login.screen_request import ScreenRequest
from idp.signin.passwordless import service as passwordless
from idp.signin.passwordless.service import Link

Begin = Callable[[Link], ScreenRequest]
"""Begins the login attempt that an application's link asks for. Raises PageError."""
blueprint = Blueprint("link_pages", __name__)


@dataclass(frozen=True)
class LinkOpenView(PageView):
    """Sign in with the button; ``elsewhere``: in another browser, which shows a number that is asked for here."""

    template: ClassVar[str] = "login/login-passwordless/link.html"
    email: str
    application: str
    elsewhere: bool = False

    @classmethod
    def example(cls, texts: Texts) -> Self:
        """Opened in another browser."""
        return cls("josephine.baker@example.com", "Acme", elsewhere=True)


@dataclass(frozen=True)
class LinkDoneView(PageView):
    """Nothing is left to do: ``approved`` (another browser goes on) or ``over`` (used, replaced, too old)."""

    template: ClassVar[str] = "login/login-passwordless/link-done.html"
    outcome: str
    back: WayOn | None = None

    @classmethod
    def example(cls, texts: Texts) -> Self:
        """The other browser goes on."""
        return cls("approved")


@blueprint.get("/u/login-passwordless/opened")
def opened() -> Response:
    """Whether the newest link of this browser's attempt was opened in another one: asked by the page that waits."""
    work = http.current()
    link_id = pages.opened(work, http.query().get("state", "")).transaction.link_id
    said = {"opened": link_id is not None and passwordless.approved(work, link_id)}
    response = Response(msgspec.json.encode(said), mimetype="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response


def show(work: Work, token: str) -> Response:
    """What the link is for, with one button. Spends nothing."""
    work.refresh()
    link = passwordless.read_link(work, token)
    return _over(work) if link is None else _page(work, link)


def use(work: Work, token: str, begin: Begin) -> Response:
    """The button. Raises CookiesBlocked, Expired, PageError."""
    raw = pages.posted_form(work)
    work.refresh()
    link = passwordless.read_link(work, token)
    if link is None:
        return _over(work)
    if limits.exceeded(work, limits.CODES_TYPED, work.network) is not None:
        raise PageError("too_many_requests", "Too many attempts. Wait a few minutes and try again.", status=429)
    if not _elsewhere(link):
        return _sign_in(work, token, link, begin)
    if passwordless.approve(work, token, link, raw.get("number", "")):
        return _answer(work, link, LinkDoneView("approved"))
    words = page_context.texts(work, link.locale or None).t("login-passwordless.link.wrong-number")
    return _page(work, link, errors=(FormError(words, "number"),), status=400)


def _sign_in(work: Work, token: str, link: Link, begin: Begin) -> Response:
    request = pages.opened(work, link.state) if link.state else begin(link)
    found = connection_choice.usable(work, request.client, link.connection_id)
    connection = next((each for each in found if each.can(CodeConnector)), None)
    if connection is None:
        raise PageError("access_denied", "That sign-in method is not enabled for this application.", status=400)
    if not passwordless.spend_link(work, token):
        return _over(work)
    result = code_sign_in.enter(request, connection, link.address)
    return pages.leave(request, result or Deny("access_denied", "Public sign-up is disabled."))


def _elsewhere(link: Link) -> bool:
    """Whether another browser asked for it than the one that opened it. One that an application asked for is any
    browser's.
    """
    here = http.device_hash()
    return bool(link.state) and (here is None or not equal(here, link.device_hash))


def _page(work: Work, link: Link, *, errors: tuple[FormError, ...] = (), status: int = 200) -> Response:
    client = clients.find(work, link.client_id) if link.client_id else None
    name = client.name if client else work.config.friendly_name
    view = LinkOpenView(link.address, name, _elsewhere(link))
    return _answer(work, link, view, errors=errors, status=status)


def _answer(
    work: Work, link: Link, view: PageView, *, errors: tuple[FormError, ...] = (), status: int = 200
) -> Response:
    client = clients.find(work, link.client_id) if link.client_id else None
    shown = application.client_view(client) if client else None
    page = page_context.page(work, ui_locales=link.locale or None, client=shown, errors=errors)
    return page_context.answer(work, view, page, status=status, forms_stay=False)


def _over(work: Work) -> Response:
    page = page_context.page(work)
    view = LinkDoneView("over", login_routes.way_on(work, page.texts))
    return page_context.answer(work, view, page, status=400)
