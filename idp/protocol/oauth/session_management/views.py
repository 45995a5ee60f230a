"""``/oidc/session``: the frame that applications ask whether somebody is still signed in (Session Management 1.0,
3.2).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from flask import Blueprint, Response

from idp.foundation.kernel.errors import PageError
from idp.foundation.tenancy import cookies, http, page_context
from idp.foundation.web.pages import PageView
from idp.protocol.oauth.session_management import state

blueprint = Blueprint("session_management", __name__)


@dataclass(frozen=True)
class SessionFrameView(PageView):
    """Answers ``unchanged``, ``changed`` or ``error`` to the window that asks."""

    template: ClassVar[str] = "login/session-frame.html"
    cookie: str


@blueprint.get("/oidc/session")
def frame() -> Response:
    """The page of the frame; any site may show it, since it tells nothing that the site did not know."""
    work = http.current()
    work.refresh()
    if not state.on(work):
        raise PageError("not_found", "There is nothing here.", status=404)
    view = SessionFrameView(cookies.name_of(work, cookies.BROWSER_STATE))
    return page_context.answer(work, view, page_context.page(work), ancestors="*")
