"""What happens to roles, permissions, groups and administrators; :mod:`idp.foundation.kernel.events` has the rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from idp.foundation.kernel.events import Event


# ---- roles and groups
@dataclass(frozen=True)
class RoleCreated(Event):
    """A role exists from now on; nobody has it yet."""

    role_id: str
    name: str


@dataclass(frozen=True)
class RoleUpdated(Event):
    """Members named in ``changed`` have new values."""

    role_id: str
    changed: Sequence[str]


@dataclass(frozen=True)
class RoleDeleted(Event):
    """A role is gone: nobody has it any more."""

    role_id: str
    name: str


@dataclass(frozen=True)
class RolePermissionsChanged(Event):
    """What a role lets people do changed."""

    role_id: str


@dataclass(frozen=True)
class UserRolesChanged(Event):
    """Which roles these people were given by name changed."""

    user_ids: Sequence[str]


@dataclass(frozen=True)
class UserPermissionsChanged(Event):
    """What somebody may do by themselves, whatever their roles, changed."""

    user_id: str


@dataclass(frozen=True)
class GroupRolesChanged(Event):
    """Which roles the members of these groups have changed."""

    group_ids: Sequence[str]


@dataclass(frozen=True)
class DirectoryGroupDeleted(Event):
    """An administrator removed a group, which its directory knows by ``source_id``."""

    group_id: str
    connection_id: str
    source_id: str


# ---- administrators
@dataclass(frozen=True)
class MemberAdded(Event):
    """A user administers the tenant from now on."""

    user_id: str
    roles: Sequence[str]


@dataclass(frozen=True)
class MemberChanged(Event):
    """An administrator has other roles."""

    user_id: str
    roles: Sequence[str]


@dataclass(frozen=True)
class MemberRemoved(Event):
    """A user administers nothing any more."""

    user_id: str
