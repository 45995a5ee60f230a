"""The feature: sessions."""

from __future__ import annotations

from sqlalchemy import and_, exists, or_

from idp.foundation.db.purge import BEFORE, DAY_MS, Purge
from idp.foundation.feature import Feature
from idp.signin.sessions.log_types import SessionLog
from idp.signin.sessions.models import Session, SessionClient
from idp.signin.sessions.reactions import REACTIONS

FEATURE = Feature(
    name="sessions",
    apis=("idp.signin.sessions.api",),
    reactions=REACTIONS,
    purges=(
        Purge(
            Session,
            or_(Session.expires_at < BEFORE, Session.idle_expires_at < BEFORE, Session.ended_at < BEFORE),
            DAY_MS,
        ),
        Purge(
            SessionClient,
            and_(
                SessionClient.created_at < BEFORE,
                ~exists().where(Session.tenant_id == SessionClient.tenant_id, Session.id == SessionClient.session_id),
            ),
            DAY_MS,
        ),
    ),
    log_types=(SessionLog,),
)
