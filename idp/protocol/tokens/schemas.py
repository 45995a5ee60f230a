"""What the Management API takes and shows of refresh tokens and device credentials."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, UnsetType

from idp.foundation.apikit import Body, Query
from idp.foundation.apikit.document import shown
from idp.signin.sessions.schemas import Metadata


class RefreshTokenUpdate(Body):
    """PATCH /refresh-tokens/{id}."""

    refresh_token_metadata: Metadata | UnsetType | None = UNSET


class RefreshTokenList(Query):
    """GET /refresh-tokens."""

    user_id: Annotated[str, Meta(min_length=1, max_length=300)]
    client_id: str | UnsetType = UNSET


class RevokeMany(Body):
    """POST /refresh-tokens/revoke: by ids, or of a user, a client, or both."""

    ids: Annotated[list[Annotated[str, Meta(max_length=64)]], Meta(min_length=1, max_length=100)] | UnsetType = UNSET
    user_id: Annotated[str, Meta(min_length=1, max_length=300)] | UnsetType = UNSET
    client_id: Annotated[str, Meta(min_length=1, max_length=64)] | UnsetType = UNSET
    audience: Annotated[str, Meta(min_length=1, max_length=600)] | UnsetType = UNSET


class RevokeAccess(Body):
    """POST /users/{id}/revoke-access."""

    session_id: Annotated[str, Meta(min_length=1, max_length=64)] | UnsetType = UNSET
    preserve_refresh_tokens: bool = False


class DeviceList(Query):
    """GET /device-credentials."""

    user_id: str | UnsetType = UNSET
    client_id: str | UnsetType = UNSET
    type: Literal["public_key", "refresh_token", "rotating_refresh_token"] | UnsetType = UNSET


RefreshTokenView = shown(
    "RefreshToken",
    RefreshTokenUpdate,
    extra={
        **dict.fromkeys(("id", "user_id", "created_at", "client_id", "session_id"), str),
        **dict.fromkeys(("idle_expires_at", "expires_at", "last_exchanged_at"), str),
        "rotating": bool,
        "device": dict[str, Any],
        "resource_servers": list[dict[str, str]],
    },
)
DeviceView = shown(
    "DeviceCredential", extra=dict.fromkeys(("id", "device_name", "device_id", "type", "user_id", "client_id"), str)
)
