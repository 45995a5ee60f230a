"""``/groups``, their members and roles, ``/roles/{id}/groups`` and ``/users/{id}/groups``."""

from __future__ import annotations

from http import HTTPStatus

from sqlalchemy import and_, select

from idp.directory.roles import lists, render, service
from idp.directory.roles.models import Group, GroupMember, GroupRole, Role
from idp.directory.roles.schemas import (
    GroupId,
    GroupIds,
    GroupList,
    GroupMemberView,
    GroupView,
    RoleIds,
    RoleView,
    UserGroupView,
)
from idp.directory.users import service as users
from idp.directory.users.models import Identity
from idp.foundation.apikit import Api, Page, PageRequest, Paging, slice_page
from idp.foundation.db import paging
from idp.foundation.kernel import clock
from idp.foundation.kernel.folding import fold
from idp.foundation.kernel.formats import UserId
from idp.foundation.tenancy.work import Work

api = Api("groups")


@api.get("/groups", scopes={"read:groups"}, paging=Paging.by_either("groups"), fields=True, summary="Get all groups")
def list_groups(work: Work, query: GroupList, page: PageRequest) -> Page[GroupView]:
    """Groups of directories, oldest first."""
    statement = paging.narrowed(
        paging.of_tenant(work.rows, Group),
        (Group.connection_id, query.connection_id),
        (Group.name, query.name),
        (Group.external_id, query.external_id),
    )
    if isinstance(query.search, str):
        statement = statement.where(Group.name_folded.contains(fold(query.search), autoescape=True))
    rows = paging.fetch(work.rows, statement, page, [Group.created_at, Group.id])
    return Page.of(rows, [render.group(work, row) for row in rows.items])


@api.get("/groups/{id}", scopes={"read:groups"}, summary="Get a group by ID")
def get_group(work: Work, id: GroupId) -> GroupView:
    """One group."""
    return render.group(work, service.get_group(work, id))


@api.delete("/groups/{id}", scopes={"delete:groups"}, summary="Delete a group by ID")
def delete_group(work: Work, id: GroupId) -> None:
    """Remove a group; its directory may bring it anew."""
    service.delete_group(work, id)


@api.get(
    "/groups/{id}/members",
    scopes={"read:group_members"},
    paging=Paging.by_checkpoint("members"),
    fields=True,
    summary="Get group members",
)
def list_members(work: Work, id: GroupId, page: PageRequest) -> Page[GroupMemberView]:
    """The people whose accounts are in the group."""
    statement = select(GroupMember).where(GroupMember.group_id == service.get_group(work, id).id)
    rows = paging.fetch(work.rows, statement, page, [GroupMember.account_id])
    accounts = [row.account_id for row in rows.items]
    owners = {
        identity.identity_user_id: identity.user_id
        for row in rows.items[:1]
        for identity in work.rows.scalars(
            select(Identity).where(Identity.connection_id == row.connection_id, Identity.identity_user_id.in_(accounts))
        )
    }
    return Page.of(
        rows,
        [
            GroupMemberView(
                id=owners[row.account_id],
                member_type="user",
                type="connection",
                connection_id=row.connection_id,
                created_at=clock.iso(row.created_at),
            )
            for row in rows.items
            if row.account_id in owners
        ],
    )


@api.get(
    "/groups/{id}/roles",
    scopes={"read:group_roles"},
    paging=Paging.by_checkpoint("roles"),
    summary="Get the roles assigned to a group",
)
def list_roles(work: Work, id: GroupId, page: PageRequest) -> Page[RoleView]:
    """The roles that every member of the group has."""
    gives = and_(GroupRole.tenant_id == Role.tenant_id, GroupRole.role_id == Role.id)
    statement = select(Role).join(GroupRole, gives).where(GroupRole.group_id == service.get_group(work, id).id)
    rows = slice_page(work.rows.scalars(statement.order_by(Role.name, Role.id)).all(), page)
    return Page(list(map(render.role, rows.items)), next=rows.next)


@api.post(
    "/groups/{id}/roles",
    scopes={"create:group_roles"},
    status=HTTPStatus.NO_CONTENT,
    summary="Assign one or more roles to a group",
)
def assign_roles(work: Work, id: GroupId, body: RoleIds) -> None:
    """Give every member of the group roles."""
    service.assign_roles_to_group(work, [service.get_group(work, id).id], body.roles)


@api.delete("/groups/{id}/roles", scopes={"delete:group_roles"}, summary="Remove one or more roles from a group")
def remove_roles(work: Work, id: GroupId, body: RoleIds) -> None:
    """Take roles from the group."""
    service.remove_roles_of_group(work, [service.get_group(work, id).id], body.roles)


@api.get(
    "/roles/{id}/groups",
    scopes={"read:group_roles"},
    paging=Paging.by_checkpoint("groups"),
    summary="Get groups assigned to a role",
)
def list_groups_of_role(work: Work, id: str, page: PageRequest) -> Page[GroupView]:
    """The groups whose members have the role."""
    has = and_(GroupRole.tenant_id == Group.tenant_id, GroupRole.group_id == Group.id)
    statement = select(Group).join(GroupRole, has).where(GroupRole.role_id == service.get(work, id).id)
    rows = paging.fetch(work.rows, statement, page, [Group.created_at, Group.id])
    return Page.of(rows, [render.group(work, row) for row in rows.items])


@api.post(
    "/roles/{id}/groups",
    scopes={"create:group_roles"},
    status=HTTPStatus.NO_CONTENT,
    summary="Assign groups to a role",
)
def assign_groups(work: Work, id: str, body: GroupIds) -> None:
    """Give every member of these groups the role."""
    service.assign_roles_to_group(work, body.groups, [service.get(work, id).id])


@api.delete("/roles/{id}/groups", scopes={"delete:group_roles"}, summary="Delete groups from a role")
def remove_groups(work: Work, id: str, body: GroupIds) -> None:
    """Take the role from these groups."""
    service.remove_roles_of_group(work, body.groups, [service.get(work, id).id])


@api.get(
    "/users/{id}/groups",
    scopes={"read:groups"},
    paging=Paging.by_either("groups"),
    fields=True,
    summary="Get a user's groups",
)
def list_groups_of_user(work: Work, id: UserId, page: PageRequest) -> Page[UserGroupView]:
    """The groups that accounts of somebody are in."""
    statement = lists.groups_of_user(work, users.get(work, id).user_id).order_by(Group.created_at, Group.id)
    found = {group.id: render.group_of(work, group, membership) for group, membership in work.rows.execute(statement)}
    return slice_page(list(found.values()), page)
