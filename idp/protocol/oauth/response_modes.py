"""How an authorization response travels: query, fragment, form_post, web_message. One place, for answers and errors
alike.

Redirects are 303 and never 307: a form post must not travel on with its body (security.md A11).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar
from urllib.parse import urlencode

from flask import Response

from idp.foundation.kernel import redirects
from idp.foundation.tenancy import http, page_context
from idp.foundation.tenancy.work import Work
from idp.foundation.web.exchange import Reply, redirection
from idp.foundation.web.pages import PageView
from idp.foundation.web.security import source
from idp.foundation.web.view_models import FormPostView

Params = Mapping[str, str]


@dataclass(frozen=True)
class WebMessageView(PageView):
    """Posts ``{type: "authorization_response", response}`` to the parent or the opener."""

    template: ClassVar[str] = "login/web-message.html"
    target_origin: str
    response: Mapping[str, str]


def send(work: Work, mode: str, redirect_uri: str, params: Params) -> Response:
    """The answer to the browser. ``redirect_uri`` was proven to be the client's."""
    if mode in _PAGES:
        return _PAGES[mode](work, redirect_uri, params)
    return http.answered(redirected(mode, redirect_uri, params))


def redirected(mode: str, redirect_uri: str, params: Params) -> Reply:
    """The answer in a mode of :data:`REDIRECTS`."""
    return redirection(REDIRECTS[mode](redirect_uri, params))


def _query(redirect_uri: str, params: Params) -> str:
    return redirects.with_params(redirect_uri, dict(params))


def _fragment(redirect_uri: str, params: Params) -> str:
    return f"{redirect_uri}#{urlencode(params)}"


def _form_post(work: Work, redirect_uri: str, params: Params) -> Response:
    """OAuth 2.0 Form Post Response Mode."""
    view = FormPostView(redirect_uri, dict(params))
    return page_context.answer(work, view, page_context.page(work), forms_stay=False)


def _web_message(work: Work, redirect_uri: str, params: Params) -> Response:
    """Posts to the window that opened or embeds us, at the redirect URI's own origin and nowhere else."""
    target = redirects.origin(redirect_uri) or ""
    view = WebMessageView(target, dict(params))
    return page_context.answer(work, view, page_context.page(work), ancestors=source(target) or "'none'")


REDIRECTS: Mapping[str, Callable[[str, Params], str]] = {
    "query": _query,
    "fragment": _fragment,
    "query.jwt": _query,
    "fragment.jwt": _fragment,
}
"""Modes that are a redirect, and its address."""
_PAGES: Mapping[str, Callable[[Work, str, Params], Response]] = {
    "form_post": _form_post,
    "form_post.jwt": _form_post,
    "web_message": _web_message,
}
