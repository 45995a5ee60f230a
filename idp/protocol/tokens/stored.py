"""Tokens that have rows: of releases that stored each of them, which are good until they end, and the first exchange of
a refresh token gives one of today's (docs/decisions/0120); and refresh tokens of a former tenant, which were not made
here and say nothing of their family (docs/decisions/0250).
"""

from __future__ import annotations

import msgspec
from sqlalchemy import bindparam, select, update

from idp.directory.users.models import User as U
from idp.foundation.db.by_key import by_key
from idp.foundation.db.hot import Statement
from idp.foundation.db.insert_row import insert_row
from idp.foundation.db.purge import DAY_MS
from idp.foundation.kernel import clock
from idp.foundation.tenancy.configuration import VERSION, Versioned
from idp.foundation.tenancy.work import Work
from idp.protocol.tokens.claims import USER_COLUMNS
from idp.protocol.tokens.models import ADOPTED
from idp.protocol.tokens.models import Authorization as A
from idp.protocol.tokens.models import Token as T
from idp.protocol.tokens.store import GRANTED, WITH_USER, Granted


class StoredToken(msgspec.Struct, frozen=True):
    """A token's row with its authorization and user. Times in ms."""

    kind: str
    scope: str
    audience: str | None
    created_at: int
    expires_at: int | None
    used_at: int | None
    revoked_at: int | None
    granted: Granted


ADOPTED_MS = 365 * DAY_MS
"""How long an adopted token is known here at least, revoked or not; what lives then is known for longer."""
_HASH = (T.tenant_id == bindparam("tenant"), T.token_hash == bindparam("hash"))
_BY_HASH = Statement(
    "token_by_hash",
    select(
        VERSION,
        T.kind,
        T.scope,
        T.audience,
        T.created_at,
        T.expires_at,
        T.used_at,
        T.revoked_at,
        *GRANTED,
        *USER_COLUMNS,
    )
    .select_from(by_key(by_key(T, A, (A.tenant_id == T.tenant_id) & (A.id == T.authorization_id)), U, WITH_USER))
    .where(*_HASH),
    row=Versioned[StoredToken],
)
_USE = Statement(
    "token_use",
    update(T).where(*_HASH, T.used_at.is_(None), T.revoked_at.is_(None)).values(used_at=bindparam("now")),
)
_REVOKE = Statement("token_revoke", update(T).where(*_HASH).values(revoked_at=bindparam("now")))

_ADOPT = Statement("token_adopt", insert_row(T, without=(T.expires_at, T.purge_at, T.revoked_at)))
_KEEP = Statement(
    "authorization_of_adopted",
    update(A)
    .where(A.tenant_id == bindparam("tenant"), A.id == bindparam("family"))
    .values(code_hash=bindparam("hash"), purge_at=bindparam("until")),
)


def by_hash(work: Work, token_hash: str) -> StoredToken | None:
    """A stored token, live or not. Brings the configuration version along."""
    return work.first(_BY_HASH, hash=token_hash)


def adopt(work: Work, token_hash: str, family: Granted, *, spent: bool) -> None:
    """A refresh token that was made elsewhere is one of ``family``; ``spent`` where it rotates, since its successor is
    issued now. Both rows stay when the family is over, so that what was revoked here is not asked about there again.
    Raises UniqueViolation where it was adopted a moment ago.
    """
    moment = clock.now_ms()
    work.hot.run(
        _ADOPT,
        tenant_id=work.tenant_id,
        token_hash=token_hash,
        kind=ADOPTED,
        authorization_id=family.id,
        client_id=family.client_id,
        user_id=family.user_id,
        scope=family.scope,
        audience=family.audience,
        created_at=moment,
        used_at=moment if spent else None,
    )
    work.hot.run(_KEEP, tenant=work.tenant_id, family=family.id, hash=token_hash, until=moment + ADOPTED_MS)


def use(work: Work, token_hash: str) -> bool:
    """Spend a rotating refresh token. True for exactly one caller (security.md F2)."""
    return work.hot.run(_USE, tenant=work.tenant_id, hash=token_hash, now=clock.now_ms()) == 1


def revoke(work: Work, token_hash: str) -> None:
    """Revoke one token."""
    work.hot.run(_REVOKE, tenant=work.tenant_id, hash=token_hash, now=clock.now_ms())
