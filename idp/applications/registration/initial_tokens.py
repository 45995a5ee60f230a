"""Initial access tokens (RFC 7591 3): whoever has one may register clients, so often and until then."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import bindparam, select, update

from idp.applications.registration.log_types import RegistrationLog
from idp.applications.registration.models import InitialAccessToken as T
from idp.foundation.db.hot import Statement
from idp.foundation.kernel import clock, ids
from idp.foundation.kernel.errors import BadRequest, NotFound
from idp.foundation.kernel.secrets import digest
from idp.foundation.tenancy.work import Work
from idp.tenant.audit import log, writes

RECORDED = "initial-access-tokens"
"""What the log calls them."""
MOST = 1_000
"""Tokens of a tenant that are kept at a time."""
_SPEND = Statement(
    "initial_access_token_spend",
    update(T)
    .where(
        T.tenant_id == bindparam("tenant"),
        T.id == bindparam("id"),
        T.uses_left > 0,
        T.expires_at > bindparam("now"),
    )
    .values(uses_left=T.uses_left - 1),
)


def create(work: Work, name: str, *, uses: int, lifetime_s: int, policy: Mapping[str, Any]) -> tuple[T, str]:
    """A new token, and the token itself, which is told this once.

    :raises BadRequest: there are :data:`MOST` already.
    """
    there = work.rows.scalars(select(T.id).where(T.tenant_id == work.tenant_id).limit(MOST)).all()
    if len(there) >= MOST:
        raise BadRequest(f"There are {MOST} initial access tokens already.", "too_many_tokens")
    moment, token = clock.now_ms(), ids.token()
    row = T(
        tenant_id=work.tenant_id,
        id=ids.prefixed("iat"),
        name=name,
        token_hash=digest(token),
        uses=uses,
        uses_left=uses,
        policy=dict(policy),
        created_at=moment,
        expires_at=moment + lifetime_s * 1000,
    )
    work.rows.add(row)
    work.rows.flush()
    writes.note(work, RECORDED, row.id, "")
    log.write(work, RegistrationLog.TOKEN_MADE, name, details={"id": row.id, "uses": uses})
    return row, token


def get(work: Work, token_id: str) -> T:
    """The token.

    :raises NotFound: there is none of that id.
    """
    row = work.rows.get(T, (work.tenant_id, token_id))
    if row is None:
        raise NotFound("The token does not exist.", "inexistent_initial_access_token")
    return row


def remove(work: Work, token_id: str) -> None:
    """Take it back: clients that registered with it stay. Unknown ids are no error."""
    row = work.rows.lock_one(T, token_id)
    if row is not None:
        work.rows.delete(row)
        work.rows.flush()
        log.write(work, RegistrationLog.TOKEN_REMOVED, row.name, details={"id": row.id})


def find(work: Work, token: str) -> T | None:
    """The token that this is, as long as it is good."""
    row = work.rows.scalars(select(T).where(T.token_hash == digest(token), T.tenant_id == work.tenant_id)).first()
    return row if row is not None and row.uses_left > 0 and row.expires_at > clock.now_ms() else None


def spend(work: Work, token_id: str) -> bool:
    """Use it once, in the caller's transaction: of two who come with the last use, one gets it."""
    return work.hot.run(_SPEND, tenant=work.tenant_id, id=token_id, now=clock.now_ms()) == 1
