"""Roles (``/admin/users/roles``): permissions that people get together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, or_, select

from idp.admin.desk import operations
from idp.admin.desk.frame import Visit
from idp.admin.desk.history import tab as history
from idp.admin.desk.listing import MOST_COUNTED, counted, number
from idp.admin.desk.objects import Object
from idp.admin.desk.raw import tab as raw
from idp.admin.desk.resource import Action, Cell, Column, Done, Field, Listing, Resource, Section, Tab
from idp.applications.resource_servers.models import ResourceServer
from idp.directory.roles import api as roles
from idp.directory.roles import users_api
from idp.directory.roles.models import Role, RolePermission, UserRole
from idp.directory.users import api as users
from idp.foundation.kernel.folding import fold

MOST_SHOWN = 100
SETTINGS = (Section("basic", (Field("name"), Field("description", "area"))),)


def _search(text: str) -> Any:
    return or_(Role.name_folded.contains(fold(text), autoescape=True), Role.id == text)


_OF_ROLE = (UserRole.role_id == Role.id, UserRole.tenant_id == Role.tenant_id)
_IN_ROLE = (RolePermission.role_id == Role.id, RolePermission.tenant_id == Role.tenant_id)
LISTING = Listing(
    Role,
    Role.id,
    (
        Column("name", lambda row: Cell(row.name), sort=Role.name_folded),
        Column("description", lambda row: Cell(row.description or "")),
        Column("users", number, also=counted(UserRole, *_OF_ROLE, of=Role)),
        Column("permissions", number, also=counted(RolePermission, *_IN_ROLE, of=Role)),
        Column("created_at", lambda row: Cell(kind="time", at=row.created_at), sort=Role.created_at),
        Column("id", lambda row: Cell(row.id, "code"), optional=True),
    ),
    order="name",
    search=_search,
)


# ---- permissions
def _permissions(visit: Visit, there: Object) -> Mapping[str, Any]:
    rows = visit.work.rows
    statement = (
        select(RolePermission, ResourceServer)
        .join(ResourceServer, ResourceServer.id == RolePermission.resource_server_id)
        .where(RolePermission.role_id == there.id)
        .order_by(func.lower(ResourceServer.name), RolePermission.permission)
        .limit(MOST_SHOWN)
    )
    apis = rows.scalars(select(ResourceServer).order_by(func.lower(ResourceServer.name)).limit(MOST_SHOWN))
    return {
        "rows": [(api, row.permission) for row, api in rows.execute(statement)],
        "apis": list(apis),
        "may_change": operations.may(visit.work, roles.add_permissions),
    }


def _permission_body(visit: Visit) -> dict[str, Any]:
    name, api = visit.form.get("permission", "").strip(), visit.form.get("api", "")
    return {"permissions": [{"permission_name": name, "resource_server_identifier": api}]}


def _add_permission(visit: Visit, there: Object) -> Done:
    operations.call(visit.work, roles.add_permissions, there.parameters, _permission_body(visit))
    return Done("roles.done.permission", lands="permissions")


def _remove_permission(visit: Visit, there: Object) -> Done:
    operations.call(visit.work, roles.remove_permissions, there.parameters, _permission_body(visit))
    back = {name: visit.form.get(name, "") for name in ("permission", "api")}
    return Done("roles.done.permission-removed", back, undo="permission", lands="permissions")


# ---- people
def _users(visit: Visit, there: Object) -> Mapping[str, Any]:
    asked = {"per_page": str(MOST_SHOWN)}
    return {
        "people": operations.call(visit.work, roles.list_users, there.parameters, query=asked),
        "may_change": operations.may(visit.work, roles.assign_users),
        "most": MOST_SHOWN,
    }


def _assign(visit: Visit, there: Object) -> Done:
    """Give somebody the role, by id or by the address that they alone have."""
    named = visit.form.get("user", "").strip()
    asked = {"email": named, "fields": "user_id"}
    found = operations.call(visit.work, users.list_by_email, query=asked) if _is_address(named) else []
    who = next((each["user_id"] for each in found), named) if len(found) == 1 else named
    operations.call(visit.work, roles.assign_users, there.parameters, {"users": [who]})
    return Done("roles.done.assigned", lands="users")


def _is_address(text: str) -> bool:
    return "@" in text and "|" not in text


def _remove_user(visit: Visit, there: Object) -> Done:
    who = visit.form.get("user", "")
    operations.call(visit.work, users_api.remove_roles, {"id": who}, {"roles": [there.id]})
    return Done("roles.done.user-removed", {"user": who}, undo="user", lands="users")


def _delete(visit: Visit, there: Object) -> None:
    operations.call(visit.work, roles.delete_role, there.parameters)


def _goes(visit: Visit, there: Object) -> Mapping[str, int]:
    having = select(UserRole.user_id).where(UserRole.role_id == there.id).limit(MOST_COUNTED).subquery()
    holding = select(func.count()).select_from(RolePermission).where(RolePermission.role_id == there.id)
    rows = visit.work.rows
    return {
        "users": int(rows.scalar(select(func.count()).select_from(having)) or 0),
        "permissions": int(rows.scalar(holding) or 0),
    }


RESOURCES = (
    Resource(
        group="users",
        name="roles",
        read=roles.get_role,
        all=roles.list_roles,
        create=roles.create_role,
        update=roles.update_role,
        remove=roles.delete_role,
        listing=LISTING,
        creation=SETTINGS,
        tabs=(
            Tab("settings", SETTINGS),
            Tab("permissions", template="admin/roles/permissions.html", view=_permissions),
            Tab("users", template="admin/roles/users.html", view=_users, needs=roles.list_users),
            raw(),
            history(),
        ),
        actions=(
            Action("permission", roles.add_permissions, _add_permission, tab="permissions"),
            Action("permission-removed", roles.remove_permissions, _remove_permission, tab="permissions"),
            Action("user", roles.assign_users, _assign, tab="users"),
            Action("user-removed", users_api.remove_roles, _remove_user, tab="users"),
            Action("delete", roles.delete_role, _delete, True, True, True, True, counts=_goes),
        ),
        lands="permissions",
        aliases=("RBAC", "User Management"),
        api="roles",
        deploy="roles",
    ),
)
