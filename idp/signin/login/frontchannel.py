"""Front-Channel Logout 1.0: the frames of the signed-out page, one per client that registered an address.

Here and not in ``oauth``, since the account page signs people out too.
"""

from __future__ import annotations

from idp.applications.clients import runtime as clients
from idp.foundation.kernel.redirects import with_params
from idp.foundation.tenancy.work import Work
from idp.foundation.web.security import source
from idp.signin.sessions import service as sessions


def frame_urls(work: Work, session_id: str) -> list[str]:
    """``frontchannel_logout_uri`` of each client of the session, with ``iss`` and ``sid`` and nothing else added."""
    found = []
    for client_id in sessions.clients(work, session_id):
        client = clients.find(work, client_id)
        if client is not None and client.data.frontchannel_logout_uri:
            found.append(
                with_params(client.data.frontchannel_logout_uri, {"iss": work.config.issuer, "sid": session_id})
            )
    return found


def origins(urls: list[str]) -> list[str]:
    """What ``frame-src`` has to allow."""
    return sorted({origin for origin in map(source, urls) if origin})
