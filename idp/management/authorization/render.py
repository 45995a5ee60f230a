"""The extension's objects as its API shows them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec import UNSET

from idp.directory.authorization import service
from idp.directory.authorization.models import AuthorizationObject
from idp.directory.users.models import User
from idp.foundation.tenancy.work import Work
from idp.management.authorization.schemas import (
    ConfigurationView,
    GroupView,
    MappingView,
    PermissionView,
    RoleView,
    UserView,
)


def group(row: AuthorizationObject, members: Sequence[str] | None) -> GroupView:
    """A group, with who is in it where that is asked for."""
    said = row.document
    return GroupView(
        id=row.id,
        name=said["name"],
        description=said["description"],
        members=UNSET if members is None else list(members),
        roles=said.get("roles", []),
        nested=said.get("nested", []),
        mappings=list(map(mapping, said.get("mappings", []))),
    )


def mapping(said: dict[str, Any]) -> MappingView:
    """A mapping of a group."""
    return MappingView(groupName=said["groupName"], connectionName=said["connectionName"], id=said["_id"])


def role(row: AuthorizationObject, users: Sequence[str] | None = None) -> RoleView:
    """A role, with who was given it where that is asked for."""
    said = row.document
    return RoleView(
        id=row.id,
        name=said["name"],
        description=said["description"],
        applicationType=said["applicationType"],
        applicationId=said["applicationId"],
        permissions=said.get("permissions", []),
        users=UNSET if users is None else list(users),
    )


def permission(row: AuthorizationObject) -> PermissionView:
    """A permission."""
    said = row.document
    return PermissionView(
        id=row.id,
        name=said["name"],
        description=said["description"],
        applicationType=said["applicationType"],
        applicationId=said["applicationId"],
    )


def configuration(work: Work) -> ConfigurationView:
    """Every switch, on or off."""
    said = service.configuration(work)
    names = [name for name in ConfigurationView.__struct_fields__ if name != "id"]
    return ConfigurationView(id="v1", **{name: bool(said.get(name)) for name in names})


def user(row: User) -> UserView:
    """Somebody, in short."""
    return UserView(user_id=row.user_id, name=row.name or UNSET, email=row.email or UNSET)
