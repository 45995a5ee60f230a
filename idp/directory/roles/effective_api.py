"""What somebody has in the end, and why: ``/users/{id}/effective-roles``, ``/users/{id}/effective-permissions``."""

from __future__ import annotations

from typing import Any

from idp.applications.resource_servers import service as resource_servers
from idp.directory.roles import lists, render, service
from idp.directory.roles.lists import EffectiveRole
from idp.directory.roles.schemas import (
    EffectivePermissionView,
    EffectiveRoleView,
    GroupView,
    OfApi,
    OfPermission,
    OfRole,
)
from idp.directory.users import service as users
from idp.foundation.apikit import Api, Page, PageRequest, Paging, slice_page
from idp.foundation.kernel.formats import UserId
from idp.foundation.tenancy.work import Work

api = Api("users")


@api.get(
    "/users/{id}/effective-roles",
    scopes={"read:user_effective_roles"},
    paging=Paging.by_checkpoint("roles"),
    summary="Get a user's effective roles",
)
def list_roles(work: Work, id: UserId, page: PageRequest) -> Page[EffectiveRoleView]:
    """Every role of somebody: given by name and by their groups."""
    rows = slice_page(lists.effective_roles(work, users.get(work, id).user_id), page)
    return Page(list(map(_role, rows.items)), next=rows.next)


@api.get(
    "/users/{id}/effective-roles/sources/groups",
    scopes={"read:user_role_source_groups"},
    paging=Paging.by_checkpoint("groups"),
    summary="Get groups that give a user a role",
)
def list_role_sources(work: Work, id: UserId, query: OfRole, page: PageRequest) -> Page[GroupView]:
    """The groups by which somebody has a role."""
    role = service.get(work, query.role_id)
    rows = slice_page(lists.groups_that_give(work, users.get(work, id).user_id, role.id), page)
    return Page([render.group(work, row) for row in rows.items], next=rows.next)


@api.get(
    "/users/{id}/effective-permissions",
    scopes={"read:user_effective_permissions"},
    paging=Paging.by_checkpoint("permissions"),
    summary="Get a user's effective permissions",
)
def list_permissions(work: Work, id: UserId, query: OfApi, page: PageRequest) -> Page[EffectivePermissionView]:
    """Everything that somebody may do with one API."""
    server = resource_servers.get(work, query.resource_server_identifier)
    found = lists.effective_permissions(work, users.get(work, id).user_id, server.id)
    described = render.Described(work, [server.id])
    rows = slice_page(list(found.items()), page)
    views = []
    for permission, given in rows.items:
        sources: list[Any] = [name for name, given_so in (("direct", given.direct), ("roles", given.roles)) if given_so]
        plain = described.permission(server.id, permission)
        views.append(
            EffectivePermissionView(
                resource_server_identifier=plain.resource_server_identifier,
                permission_name=permission,
                resource_server_name=plain.resource_server_name,
                description=plain.description,
                sources=sources,
            )
        )
    return Page(views, next=rows.next)


@api.get(
    "/users/{id}/effective-permissions/sources/effective-roles",
    scopes={"read:user_permission_source_roles"},
    paging=Paging.by_checkpoint("roles"),
    summary="Get roles that give a user a permission",
)
def list_permission_sources(work: Work, id: UserId, query: OfPermission, page: PageRequest) -> Page[EffectiveRoleView]:
    """The roles by which somebody may do something, with where those come from."""
    server = resource_servers.get(work, query.resource_server_identifier)
    user_id = users.get(work, id).user_id
    given = lists.effective_permissions(work, user_id, server.id).get(query.permission_name)
    giving = {role.id for role in given.roles} if given is not None else set()
    rows = slice_page([each for each in lists.effective_roles(work, user_id) if each.role.id in giving], page)
    return Page(list(map(_role, rows.items)), next=rows.next)


def _role(each: EffectiveRole) -> EffectiveRoleView:
    sources: list[Any] = each.sources
    return EffectiveRoleView(id=each.role.id, name=each.role.name, description=each.role.description, sources=sources)
