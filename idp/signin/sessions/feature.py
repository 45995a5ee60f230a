"""The feature: sessions."""

from __future__ import annotations

from sqlalchemy import and_

from idp.foundation.db.purge import BEFORE, DAY_MS, Purge
from idp.foundation.feature import Feature
from idp.signin.sessions.log_types import SessionLog
from idp.signin.sessions.models import Session, SessionClient
from idp.signin.sessions.reactions import REACTIONS

_THEIR_SESSION = (
    Session,
    and_(Session.tenant_id == SessionClient.tenant_id, Session.id == SessionClient.session_id),
)
_OVER = {
    "expired": Session.expires_at < BEFORE,
    "idle": Session.idle_expires_at < BEFORE,
    "ended": Session.ended_at < BEFORE,
}

FEATURE = Feature(
    name="sessions",
    apis=("idp.signin.sessions.api",),
    reactions=REACTIONS,
    purges=(
        *(Purge(SessionClient, over, DAY_MS, of=_THEIR_SESSION, label=label) for label, over in _OVER.items()),
        *(Purge(Session, over, DAY_MS, label=label) for label, over in _OVER.items()),
    ),
    log_types=(SessionLog,),
)
