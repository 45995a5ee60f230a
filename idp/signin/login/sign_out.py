"""Signing out: ends the session, and says which applications' frames the signed-out page has to hold."""

from __future__ import annotations

from idp.foundation.tenancy.work import Work
from idp.signin.login import frontchannel
from idp.signin.sessions import service as sessions
from idp.signin.sessions.log_types import SessionLog
from idp.signin.sessions.service import LiveSession
from idp.tenant.audit import log


def sign_out(work: Work, session: LiveSession | None, *, client_id: str | None) -> list[str]:
    """End the session with its tokens, those with offline_access excepted; answers the addresses of the frames that
    tell the applications (Front-Channel Logout 1.0).
    """
    if session is None:
        return []
    frames = frontchannel.frame_urls(work, session, client_id)
    with work.transaction():
        sessions.end(work, session.id, session.user_id, "rp-logout")
        log.write(
            work,
            SessionLog.LOGGED_OUT,
            client_id=client_id,
            user_id=session.user_id,
            user_name=session.email or session.name,
        )
    return frames
