"""A yes that a person gives in their browser to what goes on elsewhere: to a device (RFC 8628), or to an application
that asked them by CIBA.
"""

from __future__ import annotations

import msgspec

from idp.applications.clients.runtime import ClientConfig
from idp.foundation.kernel import clock
from idp.foundation.tenancy.work import Work
from idp.signin.factors import policy as factors
from idp.signin.sessions import service as sessions
from idp.signin.sessions.service import LiveSession


class Approval(msgspec.Struct, frozen=True):
    """Who said yes, when (ms), and how they had signed in. ``auth_time`` in seconds; ``amr`` where a second factor was
    proven. ``given_at`` is 0 in what an earlier release stored.
    """

    user_id: str
    connection_id: str
    auth_time: int
    amr: tuple[str, ...] = ()
    given_at: int = 0


def given(work: Work, client: ClientConfig, session: LiveSession, *, challenged: bool) -> Approval:
    """The yes of the person of that session, now. ``challenged``: the attempt proved a second factor of it."""
    amr = factors.told(
        work,
        session.methods,
        session.last_interacted_at,
        challenged=challenged,
        once=client.compatibility.mfa_once,
    )
    signed_in_at = session.authenticated_at // 1000
    return Approval(session.user_id, session.connection_id or "", signed_in_at, amr, clock.now_ms())


def join(work: Work, client: ClientConfig, session: LiveSession) -> None:
    """The client is one of the session's from now on, in the caller's transaction."""
    if not session.known_client:
        sessions.join(work, session.id, client.client_id)
    sessions.touch(work, session)
