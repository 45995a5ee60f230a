"""Sessions as applications hold them: what a refresh token of the scope ``online_access`` hangs on is found by its id,
and kept from its idle end when the token is used (docs/decisions/0383).
"""

from __future__ import annotations

from typing import Final

import msgspec
from sqlalchemy import bindparam, select, update

from idp.foundation.db.hot import Statement
from idp.foundation.kernel import clock
from idp.foundation.tenancy.work import Work
from idp.signin.sessions.models import Session as S
from idp.signin.sessions.service import TOUCH_EVERY_MS

EPHEMERAL: Final = "non-persistent"
"""``cookie_mode`` of a session that ends with the browser."""


class LentSession(msgspec.Struct, frozen=True):
    """How long a session that somebody knows by its id is good for. Times in ms."""

    id: str
    user_id: str
    authenticated_at: int
    last_interacted_at: int
    idle_expires_at: int
    expires_at: int
    cookie_mode: str


_BY_ID = (S.tenant_id == bindparam("tenant"), S.id == bindparam("session"), S.ended_at.is_(None))
_FIND = Statement(
    "session_lent",
    select(
        S.id,
        S.user_id,
        S.authenticated_at,
        S.last_interacted_at,
        S.idle_expires_at,
        S.expires_at,
        S.cookie_mode,
    ).where(*_BY_ID),
    row=LentSession,
)
_PROLONG = Statement(
    "session_prolong",
    update(S)
    .where(*_BY_ID)
    .values(last_interacted_at=bindparam("now"), updated_at=bindparam("now"), idle_expires_at=bindparam("idle")),
)


def find(work: Work, session_id: str) -> LentSession | None:
    """The live session of that id, or None. Whether its user is blocked is not looked at."""
    found = work.hot.one(_FIND, tenant=work.tenant_id, session=session_id)
    if found is None:
        return None
    moment = clock.now_ms()
    absolute, idle = work.config.settings.lifetimes_ms(found.cookie_mode)  # a lowered limit applies at once
    ends = min(found.expires_at, found.authenticated_at + absolute)
    idle_ends = min(found.idle_expires_at, found.last_interacted_at + idle)
    return found if ends > moment and idle_ends > moment else None


def prolong(work: Work, session: LentSession) -> None:
    """Activity of an application: push the idle end out, at most once a minute. Where the browser was seen last stays
    as it is.
    """
    moment = clock.now_ms()
    if moment - session.last_interacted_at >= TOUCH_EVERY_MS:
        _, idle = work.config.settings.lifetimes_ms(session.cookie_mode)
        ends = min(moment + idle, session.expires_at)
        work.hot.run(_PROLONG, tenant=work.tenant_id, session=session.id, now=moment, idle=ends)
