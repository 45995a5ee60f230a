"""How the protocol's endpoints answer browser applications of other origins; who may call is
:mod:`idp.applications.clients.cross_origin`'s to say.
"""

from __future__ import annotations

from idp.applications.clients.cross_origin import CrossOrigin
from idp.foundation.tenancy.work import Work
from idp.foundation.web.exchange import Call, Reply

RULES = CrossOrigin(
    methods="GET, POST, OPTIONS",
    allowed="authorization, content-type, auth0-client, dpop",
    exposed="dpop-nonce, www-authenticate, x-ratelimit-limit, x-ratelimit-remaining, x-ratelimit-reset",
)


def allow(work: Work, call: Call, reply: Reply, client_id: str | None) -> Reply:
    """Name the caller's origin in the answer if it is one of the client's that the request spoke for; None: nobody
    knows for whom.
    """
    return reply.add(RULES.headers(work, call.origin, client_id)) if call.origin else reply


def preflight(work: Work, call: Call, methods: str) -> Reply:
    """The answer to OPTIONS."""
    work.refresh()
    return Reply(204, []).add(RULES.preflight(work, call.origin, methods))
