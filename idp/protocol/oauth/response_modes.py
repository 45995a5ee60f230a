"""How an authorization response travels: query, fragment, form_post, web_message. One place, for answers and errors
alike.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from urllib.parse import urlencode

from flask import Response

from idp.foundation.kernel import redirects
from idp.foundation.tenancy import page_context
from idp.foundation.tenancy.work import Work
from idp.foundation.web.security import form_source

Params = Mapping[str, str]


def send(work: Work, mode: str, redirect_uri: str, params: Params) -> Response:
    """The answer to the browser. ``redirect_uri`` was proven to be the client's."""
    return _MODES.get(mode, _query)(work, redirect_uri, params)


def _see_other(location: str) -> Response:
    """303 and never 307: a form post must not travel on with its body (security.md A11)."""
    response = Response(status=303)
    response.headers["Location"] = location
    response.headers["Cache-Control"] = "no-store"
    return response


def _query(_work: Work, redirect_uri: str, params: Params) -> Response:
    return _see_other(redirects.with_params(redirect_uri, dict(params)))


def _fragment(_work: Work, redirect_uri: str, params: Params) -> Response:
    return _see_other(f"{redirect_uri}#{urlencode(params)}")


def _form_post(work: Work, redirect_uri: str, params: Params) -> Response:
    """OAuth 2.0 Form Post Response Mode."""
    source = form_source(redirect_uri)
    targets = [source] if source else []
    return page_context.answer(
        work,
        "login/form-post.html",
        page_context.page(work),
        form_targets=targets,
        action_url=redirect_uri,
        fields=dict(params),
    )


def _web_message(work: Work, redirect_uri: str, params: Params) -> Response:
    """Posts to the window that opened or embeds us, at the redirect URI's own origin and nowhere else."""
    target = redirects.origin(redirect_uri) or ""
    return page_context.answer(
        work,
        "login/web-message.html",
        page_context.page(work),
        ancestors=target,
        target_origin=target,
        response=dict(params),
    )


_MODES: Mapping[str, Callable[[Work, str, Params], Response]] = {
    "query": _query,
    "fragment": _fragment,
    "form_post": _form_post,
    "web_message": _web_message,
}
