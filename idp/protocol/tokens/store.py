"""Rows of authorizations, for hot paths. Who wins a race is decided here, by conditional UPDATEs.

Tokens have no rows: what is presented says to which family it belongs (:mod:`idp.protocol.tokens.handles`), and the
family's row what it is worth. Tokens of releases that stored them are :mod:`idp.protocol.tokens.stored`'s.
"""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import bindparam, or_, select, update

from idp.directory.users.models import User as U
from idp.foundation.db.by_key import by_key
from idp.foundation.db.hot import Statement
from idp.foundation.db.insert_row import insert_row
from idp.foundation.db.typed_rows import Json
from idp.foundation.kernel import clock
from idp.foundation.tenancy.configuration import VERSION, Versioned
from idp.foundation.tenancy.work import Work
from idp.protocol.tokens import handles
from idp.protocol.tokens.claims import USER_COLUMNS, Subject
from idp.protocol.tokens.models import Authorization as A

CODE_LIFETIME_MS = 60_000


class AuthorizationRequest(msgspec.Struct, frozen=True, omit_defaults=True):
    """What ``/authorize`` leaves for the token endpoint. ``auth_time`` in seconds."""

    redirect_uri: str = ""
    nonce: str | None = None
    code_challenge: str | None = None
    code_challenge_method: str | None = None
    id_token_claims: dict[str, Any] | None = None
    userinfo_claims: dict[str, Any] | None = None
    auth_time: int = 0
    acr: str | None = None
    amr: list[str] | None = None
    api_id: str | None = None
    """Which API ``audience`` named: a later one of the same identifier is another."""
    details: list[dict[str, Any]] | None = None
    """``authorization_details`` that were granted (RFC 9396)."""
    act: dict[str, Any] | None = None
    """Who acts for the person, the last one outermost (RFC 8693 4.1)."""
    origin: str | None = None
    """The authorization that an access token was exchanged for this one of."""
    origin_token: str | None = None
    """The name of that access token in its authorization."""
    origin_beside: str | None = None
    """The API that it was for, where it stood on a policy of the refresh token and not on what was granted."""
    ends_at: int | None = None
    """When that token ends (s), and so does whatever came of it."""
    beside: str | None = None
    """The API that this is about beside the one that was granted: a refresh token is good for several
    (:mod:`.multi`). Never stored.
    """
    dpop_jkt: str | None = None
    """The key that the code is bound to (RFC 9449 10)."""
    impersonator: str | None = None
    """Id of the user who is in the application as the person (:mod:`.impersonated`)."""
    by_administrator: bool = False
    """That user made the link at the dashboard, where their rights let them."""

    @property
    def by_somebody_else(self) -> bool:
        """Whether it is not the person who is there, but somebody who acts for them or stands in their place."""
        return bool(self.act) or self.impersonator is not None


class Granted(msgspec.Struct, frozen=True):
    """An authorization with its user; times in ms."""

    id: str
    client_id: str
    user_id: str
    connection_id: str | None
    session_id: str | None
    scope: str
    audience: str | None
    request: Json[AuthorizationRequest]
    offline: bool
    created_at: int
    expires_at: int | None
    idle_expires_at: int | None
    live_until: int | None
    exchanged_at: int | None
    generation: int
    revoked_at: int | None
    revoked_tokens: str | None
    code_used_at: int | None
    user: Subject

    @property
    def online(self) -> bool:
        """Whether its refresh token is good for as long as its session (:mod:`.online`)."""
        return self.session_id is not None and not self.offline and "online_access" in self.scope.split()

    def elsewhere(self, scope: str) -> str:
        """What a token of that API says of itself: which one it is for, and the scope there."""
        return f"{handles.BESIDE}{self.request.beside}{handles.BESIDE}{scope}"

    def live(self, now_ms: int) -> bool:
        """Neither revoked nor at its absolute end."""
        return self.revoked_at is None and (self.expires_at is None or self.expires_at > now_ms)

    @property
    def code_expires_at(self) -> int:
        """When its code is good no more, used or not."""
        return self.created_at + CODE_LIFETIME_MS


class Exchange(msgspec.Struct, frozen=True):
    """What issuing tokens leaves with their family; times in ms, None for ever.

    ``idle_expires_at`` is the end of its refresh token if nobody uses it, now where there is none although there could
    be; ``live_until`` that of everything that was ever issued. ``refresh``: there is a refresh token among them.
    """

    live_until: int | None
    idle_expires_at: int | None = None
    refresh: bool = False


GRANTED = (
    A.id,
    A.client_id,
    A.user_id,
    A.connection_id,
    A.session_id,
    A.scope,
    A.audience,
    A.request,
    A.offline,
    A.created_at,
    A.expires_at,
    A.idle_expires_at,
    A.live_until,
    A.exchanged_at,
    A.generation,
    A.revoked_at,
    A.revoked_tokens,
    A.code_used_at,
)
WITH_USER = (U.tenant_id == A.tenant_id) & (U.user_id == A.user_id)
_ID = (A.tenant_id == bindparam("tenant"), A.id == bindparam("id"))
_INSERT = Statement(
    "authorization_insert",
    insert_row(
        A,
        without=(
            A.code_hash,
            A.code_expires_at,
            A.code_used_at,
            A.exchanged_at,
            A.idle_expires_at,
            A.live_until,
            A.revoked_at,
            A.revoked_tokens,
            A.refresh_token_metadata,
        ),
    ),
)
_BY_ID = Statement(
    "authorization_by_id",
    select(VERSION, *GRANTED, *USER_COLUMNS).select_from(by_key(A, U, WITH_USER)).where(*_ID),
    row=Versioned[Granted],
)
_ENDS: dict[Any, Any] = {A.idle_expires_at: bindparam("idle"), A.live_until: bindparam("until")}
_REDEEM = Statement(
    "authorization_redeem",
    update(A)
    .where(*_ID, A.code_used_at.is_(None), A.revoked_at.is_(None))
    .values({A.code_used_at: bindparam("now"), A.generation: bindparam("generation"), **_ENDS}),
)
_ROTATE = Statement(
    "authorization_rotate",
    update(A)
    .where(*_ID, A.generation == bindparam("generation"), A.revoked_at.is_(None))
    .values({A.exchanged_at: bindparam("now"), A.generation: A.generation + 1, **_ENDS}),
)
_USE = Statement(
    "authorization_use",
    update(A).where(*_ID, A.revoked_at.is_(None)).values({A.exchanged_at: bindparam("now"), **_ENDS}),
)
_SUBJECT = Statement(
    "subject_by_user",
    select(*USER_COLUMNS).where(U.tenant_id == bindparam("tenant"), U.user_id == bindparam("user")),
    row=Subject,
)
_REVOKE = Statement(
    "authorization_revoke",
    update(A).where(*_ID, A.revoked_at.is_(None)).values(revoked_at=bindparam("now")),
)
_REVOKE_USER = Statement(
    "authorization_revoke_of_user",
    update(A)
    .where(A.tenant_id == bindparam("tenant"), A.user_id == bindparam("user"), A.revoked_at.is_(None))
    .values(revoked_at=bindparam("now")),
)
_REVOKE_USER_CLIENT = Statement(
    "authorization_revoke_of_user_and_client",
    update(A)
    .where(
        A.tenant_id == bindparam("tenant"),
        A.user_id == bindparam("user"),
        A.client_id == bindparam("client"),
        A.revoked_at.is_(None),
    )
    .values(revoked_at=bindparam("now")),
)
_REVOKE_SESSION = Statement(
    "authorization_revoke_of_session",
    update(A)
    .where(A.tenant_id == bindparam("tenant"), A.session_id == bindparam("session"), A.revoked_at.is_(None))
    .values(revoked_at=bindparam("now")),
)
_ONLINE = (
    A.tenant_id == bindparam("tenant"),
    A.revoked_at.is_(None),
    or_(A.offline.is_(False), A.code_used_at.is_(None)),
)
"""What ends with a session: tokens without offline_access, and every code that waits to be redeemed."""
_REVOKE_SESSION_ONLINE = Statement(
    "authorization_revoke_online_of_session",
    update(A).where(A.session_id == bindparam("session"), *_ONLINE).values(revoked_at=bindparam("now")),
)
_REVOKE_USER_ONLINE = Statement(
    "authorization_revoke_online_of_user",
    update(A)
    .where(A.user_id == bindparam("user"), or_(A.session_id.is_(None), A.session_id != bindparam("spared")), *_ONLINE)
    .values(revoked_at=bindparam("now")),
)


def insert_authorization(work: Work, **values: Any) -> None:
    """Store an authorization; ``values`` are its columns."""
    work.hot.run(_INSERT, tenant_id=work.tenant_id, **values)


def by_code(work: Work, code: str) -> Granted | None:
    """The authorization a code belongs to, spent or not. Brings the configuration version along."""
    read = handles.read_spent_once(work, handles.CODE, code)
    return by_id(work, read.family) if read is not None else None


def by_id(work: Work, family_id: str) -> Granted | None:
    """An authorization, whatever became of it. Brings the configuration version along."""
    return work.first(_BY_ID, id=family_id)


def subject(work: Work, user_id: str) -> Subject | None:
    """A user as tokens need them."""
    return work.hot.one(_SUBJECT, tenant=work.tenant_id, user=user_id)


def redeem(work: Work, granted: Granted, exchange: Exchange) -> bool:
    """Spend the code for what ``exchange`` says was issued. True for exactly one caller (security.md B2). Whoever
    issues a refresh token, or acts for somebody, calls :func:`idp.protocol.tokens.room.redeem`.
    """
    return _run(work, _REDEEM, granted.id, exchange, generation=int(exchange.refresh))


def spoil(work: Work, granted: Granted) -> bool:
    """Spend the code for nothing."""
    moment = clock.now_ms()
    return redeem(work, granted, Exchange(live_until=moment, idle_expires_at=moment))


def rotate(work: Work, granted: Granted, exchange: Exchange) -> bool:
    """Let the next generation take over. True for exactly one caller (security.md F2)."""
    return _run(work, _ROTATE, granted.id, exchange, generation=granted.generation)


def use(work: Work, granted: Granted, exchange: Exchange) -> bool:
    """Remember that a refresh token was used which stays as it is. False when it was revoked meanwhile."""
    return _run(work, _USE, granted.id, exchange)


def _run(work: Work, statement: Statement[Any], family_id: str, exchange: Exchange, **more: int) -> bool:
    ends = {"idle": exchange.idle_expires_at, "until": exchange.live_until}
    return work.hot.run(statement, tenant=work.tenant_id, id=family_id, now=clock.now_ms(), **ends, **more) == 1


def revoke(work: Work, authorization_id: str) -> bool:
    """Revoke a whole family: every token that came of one authorization."""
    return work.hot.run(_REVOKE, tenant=work.tenant_id, id=authorization_id, now=clock.now_ms()) == 1


def revoke_of_user(work: Work, user_id: str, client_id: str | None = None) -> int:
    """Revoke every family of a user, or those of one client; answers how many."""
    if client_id is None:
        return work.hot.run(_REVOKE_USER, tenant=work.tenant_id, user=user_id, now=clock.now_ms())
    return work.hot.run(_REVOKE_USER_CLIENT, tenant=work.tenant_id, user=user_id, client=client_id, now=clock.now_ms())


def revoke_of_session(work: Work, session_id: str, *, offline_too: bool) -> int:
    """Revoke the families of a session; those with offline_access outlive a sign-out unless ``offline_too``. A code
    that nobody has redeemed yet is good for nothing any more, whatever it was for.
    """
    statement = _REVOKE_SESSION if offline_too else _REVOKE_SESSION_ONLINE
    return work.hot.run(statement, tenant=work.tenant_id, session=session_id, now=clock.now_ms())


def revoke_online_of_user(work: Work, user_id: str, *, but_of_session: str = "") -> int:
    """Revoke what ends with the sessions of a user, one of which may be spared."""
    now = clock.now_ms()
    return work.hot.run(_REVOKE_USER_ONLINE, tenant=work.tenant_id, user=user_id, spared=but_of_session, now=now)
