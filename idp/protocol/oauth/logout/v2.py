"""``GET /v2/logout``: Auth0's own logout. ``returnTo`` must be listed: the client's URLs, or the tenant's without
``client_id``.
"""

from __future__ import annotations

from flask import Blueprint, Response

from idp.foundation.tenancy import http
from idp.protocol.oauth.authorize.views import parsed_parameters
from idp.protocol.oauth.logout.request import v2_target
from idp.signin.login import source_sessions
from idp.signin.login.pages import signed_out
from idp.signin.sessions import service as sessions

blueprint = Blueprint("v2_logout", __name__)


@blueprint.get("/v2/logout")
def v2_logout() -> Response:
    """Sign out at once, with ``federated`` at the source of the session too, then go where ``returnTo`` says, or to the
    first listed URL of the client.
    """
    work = http.current()
    params = parsed_parameters()
    session = sessions.read(work, http.session_secret())
    if session is None:
        work.refresh()
    client_id = params.get("client_id")
    target = v2_target(work, client_id, params.get("returnTo"))
    if session is not None and "federated" in params:
        target = source_sessions.leave(work, session, client_id=client_id, target=target) or target
    return signed_out(work, session, client_id=client_id, target=target)
