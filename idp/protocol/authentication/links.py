"""``/passwordless/verify_redirect``: where links that sign somebody in lead, those of our pages and those that
applications had sent; and where applications send people with a code that was typed into a form of theirs.
"""

from __future__ import annotations

from flask import Blueprint, Response, request

from idp.applications.clients import runtime as clients
from idp.foundation.kernel.errors import OAuthError, PageError
from idp.foundation.kernel.secrets import digest
from idp.foundation.tenancy import http
from idp.foundation.tenancy.work import Work
from idp.protocol.oauth.authorize import answer, pipeline
from idp.protocol.oauth.authorize.request import Draft
from idp.signin.login import flow, link_pages, pages
from idp.signin.login.screen_request import ScreenRequest
from idp.signin.passwordless.service import VERIFY_PATH, Link

blueprint = Blueprint("links", __name__)


@blueprint.route(f"/{VERIFY_PATH}", methods=["GET", "POST"])
def verify_redirect() -> Response:
    """The page behind the link (GET), which spends nothing, and its button (POST)."""
    work = http.current()
    token = http.query().get("verification_code", "")
    if request.method != "POST":
        return link_pages.show(work, token)
    return link_pages.use(work, token, lambda link: _begin(work, link))


def _begin(work: Work, link: Link) -> ScreenRequest:
    """The attempt that the application's parameters ask for, as they were checked when the link was sent."""
    if clients.find(work, link.client_id) is None:
        raise PageError("invalid_request", "The application is no longer registered.")
    draft = Draft(work, {**link.params, "client_id": link.client_id})
    pipeline.prove(draft)
    try:
        asked = pipeline.check(draft)
    except OAuthError as problem:
        raise PageError(problem.error, problem.description) from problem
    wanted = answer.wanted(draft.known_client, asked)
    return pages.begun(work, flow.fresh(wanted, device_hash=digest(http.ensure_device())))
