"""What the Management API takes and shows of users (spec/user-profile.md)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal

from msgspec import UNSET, Meta, UnsetType, defstruct

from idp.directory.users.attributes import ATTRIBUTES, Kind, Metadata, Owner
from idp.foundation.apikit import Body, OpenView, Query, View
from idp.foundation.kernel.formats import Reference, UserId, whole
from idp.foundation.kernel.secret import ReadableSecret, Secret

Password = Annotated[Secret, Meta(min_length=1, max_length=1024, description="The user's password")]
_PLAIN: Mapping[Kind, Any] = {
    Kind.TEXT: str,
    Kind.MOMENT: str,
    Kind.FLAG: bool,
    Kind.NUMBER: int,
    Kind.DOCUMENT: Metadata,
}


def _members(name: str, base: type, fields: Iterable[tuple[str, Any]]) -> Any:
    """A struct of optional members, one per attribute of the table."""
    return defstruct(name, [(member, kind | UnsetType, UNSET) for member, kind in fields], bases=(base,), kw_only=True)


if TYPE_CHECKING:

    class _Creatable(Body):
        """What the table makes of it."""

    class _Updatable(Body):
        """What the table makes of it."""

    class _Shown(OpenView):
        """What the table makes of it."""

else:
    _SETTABLE = tuple(row for row in ATTRIBUTES if row.settable)
    _ALWAYS = {"user_id", "created_at", "updated_at"}
    _Creatable = _members(
        "_Creatable",
        Body,
        ((row.name, row.accepts | None if row.owner is Owner.ROOT else row.accepts) for row in _SETTABLE),
    )
    _Updatable = _members(
        "_Updatable", Body, ((row.name, row.accepts | None if row.removable else row.accepts) for row in _SETTABLE)
    )
    _Shown = _members(
        "_Shown",
        OpenView,
        ((row.name, _PLAIN[row.kind]) for row in ATTRIBUTES if row.column is not None and row.name not in _ALWAYS),
    )


class UserCreate(_Creatable, kw_only=True):
    """POST /users: the attributes that administrators may set, and these."""

    connection: Annotated[
        str, Meta(min_length=1, max_length=128, description="Name of the connection this user should be created in")
    ]
    password: Password | UnsetType = UNSET
    user_id: Annotated[str, whole(r"[^\s]+", min_length=1, max_length=255)] | UnsetType = UNSET
    verify_email: bool | UnsetType = UNSET


class UserUpdate(_Updatable, kw_only=True):
    """PATCH /users/{id}: null removes an attribute, metadata merges at its first level."""

    connection: Annotated[str, Meta(min_length=1, max_length=128)] | UnsetType = UNSET
    client_id: Reference | UnsetType = UNSET
    password: Password | UnsetType | None = UNSET
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

    link_with: Annotated[Secret, Meta(max_length=16_384)] | UnsetType = UNSET
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
    access_token: ReadableSecret | UnsetType = UNSET
    access_token_secret: ReadableSecret | UnsetType = UNSET
    refresh_token: ReadableSecret | UnsetType = UNSET


class UserView(_Shown, kw_only=True):
    """A user with the attributes that have a value; sources outside may tell some that are not listed here."""

    user_id: str
    created_at: str
    updated_at: str
    identities: list[IdentityView]
    multifactor: list[str] | UnsetType = UNSET
    deletion_due: str | UnsetType = UNSET
    """When the account is erased, as its owner asked for. Ours."""
    multifactor_last_modified: str | UnsetType = UNSET
