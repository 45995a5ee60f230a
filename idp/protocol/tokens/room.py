"""No more refresh tokens of a user at a client than the limit, and no more authorizations by which the client acts for
that user (:mod:`.delegation`): the oldest make room for newer ones.

One redemption in :data:`EVERY` looks, whichever it is: counting two hundred rows for each new one would cost more than
everything else of it (docs/decisions/0180). It looks after its own commit, so that of those who redeem at the same
moment the last one to look sees all of them, and it deletes what is beyond the limit by then; nobody waits for anybody.
"""

from __future__ import annotations

import secrets

import msgspec
from sqlalchemy import ColumnElement, and_, bindparam, delete, or_

from idp.foundation.db.hot import Statement
from idp.foundation.db.json_text import json_member
from idp.foundation.db.picked import picked
from idp.foundation.kernel import clock
from idp.foundation.tenancy.work import Work
from idp.protocol.tokens import store
from idp.protocol.tokens.models import Authorization as A
from idp.protocol.tokens.models import Token as T
from idp.protocol.tokens.store import Exchange, Granted

MOST_PER_CLIENT = 200
"""Refresh tokens of one user at one client; the oldest make room (Auth0's own limit). Of delegations as many."""
EVERY = 16
"""One in so many looks: that many more than the limit live on average until somebody does."""
MOST_AT_ONCE = 1_000
"""Rows that one look deletes at most."""


class _Gone(msgspec.Struct, frozen=True):
    id: str
    code_hash: str | None


_LIVE = and_(
    A.tenant_id == bindparam("tenant"),
    A.user_id == bindparam("user"),
    A.client_id == bindparam("client"),
    A.code_used_at.is_not(None),
    A.revoked_at.is_(None),
    or_(A.live_until.is_(None), A.live_until > bindparam("now")),
)


def _statement(name: str, kind: ColumnElement[bool]) -> Statement[_Gone]:
    oldest = (A.created_at.desc(), A.id)
    gone = picked(A, A.__table__, and_(_LIVE, kind), *oldest, amount=MOST_AT_ONCE, behind=MOST_PER_CLIENT)
    return Statement(name, delete(A).where(gone).returning(A.id, A.code_hash), row=_Gone)


_REFRESHED = or_(A.offline, A.generation > 0)
"""With a refresh token: those of online access were given one, and are not offline."""
_MAKE_ROOM = _statement("authorization_make_room", _REFRESHED)
_MAKE_ROOM_TO_ACT = _statement("delegation_make_room", ~A.offline & json_member(A.request, "origin").is_not(None))
_FORGET_STORED = Statement(
    "token_forget_of_family",
    delete(T).where(T.tenant_id == bindparam("tenant"), T.authorization_id == bindparam("family")),
)


def redeem(work: Work, granted: Granted, exchange: Exchange) -> bool:
    """Spend the code for what ``exchange`` says was issued. True for exactly one caller."""
    acts = granted.request.origin is not None
    won = store.redeem(work, granted, exchange)
    if won and (exchange.refresh or acts) and secrets.randbelow(EVERY) == 0:
        _make_room(work, granted, _MAKE_ROOM_TO_ACT if acts else _MAKE_ROOM)
    return won


def _make_room(work: Work, granted: Granted, statement: Statement[_Gone]) -> None:
    """Delete the oldest beyond the limit, and the tokens of those from a release that stored tokens."""
    about = {"tenant": work.tenant_id, "user": granted.user_id, "client": granted.client_id}
    with work.hot.transaction():
        for family in work.hot.all(statement, now=clock.now_ms(), **about):
            if family.code_hash is not None:
                work.hot.run(_FORGET_STORED, tenant=work.tenant_id, family=family.id)
