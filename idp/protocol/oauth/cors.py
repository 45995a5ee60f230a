"""How the protocol's endpoints answer browser applications of other origins; who may call is
:mod:`idp.applications.clients.cross_origin`'s to say.
"""

from __future__ import annotations

from flask import Response, request

from idp.applications.clients.cross_origin import CrossOrigin
from idp.foundation.tenancy.work import Work

RULES = CrossOrigin(
    methods="GET, POST, OPTIONS",
    allowed="authorization, content-type, auth0-client, dpop",
    exposed="dpop-nonce, x-ratelimit-limit, x-ratelimit-remaining, x-ratelimit-reset",
)


def allow(work: Work, response: Response, client_id: str | None) -> Response:
    """Name the caller's origin in the answer if it is one of the client's that the request spoke for; None: nobody
    knows for whom.
    """
    response.headers.update(RULES.headers(work, request.headers.get("Origin"), client_id))
    return response


def preflight(work: Work, methods: str) -> Response:
    """The answer to OPTIONS."""
    work.refresh()
    response = Response(status=204)
    response.headers.update(RULES.preflight(work, request.headers.get("Origin"), methods))
    return response
