"""Groups of directories: who brings them says who is in them, administrators say which roles that gives."""

from __future__ import annotations

import secrets
from collections.abc import Collection

from sqlalchemy import and_, exists, select
from sqlalchemy import delete as sql_delete
from sqlalchemy import update as sql_update

from idp.directory.roles.models import Group, GroupMember, GroupRole
from idp.directory.roles.service.roles import locked_roles
from idp.directory.users.models import Identity
from idp.foundation.kernel import clock
from idp.foundation.kernel.access_events import DirectoryGroupDeleted, GroupRolesChanged
from idp.foundation.kernel.errors import BadRequest, NotFound
from idp.foundation.tenancy.work import Work

MOST_ROLES_OF_GROUP = 50
_AT_ONCE = 500
_SAME = and_(
    Identity.connection_id == GroupMember.connection_id,
    Identity.identity_user_id == GroupMember.account_id,
    Identity.tenant_id == GroupMember.tenant_id,
)
_LETTERS = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def get_group(work: Work, group_id: str) -> Group:
    """The group.

    :raises NotFound: there is none of that id.
    """
    row = work.rows.get(Group, (work.tenant_id, group_id))
    if row is None:
        raise NotFound("The group does not exist.", "inexistent_group")
    return row


def keep_group(
    work: Work, connection_id: str, source_id: str, name: str, external_id: str | None, accounts: Collection[str]
) -> None:
    """The directory of a connection says what this group of its is called and which accounts are in it."""
    found = work.rows.scalars(
        select(Group).where(Group.connection_id == connection_id, Group.source_id == source_id)
    ).first()
    moment = clock.now_ms()
    if found is None:
        found = Group(
            tenant_id=work.tenant_id,
            id="grp_" + "".join(secrets.choice(_LETTERS) for _ in range(22)),
            connection_id=connection_id,
            source_id=source_id,
            name=name,
            external_id=external_id,
            created_at=moment,
            updated_at=moment,
        )
        work.rows.add(found)
        work.rows.flush()
    else:
        found = work.rows.lock(found)
        found.name, found.external_id, found.updated_at = name, external_id, moment
    had = set(work.rows.scalars(select(GroupMember.account_id).where(GroupMember.group_id == found.id)))
    _leave(work, found.id, had - set(accounts))
    work.rows.add_all(
        GroupMember(
            tenant_id=work.tenant_id,
            group_id=found.id,
            account_id=account,
            connection_id=connection_id,
            created_at=moment,
        )
        for account in sorted(set(accounts) - had)
    )
    work.rows.flush()


def delete_group(work: Work, group_id: str) -> None:
    """Remove a group, whose directory may bring it anew.

    :raises NotFound: there is no such group.
    """
    row = work.rows.lock(get_group(work, group_id))
    _forget(work, [row.id])
    work.emit(DirectoryGroupDeleted(row.id, row.connection_id, row.source_id))


def forget_groups_of(work: Work, connection_id: str, source_id: str | None = None) -> None:
    """The directory of a connection has that group no longer, or (None) tells of no groups any more."""
    statement = select(Group.id).where(Group.connection_id == connection_id)
    if source_id is not None:
        statement = statement.where(Group.source_id == source_id)
    _forget(work, work.rows.scalars(statement).all())


def forget_account(work: Work, connection_id: str, account_id: str) -> None:
    """The directory has that account no longer: it is in no group."""
    work.rows.execute(
        sql_delete(GroupMember).where(GroupMember.account_id == account_id, GroupMember.connection_id == connection_id)
    )


def forget_accounts_of(work: Work, user_id: str) -> None:
    """Somebody is about to be deleted: none of their accounts is in a group any more."""
    theirs = exists(select(Identity.user_id).where(Identity.user_id == user_id, _SAME))
    work.rows.execute(sql_delete(GroupMember).where(theirs))


def rename_member(work: Work, connection_id: str, before: str, now: str) -> None:
    """An account goes by another id, in whatever groups it is."""
    work.rows.execute(
        sql_update(GroupMember)
        .where(GroupMember.account_id == before, GroupMember.connection_id == connection_id)
        .values(account_id=now)
    )


def assign_roles_to_group(work: Work, group_ids: Collection[str], role_ids: Collection[str]) -> None:
    """Give every member of these groups these roles.

    :raises NotFound: there is no such group or role.
    :raises BadRequest: a group would have too many.
    """
    roles = sorted(locked_roles(work, role_ids))
    wanted = sorted(set(group_ids))
    groups = work.rows.lock_all(select(Group).where(Group.id.in_(wanted)).order_by(Group.id))
    if len(groups) < len(wanted):
        raise NotFound("The group does not exist.", "inexistent_group")
    rows = work.rows.scalars(select(GroupRole).where(GroupRole.group_id.in_(wanted))).all()
    had = {(row.group_id, row.role_id) for row in rows}
    moment = clock.now_ms()
    for group_id in wanted:
        new = [role_id for role_id in roles if (group_id, role_id) not in had]
        if sum(row.group_id == group_id for row in rows) + len(new) > MOST_ROLES_OF_GROUP:
            raise BadRequest(
                f"No more roles can be assigned to this group: it has {MOST_ROLES_OF_GROUP} at most.", "too_many_roles"
            )
        work.rows.add_all(
            GroupRole(tenant_id=work.tenant_id, group_id=group_id, role_id=role_id, created_at=moment)
            for role_id in new
        )
    work.rows.flush()
    work.emit(GroupRolesChanged(tuple(wanted)))


def remove_roles_of_group(work: Work, group_ids: Collection[str], role_ids: Collection[str]) -> None:
    """Take these roles from these groups again. What they do not have is no error."""
    wanted = sorted(set(group_ids))
    work.rows.execute(sql_delete(GroupRole).where(GroupRole.group_id.in_(wanted), GroupRole.role_id.in_(set(role_ids))))
    work.emit(GroupRolesChanged(tuple(wanted)))


def _forget(work: Work, group_ids: Collection[str]) -> None:
    ordered = sorted(group_ids)
    for start in range(0, len(ordered), _AT_ONCE):
        some = ordered[start : start + _AT_ONCE]
        for model in (GroupMember, GroupRole):
            work.rows.execute(sql_delete(model).where(model.group_id.in_(some)))
        work.rows.execute(sql_delete(Group).where(Group.id.in_(some)))


def _leave(work: Work, group_id: str, accounts: Collection[str]) -> None:
    ordered = sorted(accounts)
    for start in range(0, len(ordered), _AT_ONCE):
        some = ordered[start : start + _AT_ONCE]
        work.rows.execute(
            sql_delete(GroupMember).where(GroupMember.group_id == group_id, GroupMember.account_id.in_(some))
        )
