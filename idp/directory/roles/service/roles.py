"""Roles themselves."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import delete as sql_delete
from sqlalchemy import func, select

from idp.directory.roles.models import GroupRole, Role, RolePermission, UserRole
from idp.foundation.kernel import clock, ids
from idp.foundation.kernel.access_events import RoleCreated, RoleDeleted, RoleUpdated
from idp.foundation.kernel.errors import BadRequest, Conflict, NotFound
from idp.foundation.tenancy.models import Tenant
from idp.foundation.tenancy.work import Work

MOST_ROLES = 1_000
"""Roles of a tenant."""


def get(work: Work, role_id: str) -> Role:
    """The role.

    :raises NotFound: there is none of that id.
    """
    row = work.rows.get(Role, (work.tenant_id, role_id))
    if row is None:
        raise missing()
    return row


def by_name(work: Work) -> list[tuple[Role, int]]:
    """Every role by its name, with how many people were given it."""
    counted = select(UserRole.role_id, func.count()).group_by(UserRole.role_id)
    people = dict(work.rows.execute(counted).tuples().all())
    return [(row, people.get(row.id, 0)) for row in work.rows.scalars(select(Role).order_by(Role.name, Role.id))]


def missing() -> NotFound:
    """A role that is not there."""
    return NotFound("The role does not exist.", "inexistent_role")


def locked_roles(work: Work, role_ids: Collection[str]) -> dict[str, Role]:
    """These roles by their ids, which nobody else changes or deletes until the transaction ends.

    :raises NotFound: one of them is not there.
    """
    wanted = sorted(set(role_ids))
    rows = work.rows.lock_all(select(Role).where(Role.id.in_(wanted)).order_by(Role.id))
    if len(rows) < len(wanted):
        raise missing()
    return {row.id: row for row in rows}


def create(work: Work, name: str, description: str | None = None) -> Role:
    """A new role without permissions.

    :raises Conflict: there is one of that name.
    :raises BadRequest: the tenant has too many.
    """
    work.rows.lock_one(Tenant, work.tenant_id)  # of two who want a name one is told that it is taken
    _refuse_taken(work, name, None)
    if int(work.rows.scalar(select(func.count()).select_from(Role)) or 0) >= MOST_ROLES:
        raise BadRequest(f"No more roles can be created: a tenant has {MOST_ROLES} at most.", "too_many_roles")
    moment = clock.now_ms()
    row = Role(
        tenant_id=work.tenant_id,
        id=ids.prefixed("rol"),
        name=name,
        description=description,
        created_at=moment,
        updated_at=moment,
    )
    work.rows.add(row)
    work.rows.flush()
    work.emit(RoleCreated(row.id, name))
    return row


def update(work: Work, role_id: str, changes: Mapping[str, Any]) -> Role:
    """Another name or description.

    :raises NotFound: there is no such role.
    :raises Conflict: another one has that name.
    """
    row = work.rows.lock(get(work, role_id))
    if changes.get("name") not in (None, row.name):
        work.rows.lock_one(Tenant, work.tenant_id)
        _refuse_taken(work, str(changes["name"]), row.id)
        row.name = str(changes["name"])
    if "description" in changes:
        row.description = changes["description"]
    row.updated_at = clock.now_ms()
    work.rows.flush()
    work.emit(RoleUpdated(row.id, tuple(changes)))
    return row


def delete(work: Work, role_id: str) -> None:
    """Remove a role from everybody who has it, and itself.

    :raises NotFound: there is no such role.
    """
    row = work.rows.lock(get(work, role_id))
    for model in (RolePermission, UserRole, GroupRole):
        work.rows.execute(sql_delete(model).where(model.role_id == row.id))
    work.rows.delete(row)
    work.rows.flush()
    work.emit(RoleDeleted(row.id, row.name))


def _refuse_taken(work: Work, name: str, own: str | None) -> None:
    taken = work.rows.scalars(select(Role.id).where(Role.name == name)).first()
    if taken is not None and taken != own:
        raise Conflict(f"A role with the name '{name[:80]}' already exists.")
