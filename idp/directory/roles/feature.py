"""The feature: roles, permissions of people, groups of directories."""

from __future__ import annotations

from sqlalchemy import ColumnElement, tuple_

from idp.directory.roles.models import GroupMember, UserPermission, UserRole
from idp.directory.roles.reactions import REACTIONS
from idp.foundation.db.personal import Personal, Whose, by_user_id
from idp.foundation.feature import Feature


def _memberships(whose: Whose) -> ColumnElement[bool]:
    return tuple_(GroupMember.connection_id, GroupMember.account_id).in_(whose.accounts)


FEATURE = Feature(
    name="roles",
    apis=(
        "idp.directory.roles.api",
        "idp.directory.roles.users_api",
        "idp.directory.roles.effective_api",
        "idp.directory.roles.groups_api",
    ),
    reactions=REACTIONS,
    personal=(
        Personal(model=UserRole, of=by_user_id(UserRole)),
        Personal(model=UserPermission, of=by_user_id(UserPermission)),
        Personal(model=GroupMember, of=_memberships),
    ),
)
