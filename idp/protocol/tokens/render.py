"""Refresh tokens as the Management API shows them."""

from __future__ import annotations

from msgspec import UNSET

from idp.foundation.kernel import clock
from idp.protocol.tokens.models import Authorization, DeviceKey
from idp.protocol.tokens.schemas import DeviceCredentialView, RefreshTokenView, ResourceServerAccess

ROTATING, FIXED, PUBLIC_KEY = "rotating_refresh_token", "refresh_token", "public_key"


def view(row: Authorization) -> RefreshTokenView:
    """One refresh token."""
    return RefreshTokenView(
        id=row.id,
        user_id=row.user_id,
        created_at=clock.iso(row.created_at),
        idle_expires_at=None if row.idle_expires_at is None else clock.iso(row.idle_expires_at),
        expires_at=None if row.expires_at is None else clock.iso(row.expires_at),
        device=row.device or {},
        client_id=row.client_id,
        session_id=row.session_id,
        rotating=row.rotating,
        resource_servers=[ResourceServerAccess(audience=row.audience, scopes=row.scope)] if row.audience else [],
        last_exchanged_at=UNSET if row.exchanged_at is None else clock.iso(row.exchanged_at),
        refresh_token_metadata=row.refresh_token_metadata or UNSET,
    )


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


def device_key(row: DeviceKey) -> DeviceCredentialView:
    """The device that holds the private half of a key."""
    return DeviceCredentialView(
        id=row.id,
        device_name=row.device_name,
        device_id=row.device_id,
        type=PUBLIC_KEY,
        user_id=row.user_id,
        client_id=row.client_id,
    )
