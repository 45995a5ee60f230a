"""No more refresh tokens of a user at a client than the limit: the oldest make room for the next one.

Reading the code says whether there are many; only then anything is counted. On Postgres code, count and deletion are
one statement. Of two that redeem at the same moment each may count without the other, so whoever was not alone looks
again under the user's lock; nobody else waits.
"""

from __future__ import annotations

import msgspec
from sqlalchemy import and_, bindparam, column, delete, func, or_, select, text

from idp.directory.users.models import User as U
from idp.foundation.db.hot import Statement
from idp.foundation.db.picked import picked
from idp.foundation.kernel import clock
from idp.foundation.tenancy.work import Work
from idp.protocol.tokens import store
from idp.protocol.tokens.models import Authorization as A
from idp.protocol.tokens.models import Token as T
from idp.protocol.tokens.store import MOST_PER_CLIENT, Exchange, Granted


class _Done(msgspec.Struct, frozen=True):
    """``spent``: the code was; ``seen``: refresh tokens before; ``gone``: those that were deleted, of which ``stored``
    are families of a release that stored tokens, separated by spaces.
    """

    spent: int
    seen: int
    gone: int
    stored: str | None


class _Gone(msgspec.Struct, frozen=True):
    id: str
    code_hash: str | None


_LIVE = and_(
    A.tenant_id == bindparam("tenant"),
    A.user_id == bindparam("user"),
    A.client_id == bindparam("client"),
    A.offline,
    A.code_used_at.is_not(None),
    A.revoked_at.is_(None),
    or_(A.live_until.is_(None), A.live_until > bindparam("now")),
)
_MAKE_ROOM = Statement(
    "authorization_make_room",
    delete(A)
    .where(
        picked(A, A.__table__, _LIVE, A.created_at.desc(), A.id, amount=MOST_PER_CLIENT, behind=MOST_PER_CLIENT),
    )
    .returning(A.id, A.code_hash),
    row=_Gone,
)
_COUNT = Statement("authorization_count_live", select(func.count()).select_from(A).where(_LIVE), row=int)
_REDEEM = Statement(
    "authorization_redeem_making_room_postgresql",
    text(
        f"""
        WITH spent AS (
          UPDATE authorizations
          SET code_used_at = :now, generation = 1, idle_expires_at = :idle, live_until = :until
          WHERE authorizations.tenant_id = :tenant AND id = :id AND code_used_at IS NULL AND revoked_at IS NULL
          RETURNING id
        ), live AS MATERIALIZED (
          SELECT ctid AS place, created_at, id FROM authorizations
          WHERE authorizations.tenant_id = :tenant AND user_id = :user AND client_id = :client AND offline
            AND code_used_at IS NOT NULL AND revoked_at IS NULL AND (live_until IS NULL OR live_until > :now)
        ), gone AS (
          DELETE FROM authorizations
          WHERE ctid = ANY (ARRAY(SELECT place FROM live ORDER BY created_at DESC, id OFFSET {MOST_PER_CLIENT - 1}))
            AND EXISTS (SELECT 1 FROM spent)
          RETURNING id, code_hash
        )
        SELECT (SELECT count(*) FROM spent) AS spent, (SELECT count(*) FROM live) AS seen,
          (SELECT count(*) FROM gone) AS gone,
          (SELECT string_agg(id, ' ') FROM gone WHERE code_hash IS NOT NULL) AS stored
        """  # noqa: S608 - a number of ours
    ).columns(column("spent"), column("seen"), column("gone"), column("stored")),
    row=_Done,
)
"""What Core has no words for: one statement that changes, counts and deletes."""
_HOLD_USER = Statement(
    "authorization_hold_user",
    select(U.user_id).where(U.tenant_id == bindparam("tenant"), U.user_id == bindparam("user")).with_for_update(),
    row=str,
)
_FORGET_STORED = Statement(
    "token_forget_of_family",
    delete(T).where(T.tenant_id == bindparam("tenant"), T.authorization_id == bindparam("family")),
)


def redeem(work: Work, granted: Granted, exchange: Exchange) -> bool:
    """Spend the code for what ``exchange`` says was issued, within the limit. True for exactly one caller."""
    if not (exchange.refresh and granted.crowded):
        return store.redeem(work, granted, exchange)
    if work.platform.db.sqlite:
        with work.hot.transaction():
            won = store.redeem(work, granted, exchange)
            if won:
                _make_room(work, granted)
        return won
    ends = {"idle": exchange.idle_expires_at, "until": exchange.live_until}
    done = work.hot.one(_REDEEM, id=granted.id, **ends, **_about(work, granted))
    if done is None or not done.spent:
        return False
    _forget(work, (done.stored or "").split())
    if done.seen < MOST_PER_CLIENT or done.gone < done.seen - (MOST_PER_CLIENT - 1):
        _settle(work, granted)
    return True


def _settle(work: Work, granted: Granted) -> None:
    """Somebody else redeems at the same moment, or may: until everybody is counted, one at a time."""
    with work.hot.transaction():
        work.hot.one(_HOLD_USER, tenant=work.tenant_id, user=granted.user_id)
        while (work.hot.one(_COUNT, **_about(work, granted)) or 0) > MOST_PER_CLIENT:
            _make_room(work, granted)


def _make_room(work: Work, granted: Granted) -> None:
    gone = work.hot.all(_MAKE_ROOM, **_about(work, granted))
    _forget(work, [family.id for family in gone if family.code_hash is not None])


def _forget(work: Work, families: list[str]) -> None:
    for family in families:
        work.hot.run(_FORGET_STORED, tenant=work.tenant_id, family=family)


def _about(work: Work, granted: Granted) -> dict[str, str | int]:
    about = {"user": granted.user_id, "client": granted.client_id}
    return {"tenant": work.tenant_id, "now": clock.now_ms(), **about}
