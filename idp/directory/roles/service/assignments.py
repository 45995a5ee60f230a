"""Which roles people have."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence

from sqlalchemy import delete as sql_delete
from sqlalchemy import select

from idp.directory.roles.models import UserPermission, UserRole
from idp.directory.roles.service.roles import locked_roles
from idp.directory.users import service as users
from idp.directory.users.models import User
from idp.foundation.kernel import clock
from idp.foundation.kernel.access_events import UserRolesChanged
from idp.foundation.kernel.errors import BadRequest, NotFound
from idp.foundation.tenancy.work import Work
from idp.tenant.audit import writes

MOST_ROLES_OF_USER = 50
"""Roles that one person is given by name; those of their groups count apart."""


def assign_roles(work: Work, user_id: str, role_ids: Collection[str]) -> None:
    """Give somebody these roles. Those they have already are no error.

    :raises NotFound: there is no such user or role.
    :raises BadRequest: they would have too many.
    """
    users.get(work, user_id)
    _assign(work, [user_id], sorted(locked_roles(work, role_ids)))


def assign_users(work: Work, role_id: str, user_ids: Collection[str]) -> None:
    """Give these people a role.

    :raises NotFound: there is no such role or user.
    :raises BadRequest: one of them would have too many.
    """
    _assign(work, sorted(set(user_ids)), sorted(locked_roles(work, [role_id])))


def remove_roles(work: Work, user_id: str, role_ids: Collection[str]) -> None:
    """Take these roles away again. What they do not have is no error; what groups give stays.

    :raises NotFound: there is no such user.
    """
    work.rows.lock_one(User, users.get(work, user_id).user_id)
    mine = (UserRole.user_id == user_id, UserRole.role_id.in_(set(role_ids)))
    gone = work.rows.scalars(select(UserRole.role_id).where(*mine).order_by(UserRole.role_id)).all()
    work.rows.execute(sql_delete(UserRole).where(*mine))
    if gone:
        writes.note(work, "users", user_id, "roles", old=list(gone))
    work.emit(UserRolesChanged((user_id,)))


def erase_of_users(work: Work, user_ids: Sequence[str]) -> None:
    """No row mentions these users, who are gone."""
    for model in (UserRole, UserPermission):
        work.rows.execute(sql_delete(model).where(model.user_id.in_(user_ids)))


def _assign(work: Work, user_ids: Sequence[str], role_ids: Sequence[str]) -> None:
    """Roles are locked; people are by now, in the order of their ids."""
    people = work.rows.lock_all(select(User).where(User.user_id.in_(user_ids)).order_by(User.user_id))
    if len(people) < len(user_ids):
        raise NotFound("The user does not exist.", "inexistent_user")
    rows = work.rows.scalars(select(UserRole).where(UserRole.user_id.in_(user_ids))).all()
    had = {(row.user_id, row.role_id) for row in rows}
    counted = Counter(row.user_id for row in rows)
    moment = clock.now_ms()
    for user_id in user_ids:
        new = [role_id for role_id in role_ids if (user_id, role_id) not in had]
        if counted[user_id] + len(new) > MOST_ROLES_OF_USER:
            raise BadRequest(
                f"No more roles can be assigned to this user: it has {MOST_ROLES_OF_USER} at most.", "too_many_roles"
            )
        work.rows.add_all(
            UserRole(tenant_id=work.tenant_id, user_id=user_id, role_id=role_id, created_at=moment) for role_id in new
        )
        if new:
            writes.note(work, "users", user_id, "roles", new=new)
    work.rows.flush()
    work.emit(UserRolesChanged(tuple(user_ids)))
