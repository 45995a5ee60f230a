"""``/roles``, their permissions and the people who have them."""

from __future__ import annotations

from http import HTTPStatus

from sqlalchemy import false, select

from idp.directory.roles import render, service
from idp.directory.roles.models import Role, RolePermission, UserRole
from idp.directory.roles.schemas import (
    Permissions,
    PermissionView,
    RoleCreate,
    RoleList,
    RoleMemberView,
    RoleUpdate,
    RoleView,
    UserIds,
)
from idp.directory.users.models import User
from idp.foundation.apikit import Api, Page, PageRequest, Paging, changes
from idp.foundation.db import paging
from idp.foundation.kernel.folding import fold
from idp.foundation.tenancy.work import Work

api = Api("roles")


@api.get("/roles", scopes={"read:roles"}, paging=Paging.by_offset("roles"), summary="Get roles")
def list_roles(work: Work, query: RoleList, page: PageRequest) -> Page[RoleView]:
    """Roles, oldest first; ``name_filter`` is a part of the name, whatever its case."""
    statement = paging.of_tenant(work.rows, Role)
    if isinstance(query.name_filter, str):
        statement = statement.where(Role.name_folded.contains(fold(query.name_filter), autoescape=True))
    if query.type == "organization" or isinstance(query.owner_id, str):
        statement = statement.where(false())  # roles of organizations come with organizations
    rows = paging.fetch(work.rows, statement, page, [Role.created_at, Role.id])
    return Page.of(rows, map(render.role, rows.items))


@api.post("/roles", scopes={"create:roles"}, status=HTTPStatus.OK, summary="Create a role")
def create_role(work: Work, body: RoleCreate) -> RoleView:
    """A new role without permissions."""
    return render.role(service.create(work, body.name, changes(body).get("description")))


@api.get("/roles/{id}", scopes={"read:roles"}, summary="Get a role")
def get_role(work: Work, id: str) -> RoleView:
    """One role."""
    return render.role(service.get(work, id))


@api.patch("/roles/{id}", scopes={"update:roles"}, summary="Update a role")
def update_role(work: Work, id: str, body: RoleUpdate) -> RoleView:
    """Change a role's name or description."""
    return render.role(service.update(work, id, changes(body)))


@api.delete("/roles/{id}", scopes={"delete:roles"}, status=HTTPStatus.OK, summary="Delete a role")
def delete_role(work: Work, id: str) -> None:
    """Remove a role from everybody who has it."""
    service.delete(work, id)


@api.get(
    "/roles/{id}/permissions",
    scopes={"read:roles"},
    paging=Paging.by_offset("permissions"),
    summary="Get permissions granted by role",
)
def list_permissions(work: Work, id: str, page: PageRequest) -> Page[PermissionView]:
    """What whoever has the role may do."""
    statement = select(RolePermission).where(RolePermission.role_id == service.get(work, id).id)
    order = [RolePermission.resource_server_id, RolePermission.permission]
    rows = paging.numbered(work.rows, statement, page, order)
    described = render.Described(work, (row.resource_server_id for row in rows.items))
    return Page.of(rows, [described.permission(row.resource_server_id, row.permission) for row in rows.items])


@api.post("/roles/{id}/permissions", scopes={"update:roles"}, summary="Associate permissions with a role")
def add_permissions(work: Work, id: str, body: Permissions) -> None:
    """Let whoever has the role do these too."""
    service.add_to_role(work, id, named(body))


@api.delete("/roles/{id}/permissions", scopes={"update:roles"}, summary="Remove permissions from a role")
def remove_permissions(work: Work, id: str, body: Permissions) -> None:
    """Take permissions from a role."""
    service.remove_from_role(work, id, named(body))


@api.get(
    "/roles/{id}/users",
    scopes={"read:users", "read:roles", "read:role_members"},
    paging=Paging.by_either("users"),
    summary="Get a role's users",
)
def list_users(work: Work, id: str, page: PageRequest) -> Page[RoleMemberView]:
    """Who was given the role by name."""
    statement = select(UserRole).where(UserRole.role_id == service.get(work, id).id)
    rows = paging.fetch(work.rows, statement, page, [UserRole.user_id])
    people = {
        row.user_id: row
        for row in work.rows.scalars(select(User).where(User.user_id.in_([each.user_id for each in rows.items])))
    }
    return Page.of(rows, [render.member(people[row.user_id]) for row in rows.items if row.user_id in people])


@api.post(
    "/roles/{id}/users",
    scopes={"update:roles", "create:role_members"},
    status=HTTPStatus.OK,
    summary="Assign users to a role",
)
def assign_users(work: Work, id: str, body: UserIds) -> None:
    """Give people the role."""
    service.assign_users(work, id, body.users)


def named(body: Permissions) -> list[service.Named]:
    """The permissions of a body, as use cases take them."""
    return [service.Named(each.resource_server_identifier, each.permission_name) for each in body.permissions]
