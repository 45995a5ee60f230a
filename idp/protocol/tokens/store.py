"""Rows of authorizations and tokens, for hot paths. Who wins a race is decided here, by conditional UPDATEs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec.structs import astuple
from sqlalchemy import and_, bindparam, insert, literal_column, or_, select, union_all, update

from idp.directory.users.models import User as U
from idp.foundation.db.by_key import by_key
from idp.foundation.db.hot import Statement
from idp.foundation.db.typed_rows import Json
from idp.foundation.kernel import clock
from idp.foundation.kernel.secrets import digest
from idp.foundation.tenancy.configuration import VERSION, Versioned
from idp.foundation.tenancy.work import Work
from idp.protocol.tokens.claims import USER_COLUMNS, Subject
from idp.protocol.tokens.models import Authorization as A
from idp.protocol.tokens.models import Token as T


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


class NewToken(msgspec.Struct, frozen=True):
    """A token to be stored: its hash, never itself. Times in ms; the tenant is the work's."""

    token_hash: str
    kind: str
    authorization_id: str
    client_id: str
    user_id: str
    scope: str
    audience: str | None
    created_at: int
    expires_at: int | None
    purge_at: int | None


class Granted(msgspec.Struct, frozen=True):
    """An authorization with its user."""

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
    revoked_at: int | None
    code_expires_at: int | None
    code_used_at: int | None
    user: Subject

    def live(self, now_ms: int) -> bool:
        """Neither revoked nor at its absolute end."""
        return self.revoked_at is None and (self.expires_at is None or self.expires_at > now_ms)


class FoundToken(msgspec.Struct, frozen=True):
    """A stored token with its authorization and user. Times in ms."""

    kind: str
    client_id: str
    scope: str
    audience: str | None
    created_at: int
    expires_at: int | None
    used_at: int | None
    revoked_at: int | None
    granted: Granted

    def live(self, now_ms: int) -> bool:
        """Neither expired, used up nor revoked, itself or with its family."""
        return (
            self.used_at is None
            and self.revoked_at is None
            and self.granted.revoked_at is None
            and (self.expires_at is None or self.expires_at > now_ms)
        )


_GRANTED = (
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
    A.revoked_at,
    A.code_expires_at,
    A.code_used_at,
)
_WITH_FAMILY = (A.tenant_id == T.tenant_id) & (A.id == T.authorization_id)
_WITH_USER = (U.tenant_id == A.tenant_id) & (U.user_id == A.user_id)

_INSERT_AUTHORIZATION = Statement(
    "authorization_insert",
    insert(A).values(
        {
            c: bindparam(c.key)
            for c in (
                A.tenant_id,
                A.id,
                A.client_id,
                A.user_id,
                A.connection_id,
                A.session_id,
                A.scope,
                A.audience,
                A.request,
                A.code_hash,
                A.code_expires_at,
                A.offline,
                A.rotating,
                A.device,
                A.created_at,
                A.expires_at,
                A.purge_at,
            )
        }
    ),
)
_BY_CODE = Statement(
    "authorization_by_code",
    select(VERSION, *_GRANTED, *USER_COLUMNS)
    .select_from(by_key(A, U, _WITH_USER))
    .where(A.tenant_id == bindparam("tenant"), A.code_hash == bindparam("hash")),
    row=Versioned[Granted],
)
_CONSUME = Statement(
    "authorization_consume_code",
    update(A)
    .where(
        A.tenant_id == bindparam("tenant"), A.id == bindparam("id"), A.code_used_at.is_(None), A.revoked_at.is_(None)
    )
    .values(code_used_at=bindparam("now"), purge_at=bindparam("purge")),
)
_TOKEN = Statement(
    "token_by_hash",
    select(
        VERSION,
        T.kind,
        T.client_id,
        T.scope,
        T.audience,
        T.created_at,
        T.expires_at,
        T.used_at,
        T.revoked_at,
        *_GRANTED,
        *USER_COLUMNS,
    )
    .select_from(by_key(by_key(T, A, _WITH_FAMILY), U, _WITH_USER))
    .where(T.tenant_id == bindparam("tenant"), T.token_hash == bindparam("hash")),
    row=Versioned[FoundToken],
)
_TOKEN_COLUMNS = (T.tenant_id, *(getattr(T, name) for name in NewToken.__struct_fields__))
_PARAMETERS = tuple(tuple(f"{column.key}_{n}" for column in _TOKEN_COLUMNS) for n in (0, 1))
_INSERT_ONE = Statement("token_insert", insert(T).values([{c.key: bindparam(f"{c.key}_0") for c in _TOKEN_COLUMNS}]))
_INSERT_TWO = Statement(
    "token_insert_two", insert(T).values([{c.key: bindparam(f"{c.key}_{n}") for c in _TOKEN_COLUMNS} for n in (0, 1)])
)
_USE = Statement(
    "token_use",
    update(T)
    .where(
        T.tenant_id == bindparam("tenant"),
        T.token_hash == bindparam("hash"),
        T.used_at.is_(None),
        T.revoked_at.is_(None),
    )
    .values(used_at=bindparam("now")),
)


def _spend_and_insert(spend: Any, count: int) -> Any:
    """Postgres does both in one statement, hence one round trip and one commit: nothing is inserted unless ``spend``
    changed its row.
    """
    spent = spend.returning(literal_column("1")).cte("spent")
    rows = [
        select(*(bindparam(f"{c.key}_{n}", type_=c.type) for c in _TOKEN_COLUMNS)).select_from(spent)
        for n in range(count)
    ]
    return insert(T).from_select([c.key for c in _TOKEN_COLUMNS], rows[0] if count == 1 else union_all(*rows))


_SPEND_CODE = {
    n: Statement(f"authorization_consume_code_insert_{n}", _spend_and_insert(_CONSUME.clause, n)) for n in (1, 2)
}
_SPEND_REFRESH = Statement("token_use_insert_two", _spend_and_insert(_USE.clause, 2))
_REVOKE_TOKEN = Statement(
    "token_revoke",
    update(T)
    .where(T.tenant_id == bindparam("tenant"), T.token_hash == bindparam("hash"))
    .values(revoked_at=bindparam("now")),
)
_REVOKE = Statement(
    "authorization_revoke",
    update(A)
    .where(A.tenant_id == bindparam("tenant"), A.id == bindparam("id"), A.revoked_at.is_(None))
    .values(revoked_at=bindparam("now")),
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
    or_(A.offline.is_(False), and_(A.code_hash.is_not(None), A.code_used_at.is_(None))),
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
    work.hot.run(_INSERT_AUTHORIZATION, tenant_id=work.tenant_id, **values)


def by_code(work: Work, code: str) -> Granted | None:
    """The authorization a code belongs to, spent or not. Brings the configuration version along."""
    return work.first(_BY_CODE, hash=digest(code))


def by_token(work: Work, token_hash: str) -> FoundToken | None:
    """A stored token, live or not. Brings the configuration version along."""
    return work.first(_TOKEN, hash=token_hash)


def spend_code(work: Work, authorization_id: str, purge_at: int | None, tokens: Sequence[NewToken]) -> bool:
    """Spend the code and store what it was exchanged for, in one transaction. True for exactly one caller (security.md
    B2).
    """
    if not work.platform.db.sqlite:
        values = {"tenant": work.tenant_id, "id": authorization_id, "now": clock.now_ms(), "purge": purge_at}
        return work.hot.run(_SPEND_CODE[len(tokens)], **values, **_numbered(work, tokens)) > 0
    with work.hot.transaction():
        won = consume_code(work, authorization_id, purge_at)
        if won:
            insert_tokens(work, tokens)
    return won


def spend_refresh_token(work: Work, token_hash: str, tokens: Sequence[NewToken], *, siblings: bool) -> bool:
    """Spend a rotating refresh token and store its children, in one transaction. True for exactly one caller
    (security.md F2).

    With ``siblings`` the loser's children are stored as well: it came within the leeway.
    """
    if not work.platform.db.sqlite and not siblings and len(tokens) == 2:
        values = {"tenant": work.tenant_id, "hash": token_hash, "now": clock.now_ms()}
        return work.hot.run(_SPEND_REFRESH, **values, **_numbered(work, tokens)) > 0
    with work.hot.transaction():
        won = use_refresh_token(work, token_hash)
        if won or siblings:
            insert_tokens(work, tokens)
    return won


def consume_code(work: Work, authorization_id: str, purge_at: int | None) -> bool:
    """Spend the code. True for exactly one caller (security.md B2)."""
    return work.hot.run(_CONSUME, tenant=work.tenant_id, id=authorization_id, now=clock.now_ms(), purge=purge_at) == 1


def use_refresh_token(work: Work, token_hash: str) -> bool:
    """Spend a rotating refresh token. True for exactly one caller (security.md F2)."""
    return work.hot.run(_USE, tenant=work.tenant_id, hash=token_hash, now=clock.now_ms()) == 1


def insert_tokens(work: Work, tokens: Sequence[NewToken]) -> None:
    """Store one or two tokens with one statement."""
    work.hot.run(_INSERT_ONE if len(tokens) == 1 else _INSERT_TWO, **_numbered(work, tokens))


def _numbered(work: Work, tokens: Sequence[NewToken]) -> dict[str, Any]:
    """The parameters of a statement with one group of columns per token."""
    values: dict[str, Any] = {}
    for names, token in zip(_PARAMETERS, tokens, strict=False):
        tenant, *members = names
        values[tenant] = work.tenant_id
        values.update(zip(members, astuple(token), strict=True))
    return values


def revoke_token(work: Work, token_hash: str) -> None:
    """Revoke one token."""
    work.hot.run(_REVOKE_TOKEN, tenant=work.tenant_id, hash=token_hash, now=clock.now_ms())


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
