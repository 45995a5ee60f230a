"""Who is at the dashboard: one statement a request, and a note of it once a minute."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import bindparam, select, update

from idp.foundation.db.hot import Statement
from idp.foundation.db.typed_rows import Json
from idp.foundation.db.upsert import insert as upsert
from idp.foundation.kernel import clock
from idp.foundation.tenancy.work import Work
from idp.tenant.members.models import Member as M
from idp.tenant.members.models import MemberSession as S

IDLE_MS = 60 * 60_000
"""Whoever did nothing at the dashboard for that long signs in again."""
ABSOLUTE_MS = 12 * 60 * 60_000
"""And so does whoever signed in longer ago than that."""
FRESH_MS = 5 * 60_000
"""What is dangerous wants a sign-in that is no older."""
NOTED_EVERY_MS = 60_000


class Visitor(msgspec.Struct, frozen=True):
    """An administrator who asks for a page. ``seen_at`` (ms) is when they last did, in this session."""

    user_id: str
    roles: Json[list[str]]
    client_ids: Json[list[str]]
    seen_at: int | None

    def is_over(self, authenticated_at: int) -> bool:
        """Whether they have to sign in again, who signed in at that moment (ms)."""
        now = clock.now_ms()
        return now - authenticated_at > ABSOLUTE_MS or now - max(self.seen_at or 0, authenticated_at) > IDLE_MS


_SEEN = (
    select(S.seen_at)
    .where(S.tenant_id == M.tenant_id, S.session_id == bindparam("session"), S.user_id == M.user_id)
    .scalar_subquery()
    .label("seen_at")
)
_VISITOR = Statement(
    "member_visits",
    select(M.user_id, M.roles, M.client_ids, _SEEN).where(
        M.tenant_id == bindparam("tenant"), M.user_id == bindparam("user")
    ),
    row=Visitor,
)


def _upsert() -> Any:
    made = upsert(S).values({column: bindparam(column.key) for column in S.__table__.columns})
    return made.on_conflict_do_update(
        index_elements=[S.session_id, S.tenant_id],
        set_={"seen_at": bindparam("seen_at"), "user_id": bindparam("user_id")},
    )


_NOTE = Statement("member_session_seen", _upsert())
_LAST_SEEN = Statement(
    "member_last_seen",
    update(M)
    .where(M.tenant_id == bindparam("tenant"), M.user_id == bindparam("user"))
    .values(last_seen_at=bindparam("now")),
)


def visitor(work: Work, user_id: str, session_id: str) -> Visitor | None:
    """The administrator of that user id, in that session; None where they are none."""
    return work.hot.one(_VISITOR, tenant=work.tenant_id, user=user_id, session=session_id)


def note(work: Work, found: Visitor, session_id: str) -> None:
    """Remember that they are here, once a minute."""
    now = clock.now_ms()
    if found.seen_at is not None and now - found.seen_at < NOTED_EVERY_MS:
        return
    with work.transaction():
        work.hot.run(
            _NOTE,
            tenant_id=work.tenant_id,
            session_id=session_id,
            user_id=found.user_id,
            seen_at=now,
        )
        work.hot.run(_LAST_SEEN, tenant=work.tenant_id, user=found.user_id, now=now)
