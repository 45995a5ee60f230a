"""Who has what, and why: the reading side of roles, as lists show it. Tokens ask :mod:`.runtime`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, Select, and_, func, select, tuple_, union

from idp.directory.roles.models import (
    Group,
    GroupMember,
    GroupRole,
    Role,
    RolePermission,
    UserPermission,
    UserRole,
)
from idp.directory.users.models import Identity
from idp.foundation.db.paging import Rows, Wanted
from idp.foundation.tenancy.work import Work

Permission = tuple[str, str]
"""The id of an API, and the value of its scope."""


@dataclass(frozen=True)
class EffectiveRole:
    """A role that somebody has: given by name, by their groups, or both."""

    role: Role
    direct: bool
    groups: bool

    @property
    def sources(self) -> list[str]:
        """In the words of the Management API."""
        return [name for name, given in (("direct", self.direct), ("groups", self.groups)) if given]


@dataclass
class Given:
    """Why somebody has a permission."""

    direct: bool = False
    roles: list[Role] = field(default_factory=list)


def users_roles(work: Work, user_id: str) -> Select[Role]:
    """The roles that somebody was given by name."""
    return (
        select(Role)
        .join(UserRole, and_(UserRole.tenant_id == Role.tenant_id, UserRole.role_id == Role.id))
        .where(UserRole.tenant_id == work.tenant_id, UserRole.user_id == user_id)
    )


def groups_of_user(work: Work, user_id: str) -> Select[Group, GroupMember]:
    """The groups that accounts of somebody are in, with since when."""
    return (
        select(Group, GroupMember)
        .join(GroupMember, and_(GroupMember.tenant_id == Group.tenant_id, GroupMember.group_id == Group.id))
        .join(Identity, _ACCOUNT)
        .where(Identity.tenant_id == work.tenant_id, Identity.user_id == user_id)
    )


def effective_roles(work: Work, user_id: str) -> list[EffectiveRole]:
    """Every role of somebody, by name."""
    direct = set(work.rows.scalars(select(UserRole.role_id).where(UserRole.user_id == user_id)))
    by_groups = set(work.rows.scalars(_roles_by_groups(work, user_id)))
    rows = work.rows.scalars(select(Role).where(Role.id.in_(direct | by_groups)).order_by(Role.name, Role.id))
    return [EffectiveRole(row, row.id in direct, row.id in by_groups) for row in rows]


def groups_that_give(work: Work, user_id: str, role_id: str) -> list[Group]:
    """The groups by which somebody has a role, by name."""
    gives = and_(GroupRole.tenant_id == Group.tenant_id, GroupRole.group_id == Group.id, GroupRole.role_id == role_id)
    statement = groups_of_user(work, user_id).join(GroupRole, gives).with_only_columns(Group)
    found = {row.id: row for row in work.rows.scalars(statement)}
    return sorted(found.values(), key=lambda each: (each.name, each.id))


def effective_permissions(work: Work, user_id: str, api_id: str) -> dict[str, Given]:
    """What somebody may do with one API, by permission in alphabetical order, and why."""
    found: dict[str, Given] = defaultdict(Given)
    own = select(UserPermission.permission).where(
        UserPermission.user_id == user_id, UserPermission.resource_server_id == api_id
    )
    for permission in work.rows.scalars(own):
        found[permission].direct = True
    roles = {each.role.id: each.role for each in effective_roles(work, user_id)}
    by_roles = select(RolePermission).where(
        RolePermission.role_id.in_(roles), RolePermission.resource_server_id == api_id
    )
    for row in work.rows.scalars(by_roles.order_by(RolePermission.role_id)):
        found[row.permission].roles.append(roles[row.role_id])
    return dict(sorted(found.items()))


def permissions_of_user(work: Work, user_id: str, wanted: Wanted) -> Rows:
    """A page of what somebody was given directly or by the roles they were given by name: rows are permissions."""
    own = select(UserPermission.resource_server_id, UserPermission.permission).where(_own(work, user_id))
    by_roles = (
        select(RolePermission.resource_server_id, RolePermission.permission)
        .join(
            UserRole, and_(UserRole.tenant_id == RolePermission.tenant_id, UserRole.role_id == RolePermission.role_id)
        )
        .where(UserRole.tenant_id == work.tenant_id, UserRole.user_id == user_id)
    )
    both = union(own, by_roles).subquery()
    total = work.rows.scalar(select(func.count()).select_from(both)) if wanted.wants_total else None
    columns = both.c.resource_server_id, both.c.permission
    page = select(*columns).order_by(*columns).limit(wanted.limit).offset(wanted.start)
    return Rows([(row.resource_server_id, row.permission) for row in work.rows.execute(page)], total)


def why(work: Work, user_id: str, permissions: Sequence[Permission]) -> dict[Permission, Given]:
    """Why somebody has these: given directly, and which of the roles given by name."""
    found: dict[Permission, Given] = defaultdict(Given)
    own = select(UserPermission).where(
        _own(work, user_id), _any_of(UserPermission.resource_server_id, UserPermission.permission, permissions)
    )
    for row in work.rows.scalars(own):
        found[row.resource_server_id, row.permission].direct = True
    by_roles = (
        select(RolePermission.resource_server_id, RolePermission.permission, Role)
        .join(Role, and_(Role.tenant_id == RolePermission.tenant_id, Role.id == RolePermission.role_id))
        .join(UserRole, and_(UserRole.tenant_id == Role.tenant_id, UserRole.role_id == Role.id))
        .where(
            UserRole.tenant_id == work.tenant_id,
            UserRole.user_id == user_id,
            _any_of(RolePermission.resource_server_id, RolePermission.permission, permissions),
        )
        .order_by(Role.name, Role.id)
    )
    for api_id, permission, role in work.rows.execute(by_roles):
        found[api_id, permission].roles.append(role)
    return found


_ACCOUNT = and_(
    Identity.tenant_id == GroupMember.tenant_id,
    Identity.connection_id == GroupMember.connection_id,
    Identity.identity_user_id == GroupMember.account_id,
)


def _roles_by_groups(work: Work, user_id: str) -> Select[str]:
    return (
        select(GroupRole.role_id)
        .join(
            GroupMember,
            and_(GroupMember.tenant_id == GroupRole.tenant_id, GroupMember.group_id == GroupRole.group_id),
        )
        .join(Identity, _ACCOUNT)
        .where(Identity.tenant_id == work.tenant_id, Identity.user_id == user_id)
    )


def _own(work: Work, user_id: str) -> ColumnElement[bool]:
    return and_(UserPermission.tenant_id == work.tenant_id, UserPermission.user_id == user_id)


def _any_of(api_id: object, permission: object, some: Iterable[Permission]) -> ColumnElement[bool]:
    return tuple_(api_id, permission).in_(list(some))
