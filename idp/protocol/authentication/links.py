"""``/passwordless/verify_redirect``: where links that sign somebody in lead, those of our pages and those that
applications had sent.
"""

from __future__ import annotations

from flask import Blueprint, Response, request

from idp.foundation.kernel.errors import PageError
from idp.foundation.tenancy import http
from idp.signin.login import link_pages
from idp.signin.login.screen_request import ScreenRequest
from idp.signin.passwordless.service import VERIFY_PATH, Link

blueprint = Blueprint("links", __name__)


@blueprint.route(f"/{VERIFY_PATH}", methods=["GET", "POST"])
def verify_redirect() -> Response:
    """The page behind the link (GET), which spends nothing, and its button (POST)."""
    work = http.current()
    token = http.query().get("verification_code", "")
    return link_pages.use(work, token, _begin) if request.method == "POST" else link_pages.show(work, token)


def _begin(_link: Link) -> ScreenRequest:
    raise PageError("invalid_request", "This link is no longer good.")
