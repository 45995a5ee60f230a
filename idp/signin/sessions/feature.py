"""The feature: sessions."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, case, not_, select

from idp.foundation.db.personal import Personal, Whose, by_user_id
from idp.foundation.db.purge import BEFORE, DAY_MS, Purge
from idp.foundation.feature import Feature
from idp.signin.sessions.expiry import tell
from idp.signin.sessions.log_types import SessionLog
from idp.signin.sessions.models import Session, SessionClient
from idp.signin.sessions.reactions import REACTIONS

_THEIR_SESSION = (
    Session,
    and_(Session.tenant_id == SessionClient.tenant_id, Session.id == SessionClient.session_id),
)
_DUE = Session.purge_at < BEFORE
_ENDS = case((Session.expires_at < Session.idle_expires_at, Session.expires_at), else_=Session.idle_expires_at)
_LIVES = and_(
    Session.ended_at.is_(None), Session.expires_at + DAY_MS >= BEFORE, Session.idle_expires_at + DAY_MS >= BEFORE
)
"""Good, or was until yesterday."""


def _clients(whose: Whose) -> ColumnElement[bool]:
    return SessionClient.session_id.in_(select(Session.id).where(Session.user_id == whose.user_id))


FEATURE = Feature(
    name="sessions",
    apis=("idp.signin.sessions.api",),
    reactions=REACTIONS,
    upkeep=(tell,),
    purges=(
        Purge(Session, and_(_DUE, _LIVES), then={Session.purge_at: _ENDS + DAY_MS}, label="later"),
        Purge(SessionClient, and_(_DUE, not_(_LIVES)), of=_THEIR_SESSION),
        Purge(Session, and_(_DUE, not_(_LIVES))),
    ),
    log_types=(SessionLog,),
    personal=(
        Personal(model=SessionClient, of=_clients),
        Personal(model=Session, of=by_user_id(Session), hidden=frozenset({"secret_hash", "purge_at"})),
    ),
)
