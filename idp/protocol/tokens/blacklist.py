"""JWTs that an administrator refused (``/blacklists/tokens``): by their ``jti``, for one audience.

They are remembered with the configuration, so that no request looks one up; the newest ten thousand count, which is
more than anybody refuses by hand in the days that a token lives.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec
from sqlalchemy import bindparam, select

from idp.foundation.db.hot import Statement
from idp.foundation.kernel import clock
from idp.foundation.tenancy import documents
from idp.foundation.tenancy.work import Work
from idp.protocol.tokens.models import BlacklistedToken as B

MOST: Final = 10_000


class Refused(msgspec.Struct, frozen=True):
    """One refused token."""

    jti: str
    aud: str


_ALL = Statement(
    "blacklisted_tokens",
    select(B.jti, B.aud).where(B.tenant_id == bindparam("tenant")).order_by(B.created_at.desc()).limit(MOST),
    row=Refused,
)


def refuse(work: Work, aud: str, jti: str) -> None:
    """From now on the token is refused; refusing it again changes nothing."""
    documents.lock(work)
    if work.rows.lock_one(B, jti, aud) is None:
        work.rows.add(B(jti=jti, aud=aud, created_at=clock.now_ms()))
        work.rows.flush()
        work.configuration_changed()


def of_audience(work: Work, aud: str | None) -> list[Refused]:
    """What was refused, newest first; of one audience, or of all."""
    rows = select(B).order_by(B.created_at.desc(), B.jti).limit(MOST)
    found = work.rows.scalars(rows if aud is None else rows.where(B.aud == aud))
    return [Refused(row.jti, row.aud) for row in found]


def holds(work: Work, claims: Mapping[str, Any]) -> bool:
    """Whether a token with these claims was refused. The configuration of ``work`` is the current one."""
    jti, named = claims.get("jti"), claims.get("aud")
    if not isinstance(jti, str):
        return False
    known = work.config.remember("blacklist", "", lambda: _load(work))
    audiences = known.get(jti)
    if not audiences:
        return False
    said = [*(named if isinstance(named, list) else [named]), claims.get("azp"), claims.get("client_id")]
    return not audiences.isdisjoint(each for each in said if isinstance(each, str))


def _load(work: Work) -> dict[str, set[Any]]:
    found: dict[str, set[Any]] = {}
    for row in work.hot.all(_ALL, tenant=work.tenant_id):
        found.setdefault(row.jti, set()).add(row.aud)
    return found
