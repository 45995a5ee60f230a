"""Ends sessions, and says so: applications and tokens follow by what is emitted here."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import msgspec
from sqlalchemy import bindparam, select

from idp.foundation.db.hot import Statement
from idp.foundation.db.typed_rows import Json
from idp.foundation.kernel import clock
from idp.foundation.kernel.events import SessionEnded
from idp.foundation.tenancy.work import Work
from idp.signin.sessions import service
from idp.signin.sessions.log_types import SessionLog
from idp.signin.sessions.models import Session as S
from idp.signin.sessions.service import LiveSession
from idp.tenant.audit import log

MOST_SHOWN = 50
"""How many sessions a person's own page lists, and so can end."""


class LiveOfUser(msgspec.Struct, frozen=True):
    """A live session as its owner sees it; times in ms."""

    id: str
    device: Json[dict[str, Any]]
    last_interacted_at: int
    created_at: int


LIVE_OF_USER = Statement(
    "session_live_of_user",
    select(S.id, S.device, S.last_interacted_at, S.created_at)
    .where(
        S.tenant_id == bindparam("tenant"),
        S.user_id == bindparam("user"),
        S.ended_at.is_(None),
        S.expires_at > bindparam("now"),
        S.idle_expires_at > bindparam("now"),
    )
    .order_by(S.last_interacted_at.desc())
    .limit(MOST_SHOWN),
    row=LiveOfUser,
)


def end(work: Work, session_id: str, user_id: str, reason: str) -> None:
    """End a session in the caller's transaction and tell whoever listens; ``reason`` is one of Auth0's logout
    initiators.
    """
    if service.end(work, session_id):
        work.emit(SessionEnded(session_id, user_id, reason))


def end_others(work: Work, current: LiveSession, only: Collection[str] | None = None) -> None:
    """A person ends their other sessions, or those of them that ``only`` names, with their tokens (those with
    offline_access excepted).
    """
    live = work.hot.all(LIVE_OF_USER, tenant=work.tenant_id, user=current.user_id, now=clock.now_ms())
    others = {row.id for row in live} - {current.id}
    with work.transaction():
        for session_id in others if only is None else others.intersection(only):
            end(work, session_id, current.user_id, "session-revoked")
        log.write(
            work,
            SessionLog.LOGGED_OUT,
            "sessions ended from the account page",
            user_id=current.user_id,
            user_name=current.email,
        )
