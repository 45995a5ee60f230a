"""``GET /v2/logout``: Auth0's own logout. ``returnTo`` must be listed: the client's URLs, or the tenant's without
``client_id``.
"""

from __future__ import annotations

from flask import Blueprint, Response

from idp.applications.clients import runtime as clients
from idp.foundation.kernel import redirects
from idp.foundation.kernel.errors import PageError
from idp.foundation.tenancy import http
from idp.foundation.tenancy.work import Work
from idp.protocol.oauth.authorize.views import parsed_parameters
from idp.signin.login.pages import signed_out
from idp.signin.sessions import service as sessions

blueprint = Blueprint("v2_logout", __name__)


@blueprint.get("/v2/logout")
def v2_logout() -> Response:
    """Sign out at once, then go where ``returnTo`` says, or to the first listed URL of the client."""
    work = http.current()
    params = parsed_parameters()
    session = sessions.read(work, http.session_secret())
    if session is None:
        work.refresh()
    client_id = params.get("client_id")
    return signed_out(work, session, client_id=client_id, target=_target(work, client_id, params.get("returnTo")))


def _target(work: Work, client_id: str | None, return_to: str | None) -> str | None:
    settings = work.config.settings
    allowed, wildcards = settings.allowed_logout_urls, settings.compatibility.logout_url_wildcards
    if client_id:
        client = clients.find(work, client_id[:64])
        if client is None:
            raise PageError("invalid_request", "Unknown client.")
        allowed, wildcards = client.data.allowed_logout_urls, client.compatibility.logout_url_wildcards
        if not return_to:
            return next((url for url in allowed if "*" not in url), None)
    if not return_to:
        return None
    if redirects.matches(return_to, allowed) or (
        wildcards and redirects.matches_wildcard(return_to, allowed, ignore_query=True)
    ):
        return return_to
    raise PageError(
        "invalid_request", 'The "returnTo" querystring parameter is not in the list of allowed logout URLs.'
    )
