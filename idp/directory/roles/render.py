"""Rows of roles, permissions and groups as the Management API shows them."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import UNSET
from sqlalchemy import select

from idp.applications.resource_servers.models import ResourceServer
from idp.directory.roles.models import Group, GroupMember, Role
from idp.directory.roles.schemas import GroupView, PermissionView, RoleMemberView, RoleView, UserGroupView
from idp.directory.users.models import User
from idp.foundation.kernel import clock
from idp.foundation.tenancy.work import Work


def role(row: Role) -> RoleView:
    """A role by itself."""
    return RoleView(id=row.id, name=row.name, description=row.description, type="tenant")


def assigned(row: Role) -> RoleView:
    """A role in a list of what somebody has."""
    return RoleView(id=row.id, name=row.name, description=row.description)


def member(row: User) -> RoleMemberView:
    """Somebody who has a role."""
    return RoleMemberView(
        user_id=row.user_id, email=row.email or UNSET, picture=row.picture or UNSET, name=row.name or UNSET
    )


class Described:
    """What APIs say of their permissions, read once for a page."""

    def __init__(self, work: Work, api_ids: Iterable[str]) -> None:
        rows = work.rows.scalars(select(ResourceServer).where(ResourceServer.id.in_(set(api_ids))))
        self._apis = {row.id: row for row in rows}
        self._texts = {
            (row.id, scope["value"]): scope.get("description")
            for row in self._apis.values()
            for scope in row.data.get("scopes") or ()
        }

    def permission(self, api_id: str, permission: str) -> PermissionView:
        """One of them."""
        api = self._apis[api_id]
        return PermissionView(
            resource_server_identifier=api.identifier,
            permission_name=permission,
            resource_server_name=api.name,
            description=self._texts.get((api_id, permission)),
        )


def group(work: Work, row: Group) -> GroupView:
    """A group."""
    return GroupView(
        id=row.id,
        name=row.name,
        tenant_name=work.tenant_id,
        created_at=clock.iso(row.created_at),
        updated_at=clock.iso(row.updated_at),
        connection_id=row.connection_id,
        external_id=row.external_id or UNSET,
    )


def group_of(work: Work, row: Group, membership: GroupMember) -> UserGroupView:
    """A group that somebody is in."""
    return UserGroupView(
        id=row.id,
        name=row.name,
        tenant_name=work.tenant_id,
        created_at=clock.iso(row.created_at),
        updated_at=clock.iso(row.updated_at),
        connection_id=row.connection_id,
        external_id=row.external_id or UNSET,
        membership_created_at=clock.iso(membership.created_at),
    )
