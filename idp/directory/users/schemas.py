"""What the Management API takes and shows of users (spec/user-profile.md)."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, UnsetType

from idp.foundation.apikit import Body, Query
from idp.foundation.apikit.document import shown

Metadata = dict[str, Any]
Email = Annotated[str, Meta(min_length=3, max_length=254, description="The user's email")]
Phone = Annotated[
    str, Meta(pattern=r"^\+[0-9]{1,15}$", description="The user's phone number (following the E.164 recommendation)")
]
ShortName = Annotated[str, Meta(min_length=1, max_length=150)]
LongName = Annotated[str, Meta(min_length=1, max_length=300)]
Username = Annotated[str, Meta(min_length=1, max_length=128, description="The user's username")]
Password = Annotated[str, Meta(min_length=1, max_length=1024, description="The user's password")]
Picture = Annotated[
    str, Meta(max_length=2048, pattern="^https?://[^\\s]+$", description="A URI pointing to the user's picture")
]


class UserCreate(Body):
    """POST /users."""

    connection: Annotated[
        str, Meta(min_length=1, max_length=128, description="Name of the connection this user should be created in")
    ]
    email: Email | UnsetType = UNSET
    phone_number: Phone | UnsetType = UNSET
    username: Username | UnsetType = UNSET
    password: Password | UnsetType = UNSET
    user_id: Annotated[str, Meta(min_length=1, max_length=255, pattern=r"^[^\s]+$")] | UnsetType = UNSET
    given_name: ShortName | UnsetType | None = UNSET
    family_name: ShortName | UnsetType | None = UNSET
    name: LongName | UnsetType | None = UNSET
    nickname: LongName | UnsetType | None = UNSET
    picture: Picture | UnsetType | None = UNSET
    user_metadata: Metadata | UnsetType = UNSET
    app_metadata: Metadata | UnsetType = UNSET
    blocked: bool | UnsetType = UNSET
    email_verified: bool | UnsetType = UNSET
    phone_verified: bool | UnsetType = UNSET
    verify_email: bool | UnsetType = UNSET


class UserUpdate(Body):
    """PATCH /users/{id}: null removes an attribute, metadata merges at its first level."""

    connection: Annotated[str, Meta(min_length=1, max_length=128)] | UnsetType = UNSET
    client_id: Annotated[str, Meta(max_length=64)] | UnsetType = UNSET
    email: Email | UnsetType | None = UNSET
    phone_number: Phone | UnsetType | None = UNSET
    username: Username | UnsetType | None = UNSET
    password: Password | UnsetType | None = UNSET
    given_name: ShortName | UnsetType | None = UNSET
    family_name: ShortName | UnsetType | None = UNSET
    name: LongName | UnsetType | None = UNSET
    nickname: LongName | UnsetType | None = UNSET
    picture: Picture | UnsetType | None = UNSET
    user_metadata: Metadata | UnsetType | None = UNSET
    app_metadata: Metadata | UnsetType | None = UNSET
    blocked: bool | UnsetType = UNSET
    email_verified: bool | UnsetType = UNSET
    phone_verified: bool | UnsetType = UNSET
    verify_email: bool | UnsetType = UNSET
    verify_phone_number: bool | UnsetType = UNSET
    verify_password: bool | UnsetType = UNSET


class UserSearch(Query):
    """GET /users."""

    q: Annotated[str, Meta(max_length=10_000)] | UnsetType = UNSET
    sort: Annotated[str, Meta(max_length=200)] | UnsetType = UNSET
    search_engine: Literal["v1", "v2", "v3"] | UnsetType = UNSET
    connection: str | UnsetType = UNSET
    primary_order: bool = True


class ByEmail(Query):
    """GET /users-by-email."""

    email: Annotated[str, Meta(min_length=1, max_length=254)]


class Link(Body):
    """POST /users/{id}/identities: an ID token of the other account, or its name."""

    link_with: Annotated[str, Meta(max_length=16_384)] | UnsetType = UNSET
    provider: Annotated[str, Meta(max_length=64)] | UnsetType = UNSET
    connection_id: Annotated[str, Meta(max_length=64)] | UnsetType = UNSET
    user_id: Annotated[str, Meta(min_length=1, max_length=300)] | int | UnsetType = UNSET


IdentityView = shown(
    "Identity",
    extra={
        "connection": str,
        "provider": str,
        "user_id": str,
        "isSocial": bool,
        "profileData": Metadata,
        "access_token": str,
        "access_token_secret": str,
        "refresh_token": str,
    },
)
UserView = shown(
    "User",
    UserUpdate,
    without=("connection", "client_id", "password", "verify_email", "verify_phone_number", "verify_password"),
    extra={
        "user_id": str,
        "created_at": str,
        "updated_at": str,
        "last_login": str,
        "last_ip": str,
        "logins_count": int,
        "last_password_reset": str,
        "identities": list[Metadata],
    },
)
