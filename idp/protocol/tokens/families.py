"""Refresh tokens as the Management API knows them: one entry per family, however often its token rotated."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, func, or_, select

from idp.foundation.kernel import clock
from idp.foundation.kernel.errors import NotFound
from idp.foundation.tenancy.work import Work
from idp.protocol.tokens.models import Authorization, Token


def live() -> Select[Any]:
    """Families that still have a usable refresh token."""
    now = clock.now_ms()
    usable = (
        select(Token.authorization_id)
        .where(
            Token.kind == "refresh",
            Token.revoked_at.is_(None),
            or_(Token.expires_at.is_(None), Token.expires_at > now),
        )
        .correlate(None)
    )
    return select(Authorization).where(
        Authorization.offline.is_(True),
        Authorization.revoked_at.is_(None),
        or_(Authorization.expires_at.is_(None), Authorization.expires_at > now),
        Authorization.id.in_(usable),
    )


def get(work: Work, family_id: str) -> Authorization:
    """A live family.

    :raises NotFound: there is none of that id.
    """
    found: Authorization | None = work.rows.scalars(live().where(Authorization.id == family_id)).first()
    if found is None:
        raise NotFound("The refresh token was not found", "refresh_token_not_found")
    return found


def shown(work: Work, rows: Sequence[Authorization]) -> list[dict[str, Any]]:
    """``rows`` as the API answers them, with the idle end of each one's newest token."""
    ids = [row.id for row in rows]
    newest = (
        select(
            Token.authorization_id.label("family"),
            func.max(Token.expires_at).label("idle_expires_at"),
            func.max(Token.created_at).label("exchanged_at"),
        )
        .where(Token.kind == "refresh", Token.authorization_id.in_(ids), Token.tenant_id == work.tenant_id)
        .group_by(Token.authorization_id)
    )
    ends = {end.family: end for end in work.rows.execute(newest)}
    return [
        _family(row, end.idle_expires_at, end.exchanged_at) if (end := ends.get(row.id)) else _family(row, None, None)
        for row in rows
    ]


def _family(row: Authorization, idle: int | None, last: int | None) -> dict[str, Any]:
    metadata = {"refresh_token_metadata": row.refresh_token_metadata} if row.refresh_token_metadata else {}
    exchanged = {"last_exchanged_at": clock.iso(last)} if last is not None and last > row.created_at + 60_000 else {}
    return {
        "id": row.id,
        "user_id": row.user_id,
        "created_at": clock.iso(row.created_at),
        "idle_expires_at": None if idle is None else clock.iso(idle),
        "expires_at": None if row.expires_at is None else clock.iso(row.expires_at),
        "device": row.device or {},
        "client_id": row.client_id,
        "session_id": row.session_id,
        "rotating": row.rotating,
        "resource_servers": [{"audience": row.audience or "", "scopes": row.scope}] if row.audience else [],
        **exchanged,
        **metadata,
    }
