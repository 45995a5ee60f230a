"""What the Management API takes and shows of refresh tokens and device credentials."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, UnsetType

from idp.foundation.apikit import Body, Query, View
from idp.foundation.kernel.formats import Audience, ClientId, Reference, SessionId, UserId
from idp.foundation.kernel.secret import HARMLESS
from idp.signin.sessions.schemas import Metadata


class RefreshTokenUpdate(Body):
    """PATCH /refresh-tokens/{id}."""

    refresh_token_metadata: Metadata | UnsetType | None = UNSET


class RefreshTokenList(Query):
    """GET /refresh-tokens."""

    user_id: UserId
    client_id: str | UnsetType = UNSET


class RevokeMany(Body):
    """POST /refresh-tokens/revoke: by ids, or of a user, a client, or both."""

    ids: Annotated[list[Reference], Meta(min_length=1, max_length=100)] | UnsetType = UNSET
    user_id: UserId | UnsetType = UNSET
    client_id: ClientId | UnsetType = UNSET
    audience: Audience | UnsetType = UNSET


class RevokeAccess(Body):
    """POST /users/{id}/revoke-access."""

    session_id: SessionId | UnsetType = UNSET
    preserve_refresh_tokens: bool = False


class DeviceList(Query):
    """GET /device-credentials."""

    user_id: str | UnsetType = UNSET
    client_id: str | UnsetType = UNSET
    type: Literal["public_key", "refresh_token", "rotating_refresh_token"] | UnsetType = UNSET


class ResourceServerAccess(View):
    """An API that a refresh token gives access to, with the scopes it was given for."""

    audience: str
    scopes: str


class RefreshTokenView(View):
    """A refresh token: one entry however often it rotated."""

    id: str
    user_id: str
    created_at: str
    idle_expires_at: str | None
    expires_at: str | None
    device: dict[str, Any]
    client_id: str
    session_id: str | None
    rotating: bool
    resource_servers: list[ResourceServerAccess]
    last_exchanged_at: str | UnsetType = UNSET
    refresh_token_metadata: Metadata | UnsetType = UNSET


class DeviceCredentialView(View):
    """A refresh token, seen as the device that holds it, or the public key of a device."""

    id: str
    device_name: str
    type: str
    user_id: str
    client_id: str
    device_id: str | UnsetType = UNSET


class DeviceKeyCreate(Body, kw_only=True):
    """POST /device-credentials."""

    device_name: Annotated[str, Meta(min_length=1, max_length=255)]
    type: Literal["public_key"]
    value: Annotated[str, HARMLESS, Meta(min_length=1, max_length=8192)]
    device_id: Annotated[str, Meta(min_length=1, max_length=255)]
    client_id: Reference | UnsetType = UNSET


class DeviceKeyView(View):
    """The id of what was made."""

    id: str
