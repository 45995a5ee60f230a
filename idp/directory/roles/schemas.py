"""What the Management API takes and shows of roles, permissions and groups."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType

from idp.foundation.apikit import Body, Query, View
from idp.foundation.kernel.formats import UserId, identifier, whole

RoleName = Annotated[str, whole(r"[^\x00-\x1f\x7f]+", min_length=1, max_length=255, description="Name of the role")]
Description = Annotated[str, Meta(max_length=1000, description="Description of the role")]
RoleId = Annotated[str, Meta(min_length=1, max_length=64)]
GroupId = Annotated[str, identifier("group-id", r"grp_[1-9a-km-zA-HJ-NP-Z]{14,22}", "ID of the group")]
Kind = Literal["tenant"]
"""Roles of organizations come with organizations."""
Source = Literal["direct", "groups"]


class RoleCreate(Body):
    """POST /roles."""

    name: RoleName
    description: Description | UnsetType | None = UNSET
    type: Kind | UnsetType = UNSET


class RoleUpdate(Body):
    """PATCH /roles/{id}."""

    name: RoleName | UnsetType = UNSET
    description: Description | UnsetType | None = UNSET


class RoleList(Query):
    """GET /roles."""

    name_filter: Annotated[str, Meta(max_length=255)] | UnsetType = UNSET
    type: Literal["tenant", "organization"] | UnsetType = UNSET
    owner_id: Annotated[str, Meta(max_length=64)] | UnsetType = UNSET


class PermissionName(Body):
    """A permission: a scope of an API."""

    resource_server_identifier: Annotated[str, Meta(min_length=1, max_length=600)]
    permission_name: Annotated[str, Meta(min_length=1, max_length=280)]


class Permissions(Body):
    """POST and DELETE of permissions."""

    permissions: Annotated[list[PermissionName], Meta(min_length=1, max_length=1000)]


class RoleIds(Body):
    """Which roles somebody, or a group, gets or loses."""

    roles: Annotated[list[RoleId], Meta(min_length=1, max_length=100)]


class UserIds(Body):
    """Who gets a role."""

    users: Annotated[list[UserId], Meta(min_length=1, max_length=1000)]


class GroupIds(Body):
    """Which groups get or lose a role."""

    groups: Annotated[list[GroupId], Meta(min_length=1, max_length=100)]


class RoleView(View):
    """A role."""

    id: str
    name: str
    description: str | None
    type: Kind | UnsetType = UNSET


class RoleMemberView(View):
    """Somebody who has a role."""

    user_id: str
    email: str | UnsetType = UNSET
    picture: str | UnsetType = UNSET
    name: str | UnsetType = UNSET


class PermissionView(View):
    """A permission, with what its API says of it."""

    resource_server_identifier: str
    permission_name: str
    resource_server_name: str
    description: str | UnsetType | None = UNSET


class PermissionSource(View):
    """Why somebody has a permission: ``DIRECT``, or by the ``ROLE`` that is named."""

    source_id: str
    source_name: str
    source_type: Literal["DIRECT", "ROLE"]


class UserPermissionView(PermissionView, kw_only=True):
    """A permission of somebody, with every reason why they have it."""

    sources: list[PermissionSource]


class EffectiveRoleView(RoleView, kw_only=True):
    """A role of somebody: given by name, by groups, or both."""

    sources: list[Source]


class EffectivePermissionView(PermissionView, kw_only=True):
    """A permission of somebody: given directly, by roles, or both."""

    sources: list[Literal["direct", "roles"]]


class OfRole(Query):
    """GET /users/{id}/effective-roles/sources/groups."""

    role_id: RoleId


class OfApi(Query):
    """GET /users/{id}/effective-permissions."""

    resource_server_identifier: Annotated[str, Meta(min_length=1, max_length=600)]


class OfPermission(OfApi, kw_only=True):
    """GET /users/{id}/effective-permissions/sources/effective-roles."""

    permission_name: Annotated[str, Meta(min_length=1, max_length=280)]


class GroupList(Query):
    """GET /groups; ``search`` finds parts of names."""

    connection_id: Annotated[str, Meta(max_length=64)] | UnsetType = UNSET
    name: Annotated[str, Meta(max_length=300)] | UnsetType = UNSET
    external_id: Annotated[str, Meta(max_length=300)] | UnsetType = UNSET
    search: Annotated[str, Meta(max_length=300)] | UnsetType = UNSET


class GroupView(View):
    """A group of a directory."""

    id: str
    name: str
    tenant_name: str
    created_at: str
    updated_at: str
    connection_id: str | UnsetType = UNSET
    external_id: str | UnsetType = UNSET


class UserGroupView(GroupView, kw_only=True):
    """A group that somebody is in, since when."""

    membership_created_at: str


class GroupMemberView(View):
    """Somebody in a group."""

    id: str
    member_type: Literal["user"]
    type: Literal["connection"]
    connection_id: str
    created_at: str
