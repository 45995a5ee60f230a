"""``/users/{id}/roles`` and ``/users/{id}/permissions``: what somebody was given by name."""

from __future__ import annotations

from http import HTTPStatus

from idp.directory.roles import lists, render, service
from idp.directory.roles.api import named
from idp.directory.roles.lists import Given
from idp.directory.roles.models import Role
from idp.directory.roles.schemas import Permissions, PermissionSource, RoleIds, RoleView, UserPermissionView
from idp.directory.users import service as users
from idp.foundation.apikit import Api, Page, PageRequest, Paging
from idp.foundation.db import paging
from idp.foundation.kernel.formats import UserId
from idp.foundation.tenancy.work import Work

api = Api("users")


@api.get(
    "/users/{id}/roles",
    scopes={"read:users", "read:roles", "read:role_members"},
    paging=Paging.by_offset("roles"),
    summary="Get a user's roles",
)
def list_roles(work: Work, id: UserId, page: PageRequest) -> Page[RoleView]:
    """The roles that somebody was given by name."""
    statement = lists.users_roles(work, users.get(work, id).user_id)
    rows = paging.numbered(work.rows, statement, page, [Role.name, Role.id])
    return Page.of(rows, map(render.assigned, rows.items))


@api.post(
    "/users/{id}/roles",
    scopes={"update:users", "create:role_members"},
    status=HTTPStatus.NO_CONTENT,
    summary="Assign roles to a user",
)
def assign_roles(work: Work, id: UserId, body: RoleIds) -> None:
    """Give somebody roles."""
    service.assign_roles(work, id, body.roles)


@api.delete("/users/{id}/roles", scopes={"update:users", "delete:role_members"}, summary="Removes roles from a user")
def remove_roles(work: Work, id: UserId, body: RoleIds) -> None:
    """Take roles from somebody."""
    service.remove_roles(work, id, body.roles)


@api.get(
    "/users/{id}/permissions",
    scopes={"read:users"},
    paging=Paging.by_offset("permissions"),
    summary="Get a user's permissions",
)
def list_permissions(work: Work, id: UserId, page: PageRequest) -> Page[UserPermissionView]:
    """What somebody was given directly, or by the roles they were given by name, and why."""
    rows = lists.permissions_of_user(work, users.get(work, id).user_id, page)
    described = render.Described(work, (api_id for api_id, _ in rows.items))
    why = lists.why(work, id, rows.items)
    views = []
    for api_id, permission in rows.items:
        plain = described.permission(api_id, permission)
        views.append(
            UserPermissionView(
                resource_server_identifier=plain.resource_server_identifier,
                permission_name=permission,
                resource_server_name=plain.resource_server_name,
                description=plain.description,
                sources=_sources(why[api_id, permission]),
            )
        )
    return Page.of(rows, views)


@api.post("/users/{id}/permissions", scopes={"update:users"}, summary="Assign permissions to a user")
def add_permissions(work: Work, id: UserId, body: Permissions) -> None:
    """Let somebody do these by themselves."""
    service.add_to_user(work, id, named(body))


@api.delete("/users/{id}/permissions", scopes={"update:users"}, summary="Remove permissions from a user")
def remove_permissions(work: Work, id: UserId, body: Permissions) -> None:
    """Take permissions from somebody that they were given directly."""
    service.remove_from_user(work, id, named(body))


def _sources(given: Given) -> list[PermissionSource]:
    direct = [PermissionSource(source_id="", source_name="", source_type="DIRECT")] if given.direct else []
    return direct + [
        PermissionSource(source_id=role.id, source_name=role.name, source_type="ROLE") for role in given.roles
    ]
