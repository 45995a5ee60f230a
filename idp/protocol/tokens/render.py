"""Refresh tokens as the Management API shows them."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import UNSET
from sqlalchemy import func, select

from idp.foundation.kernel import clock
from idp.foundation.tenancy.work import Work
from idp.protocol.tokens.models import Authorization, Token
from idp.protocol.tokens.schemas import DeviceCredentialView, RefreshTokenView, ResourceServerAccess

ROTATING, FIXED = "rotating_refresh_token", "refresh_token"
_FIRST_EXCHANGE_MS = 60_000
"""A token that came along with a code counts as exchanged only after that."""


def views(work: Work, rows: Sequence[Authorization]) -> list[RefreshTokenView]:
    """``rows`` with the idle end of each one's newest token."""
    ids = [row.id for row in rows]
    newest = (
        select(Token.authorization_id, func.max(Token.expires_at), func.max(Token.created_at))
        .where(Token.kind == "refresh", Token.authorization_id.in_(ids), Token.tenant_id == work.tenant_id)
        .group_by(Token.authorization_id)
    )
    ends = {family: (idle, last) for family, idle, last in work.rows.execute(newest)}
    return [_view(row, *ends.get(row.id, (None, None))) for row in rows]


def view(work: Work, row: Authorization) -> RefreshTokenView:
    """One refresh token."""
    return views(work, [row])[0]


def device(row: Authorization) -> DeviceCredentialView:
    """The device that holds a refresh token."""
    about = row.device or {}
    return DeviceCredentialView(
        id=row.id,
        device_name=str(about.get("initial_user_agent") or "unknown"),
        type=ROTATING if row.rotating else FIXED,
        user_id=row.user_id,
        client_id=row.client_id,
    )


def _view(row: Authorization, idle: int | None, last: int | None) -> RefreshTokenView:
    exchanged = last is not None and last > row.created_at + _FIRST_EXCHANGE_MS
    return RefreshTokenView(
        id=row.id,
        user_id=row.user_id,
        created_at=clock.iso(row.created_at),
        idle_expires_at=None if idle is None else clock.iso(idle),
        expires_at=None if row.expires_at is None else clock.iso(row.expires_at),
        device=row.device or {},
        client_id=row.client_id,
        session_id=row.session_id,
        rotating=row.rotating,
        resource_servers=[ResourceServerAccess(audience=row.audience, scopes=row.scope)] if row.audience else [],
        last_exchanged_at=clock.iso(last) if last is not None and exchanged else UNSET,
        refresh_token_metadata=row.refresh_token_metadata or UNSET,
    )
