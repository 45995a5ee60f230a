"""Online access: refresh tokens that are good for as long as the person's session, by the scope ``online_access``
(Auth0's online refresh tokens, docs/decisions/0383).

They are a session's in the hands of an application: each use keeps the session from its idle end, never from its
absolute one, and taking one back ends the session. They do not rotate; so a public client proves a key with them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from idp.applications.clients.runtime import ClientConfig
from idp.applications.resource_servers.runtime import ResourceServerConfig
from idp.foundation.kernel.errors import OAuthError
from idp.foundation.tenancy.work import Work
from idp.protocol.tokens import requirements
from idp.protocol.tokens.binding import Binding
from idp.protocol.tokens.store import Granted
from idp.signin.sessions import lent as sessions_lent
from idp.signin.sessions import service as sessions
from idp.signin.sessions.lent import LentSession

OVER: Final = "Unknown or invalid refresh token: the session that it belongs to has ended."
"""Applications look for ``invalid refresh token`` in it, and sign the person in again."""


@dataclass(frozen=True)
class Lent:
    """The live session of an authorization. ``forgotten_at`` (ms): whoever has not used the token until then finds it
    gone, though the session was renewed meanwhile.
    """

    session: LentSession
    forgotten_at: int


def lent(work: Work, client: ClientConfig, api: ResourceServerConfig | None, granted: Granted) -> Lent | None:
    """What a refresh token of that authorization hangs on; None: it is good for nothing now."""
    session = sessions_lent.find(work, granted.session_id) if granted.online and granted.session_id else None
    if session is None or session.user_id != granted.user_id:
        return None
    ephemeral = session.cookie_mode == sessions_lent.EPHEMERAL
    if not requirements.online_allowed(client, api, ephemeral=ephemeral):
        return None
    absolute, _ = work.config.settings.lifetimes_ms(session.cookie_mode)
    return Lent(session, session.expires_at + absolute)


def check_proof(client: ClientConfig, held: Lent | None, proven: Binding | None) -> None:
    """A token that does not rotate is the holder's alone; nothing is asked where none is ``held``.

    :raises OAuthError: ``invalid_dpop_proof`` for a public client that proved nothing.
    """
    if held is not None and client.public and proven is None:
        raise OAuthError("invalid_dpop_proof", "A DPoP proof is required for online_access, and there is none")


def used(work: Work, granted: Granted) -> None:
    """The person's application is active, and so is the session; where it was seen from stays as it is."""
    session = sessions_lent.find(work, granted.session_id) if granted.session_id else None
    if session is not None:
        sessions_lent.prolong(work, session)


def end_session(work: Work, granted: Granted) -> None:
    """A token was taken back, and the session with it, in the caller's transaction."""
    if granted.session_id:
        sessions.end(work, granted.session_id, granted.user_id, "session-revoked")
