"""What the Management API takes and shows of users (spec/user-profile.md)."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, UnsetType

from idp.foundation.apikit import Body, OpenView, Query, View
from idp.foundation.kernel.formats import Email, PhoneNumber, PictureUrl, Reference, UserId

Metadata = dict[str, Any]
ShortName = Annotated[str, Meta(min_length=1, max_length=150)]
LongName = Annotated[str, Meta(min_length=1, max_length=300)]
Username = Annotated[str, Meta(min_length=1, max_length=128, description="The user's username")]
Password = Annotated[str, Meta(min_length=1, max_length=1024, description="The user's password")]


class UserCreate(Body):
    """POST /users."""

    connection: Annotated[
        str, Meta(min_length=1, max_length=128, description="Name of the connection this user should be created in")
    ]
    email: Email | UnsetType = UNSET
    phone_number: PhoneNumber | UnsetType = UNSET
    username: Username | UnsetType = UNSET
    password: Password | UnsetType = UNSET
    user_id: Annotated[str, Meta(min_length=1, max_length=255, pattern=r"^[^\s]+$")] | UnsetType = UNSET
    given_name: ShortName | UnsetType | None = UNSET
    family_name: ShortName | UnsetType | None = UNSET
    name: LongName | UnsetType | None = UNSET
    nickname: LongName | UnsetType | None = UNSET
    picture: PictureUrl | UnsetType | None = UNSET
    user_metadata: Metadata | UnsetType = UNSET
    app_metadata: Metadata | UnsetType = UNSET
    blocked: bool | UnsetType = UNSET
    email_verified: bool | UnsetType = UNSET
    phone_verified: bool | UnsetType = UNSET
    verify_email: bool | UnsetType = UNSET


class UserUpdate(Body):
    """PATCH /users/{id}: null removes an attribute, metadata merges at its first level."""

    connection: Annotated[str, Meta(min_length=1, max_length=128)] | UnsetType = UNSET
    client_id: Reference | UnsetType = UNSET
    email: Email | UnsetType | None = UNSET
    phone_number: PhoneNumber | UnsetType | None = UNSET
    username: Username | UnsetType | None = UNSET
    password: Password | UnsetType | None = UNSET
    given_name: ShortName | UnsetType | None = UNSET
    family_name: ShortName | UnsetType | None = UNSET
    name: LongName | UnsetType | None = UNSET
    nickname: LongName | UnsetType | None = UNSET
    picture: PictureUrl | UnsetType | None = UNSET
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
    connection_id: Reference | UnsetType = UNSET
    user_id: UserId | int | UnsetType = UNSET


class IdentityView(View):
    """An account that belongs to a user. Tokens of its source only for callers who may read them."""

    connection: str
    provider: str
    user_id: str
    isSocial: bool  # noqa: N815 - Auth0's name
    profileData: Metadata | UnsetType = UNSET  # noqa: N815 - Auth0's name
    access_token: str | UnsetType = UNSET
    access_token_secret: str | UnsetType = UNSET
    refresh_token: str | UnsetType = UNSET


class UserView(OpenView):
    """A user; sources outside may tell attributes that are not listed here."""

    user_id: str
    created_at: str
    updated_at: str
    identities: list[IdentityView]
    email: str | UnsetType = UNSET
    email_verified: bool | UnsetType = UNSET
    phone_number: str | UnsetType = UNSET
    phone_verified: bool | UnsetType = UNSET
    username: str | UnsetType = UNSET
    given_name: str | UnsetType = UNSET
    family_name: str | UnsetType = UNSET
    name: str | UnsetType = UNSET
    nickname: str | UnsetType = UNSET
    picture: str | UnsetType = UNSET
    user_metadata: Metadata | UnsetType = UNSET
    app_metadata: Metadata | UnsetType = UNSET
    blocked: bool | UnsetType = UNSET
    last_login: str | UnsetType = UNSET
    last_ip: str | UnsetType = UNSET
    logins_count: int | UnsetType = UNSET
    last_password_reset: str | UnsetType = UNSET
