"""Groups, roles and permissions of the extension."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from http import HTTPStatus
from typing import Any

from idp.directory.authorization import runtime, service
from idp.directory.authorization.service import GROUP, PERMISSION, ROLE
from idp.foundation.apikit import Api, changes
from idp.foundation.tenancy.work import Work
from idp.management.authorization import render
from idp.management.authorization.schemas import (
    GroupBody,
    GroupsView,
    GroupView,
    Ids,
    MappingView,
    MembersView,
    NewMapping,
    PermissionBody,
    PermissionsView,
    PermissionView,
    RoleBody,
    RolesView,
    RoleView,
    UserIds,
)

api = Api("authorization extension")
READ_GROUPS, CHANGE_GROUPS = {"read:groups"}, {"update:groups"}
NOTHING = HTTPStatus.NO_CONTENT


@api.get("/groups", scopes=READ_GROUPS, summary="Get all groups")
def list_groups(work: Work) -> GroupsView:
    """Every group, oldest first."""
    rows, members = service.every(work, GROUP), service.members_of(work, GROUP)
    return GroupsView(groups=[render.group(row, members.get(row.id, ())) for row in rows], total=len(rows))


@api.post("/groups", scopes={"create:groups"}, status=HTTPStatus.OK, summary="Create a group")
def create_group(work: Work, body: GroupBody) -> GroupView:
    """A new group."""
    document, members = _of_group(body)
    row = service.create(work, GROUP, document)
    service.join(work, GROUP, [row.id], members)
    return render.group(row, service.members(work, row.id))


@api.get("/groups/{id}", scopes=READ_GROUPS, summary="Get a group")
def get_group(work: Work, id: str) -> GroupView:
    """One group."""
    return render.group(service.get(work, GROUP, id), service.members(work, id))


@api.put("/groups/{id}", scopes=CHANGE_GROUPS, summary="Update a group")
def update_group(work: Work, id: str, body: GroupBody) -> GroupView:
    """Change a group; who is in it stays, and more people come in."""
    document, members = _of_group(body)
    row = service.change(work, GROUP, id, document)
    service.join(work, GROUP, [row.id], members)
    return render.group(row, service.members(work, row.id))


@api.delete("/groups/{id}", scopes={"delete:groups"}, summary="Delete a group")
def delete_group(work: Work, id: str) -> None:
    """Remove a group."""
    service.delete(work, GROUP, id)


@api.get("/groups/{id}/members", scopes=READ_GROUPS, summary="Get the members of a group")
def list_members(work: Work, id: str) -> MembersView:
    """Who was put into the group."""
    return _members(work, {service.get(work, GROUP, id).id})


@api.get("/groups/{id}/members/nested", scopes=READ_GROUPS, summary="Get the nested members of a group")
def list_nested_members(work: Work, id: str) -> MembersView:
    """Who was put into the group or into one that it holds, however deep."""
    return _members(work, runtime.with_nested(runtime.installed(work), service.get(work, GROUP, id).id))


@api.patch("/groups/{id}/members", scopes=CHANGE_GROUPS, status=NOTHING, summary="Add members to a group")
def add_members(work: Work, id: str, body: UserIds) -> None:
    """Put people into the group."""
    service.join(work, GROUP, [id], body)


@api.delete("/groups/{id}/members", scopes=CHANGE_GROUPS, summary="Delete members of a group")
def remove_members(work: Work, id: str, body: UserIds) -> None:
    """Take people out."""
    service.leave(work, GROUP, [id], body)


@api.get("/groups/{id}/mappings", scopes=READ_GROUPS, summary="Get the mappings of a group")
def list_mappings(work: Work, id: str) -> list[MappingView]:
    """Which groups of sources are this one."""
    return list(map(render.mapping, service.get(work, GROUP, id).document.get("mappings", [])))


@api.patch("/groups/{id}/mappings", scopes=CHANGE_GROUPS, status=NOTHING, summary="Create mappings of a group")
def add_mappings(work: Work, id: str, body: list[NewMapping]) -> None:
    """Let groups of sources be this one, too."""
    service.listed(work, GROUP, id, "mappings", add=list(map(_mapping, body)))


@api.delete("/groups/{id}/mappings", scopes=CHANGE_GROUPS, summary="Delete mappings of a group")
def remove_mappings(work: Work, id: str, body: Ids) -> None:
    """Take mappings away, by their ids."""
    service.listed(work, GROUP, id, "mappings", take=body)


@api.get("/groups/{id}/roles", scopes=READ_GROUPS, summary="Get the roles of a group")
def list_group_roles(work: Work, id: str) -> list[RoleView]:
    """The roles that everybody in the group has."""
    return roles_by_id(work, service.get(work, GROUP, id).document.get("roles", []))


@api.get("/groups/{id}/roles/nested", scopes=READ_GROUPS, summary="Get the nested roles of a group")
def list_nested_roles(work: Work, id: str) -> list[RoleView]:
    """The same with the roles of the groups that hold it."""
    service.get(work, GROUP, id)
    extension = runtime.installed(work)
    return roles_by_id(work, runtime.roles_of(extension, runtime.with_parents(extension, [id])))


@api.patch("/groups/{id}/roles", scopes=CHANGE_GROUPS, status=NOTHING, summary="Add roles to a group")
def add_group_roles(work: Work, id: str, body: Ids) -> None:
    """Give the group roles."""
    service.listed(work, GROUP, id, "roles", add=body)


@api.delete("/groups/{id}/roles", scopes=CHANGE_GROUPS, summary="Remove roles from a group")
def remove_group_roles(work: Work, id: str, body: Ids) -> None:
    """Take roles from the group."""
    service.listed(work, GROUP, id, "roles", take=body)


@api.get("/groups/{id}/nested", scopes=READ_GROUPS, summary="Get the groups in a group")
def list_nested(work: Work, id: str) -> list[GroupView]:
    """The groups that it holds."""
    return groups_by_id(work, service.get(work, GROUP, id).document.get("nested", []))


@api.patch("/groups/{id}/nested", scopes=CHANGE_GROUPS, status=NOTHING, summary="Add groups to a group")
def add_nested(work: Work, id: str, body: Ids) -> None:
    """Let it hold more groups."""
    service.listed(work, GROUP, id, "nested", add=body)


@api.delete("/groups/{id}/nested", scopes=CHANGE_GROUPS, summary="Remove groups from a group")
def remove_nested(work: Work, id: str, body: Ids) -> None:
    """Let it hold them no longer."""
    service.listed(work, GROUP, id, "nested", take=body)


@api.get("/roles", scopes={"read:roles"}, summary="Get all roles")
def list_roles(work: Work) -> RolesView:
    """Every role, oldest first."""
    rows = service.every(work, ROLE)
    return RolesView(roles=[render.role(row) for row in rows], total=len(rows))


@api.post("/roles", scopes={"create:roles"}, status=HTTPStatus.OK, summary="Create a role")
def create_role(work: Work, body: RoleBody) -> RoleView:
    """A new role of an application."""
    return render.role(service.create(work, ROLE, {"permissions": [], **changes(body)}))


@api.get("/roles/{id}", scopes={"read:roles"}, summary="Get a role")
def get_role(work: Work, id: str) -> RoleView:
    """One role."""
    return render.role(service.get(work, ROLE, id))


@api.put("/roles/{id}", scopes={"update:roles"}, summary="Update a role")
def update_role(work: Work, id: str, body: RoleBody) -> RoleView:
    """Change a role."""
    return render.role(service.change(work, ROLE, id, changes(body)))


@api.delete("/roles/{id}", scopes={"delete:roles"}, summary="Delete a role")
def delete_role(work: Work, id: str) -> None:
    """Remove a role."""
    service.delete(work, ROLE, id)


@api.get("/permissions", scopes={"read:permissions"}, summary="Get all permissions")
def list_permissions(work: Work) -> PermissionsView:
    """Every permission, oldest first."""
    rows = service.every(work, PERMISSION)
    return PermissionsView(permissions=list(map(render.permission, rows)), total=len(rows))


@api.post("/permissions", scopes={"create:permissions"}, status=HTTPStatus.OK, summary="Create a permission")
def create_permission(work: Work, body: PermissionBody) -> PermissionView:
    """A new permission of an application."""
    return render.permission(service.create(work, PERMISSION, changes(body)))


@api.get("/permissions/{id}", scopes={"read:permissions"}, summary="Get a permission")
def get_permission(work: Work, id: str) -> PermissionView:
    """One permission."""
    return render.permission(service.get(work, PERMISSION, id))


@api.put("/permissions/{id}", scopes={"update:permissions"}, summary="Update a permission")
def update_permission(work: Work, id: str, body: PermissionBody) -> PermissionView:
    """Change a permission."""
    return render.permission(service.change(work, PERMISSION, id, changes(body)))


@api.delete("/permissions/{id}", scopes={"delete:permissions"}, summary="Delete a permission")
def delete_permission(work: Work, id: str) -> None:
    """Remove a permission."""
    service.delete(work, PERMISSION, id)


def groups_by_id(work: Work, ids: Collection[str]) -> list[GroupView]:
    """These groups, without who is in them."""
    return [render.group(row, None) for row in service.every(work, GROUP) if row.id in ids]


def roles_by_id(work: Work, ids: Collection[str]) -> list[RoleView]:
    """These roles."""
    return [render.role(row) for row in service.every(work, ROLE) if row.id in ids]


def _members(work: Work, ids: set[str]) -> MembersView:
    people, total = service.people_in(work, ids)
    return MembersView(users=list(map(render.user, people)), total=total)


def _of_group(body: GroupBody) -> tuple[dict[str, Any], list[str]]:
    """What is stored of a group's body, and who is to come in."""
    document = changes(body)
    members: list[str] = document.pop("members", [])
    if "mappings" in document:
        document["mappings"] = list(map(_mapping, document["mappings"]))
    return document, members


def _mapping(said: NewMapping | Mapping[str, Any]) -> dict[str, Any]:
    plain = changes(said) if isinstance(said, NewMapping) else dict(said)
    return {"_id": str(uuid.uuid4()), **plain}
