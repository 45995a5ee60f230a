"""Permissions that roles and people are given. One exists as long as the API has a scope of that value."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import ColumnElement, func, select, tuple_
from sqlalchemy import delete as sql_delete

from idp.applications.resource_servers.models import ResourceServer
from idp.directory.roles.models import Role, RolePermission, UserPermission
from idp.directory.roles.service.roles import get, missing
from idp.directory.users import service as users
from idp.directory.users.models import User
from idp.foundation.kernel import clock
from idp.foundation.kernel.access_events import RolePermissionsChanged, UserPermissionsChanged
from idp.foundation.kernel.errors import BadRequest, NotFound
from idp.foundation.tenancy.work import Work
from idp.tenant.audit import writes

MOST_PERMISSIONS = 1_000
"""Permissions of one role, and that one person is given directly."""
_AT_ONCE = 500
ModelT = TypeVar("ModelT", RolePermission, UserPermission)


@dataclass(frozen=True)
class Named:
    """A permission as the Management API names it."""

    resource_server_identifier: str
    permission_name: str


@dataclass(frozen=True)
class _Known:
    api_id: str
    permission: str


def add_to_role(work: Work, role_id: str, named: Sequence[Named]) -> None:
    """Let whoever has the role do these too. What it may do already is no error.

    :raises NotFound: there is no such role or API.
    :raises BadRequest: an API has no such permission, or the role gets too many.
    """
    known = _known(work, named)
    role = work.rows.lock_one(Role, role_id)
    if role is None:
        raise missing()
    new = _new(work, RolePermission, RolePermission.role_id == role_id, known, "role")
    work.rows.add_all(
        RolePermission(
            tenant_id=work.tenant_id, role_id=role_id, resource_server_id=each.api_id, permission=each.permission
        )
        for each in new
    )
    work.rows.flush()
    writes.note(work, "roles", role_id, "permissions", new=[each.permission for each in new])
    work.emit(RolePermissionsChanged(role_id))


def remove_from_role(work: Work, role_id: str, named: Sequence[Named]) -> None:
    """Take these away again. What the role did not have, or nobody can have, is no error.

    :raises NotFound: there is no such role.
    """
    work.rows.lock(get(work, role_id))
    _remove(work, RolePermission, RolePermission.role_id == role_id, named)
    writes.note(work, "roles", role_id, "permissions", old=[each.permission_name for each in named])
    work.emit(RolePermissionsChanged(role_id))


def add_to_user(work: Work, user_id: str, named: Sequence[Named]) -> None:
    """Let somebody do these by themselves, whatever roles they have.

    :raises NotFound: there is no such user or API.
    :raises BadRequest: an API has no such permission, or they get too many.
    """
    users.get(work, user_id)
    known = _known(work, named)
    work.rows.lock(users.get(work, user_id))
    new = _new(work, UserPermission, UserPermission.user_id == user_id, known, "user")
    moment = clock.now_ms()
    work.rows.add_all(
        UserPermission(
            tenant_id=work.tenant_id,
            user_id=user_id,
            resource_server_id=each.api_id,
            permission=each.permission,
            created_at=moment,
        )
        for each in new
    )
    work.rows.flush()
    writes.note(work, "users", user_id, "permissions", new=[each.permission for each in new])
    work.emit(UserPermissionsChanged(user_id))


def remove_from_user(work: Work, user_id: str, named: Sequence[Named]) -> None:
    """Take these away again; what roles give stays.

    :raises NotFound: there is no such user.
    """
    work.rows.lock_one(User, users.get(work, user_id).user_id)
    _remove(work, UserPermission, UserPermission.user_id == user_id, named)
    writes.note(work, "users", user_id, "permissions", old=[each.permission_name for each in named])
    work.emit(UserPermissionsChanged(user_id))


def forget_permissions(work: Work, api_id: str, values: Collection[str]) -> None:
    """An API has these scopes no longer: nobody has them."""
    gone = sorted(values)
    for start in range(0, len(gone), _AT_ONCE):
        some = gone[start : start + _AT_ONCE]
        for model in (RolePermission, UserPermission):
            work.rows.execute(sql_delete(model).where(model.resource_server_id == api_id, model.permission.in_(some)))


def forget_api(work: Work, api_id: str) -> None:
    """An API is gone, and with it whatever anybody could do with it."""
    for model in (RolePermission, UserPermission):
        work.rows.execute(sql_delete(model).where(model.resource_server_id == api_id))


def _known(work: Work, named: Iterable[Named]) -> list[_Known]:
    """The permissions by the ids of their APIs, which stay as they are until the transaction ends: an API that drops a
    scope at the same moment takes this one along.
    """
    wanted = list(dict.fromkeys(named))
    identifiers = sorted({each.resource_server_identifier for each in wanted})
    statement = select(ResourceServer).where(ResourceServer.identifier.in_(identifiers))
    apis = {row.identifier: row for row in work.rows.lock_all(statement.order_by(ResourceServer.id))}
    unknown = next((each for each in identifiers if each not in apis), None)
    if unknown is not None:
        raise NotFound(f"The resource server '{unknown[:200]}' does not exist", "inexistent_resource_server")
    offered = {name: {scope["value"] for scope in row.data.get("scopes") or ()} for name, row in apis.items()}
    for each in wanted:
        if each.permission_name not in offered[each.resource_server_identifier]:
            raise BadRequest(
                f"The permission '{each.permission_name[:80]}' does not exist in the resource server "
                f"'{each.resource_server_identifier[:200]}'.",
                "inexistent_permission",
            )
    return [_Known(apis[each.resource_server_identifier].id, each.permission_name) for each in wanted]


def _new(
    work: Work, model: type[ModelT], whose: ColumnElement[bool], known: Sequence[_Known], who: str
) -> list[_Known]:
    """Those of ``known`` that are not there yet. The row above is locked."""
    had = {
        _Known(row.resource_server_id, row.permission)
        for start in range(0, len(known), _AT_ONCE)
        for row in work.rows.scalars(select(model).where(whose, _any_of(model, known[start : start + _AT_ONCE])))
    }
    new = [each for each in known if each not in had]
    count = int(work.rows.scalar(select(func.count()).select_from(model).where(whose)) or 0)
    if count + len(new) > MOST_PERMISSIONS:
        raise BadRequest(
            f"No more permissions can be assigned to this {who}: it has {MOST_PERMISSIONS} at most.",
            "too_many_permissions",
        )
    return new


def _remove(work: Work, model: type[ModelT], whose: ColumnElement[bool], named: Sequence[Named]) -> None:
    identifiers = sorted({each.resource_server_identifier for each in named})
    rows = work.rows.scalars(select(ResourceServer).where(ResourceServer.identifier.in_(identifiers)))
    by_identifier = {row.identifier: row.id for row in rows}
    gone = [
        _Known(by_identifier[each.resource_server_identifier], each.permission_name)
        for each in dict.fromkeys(named)
        if each.resource_server_identifier in by_identifier
    ]
    for start in range(0, len(gone), _AT_ONCE):
        work.rows.execute(sql_delete(model).where(whose, _any_of(model, gone[start : start + _AT_ONCE])))


def _any_of(model: type[ModelT], some: Sequence[_Known]) -> ColumnElement[bool]:
    return tuple_(model.resource_server_id, model.permission).in_([(each.api_id, each.permission) for each in some])
