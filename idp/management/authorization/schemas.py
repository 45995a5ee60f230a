"""What the extension's API takes and shows, with the names that its clients know."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, UnsetType, field

from idp.foundation.apikit import Body, Query, View
from idp.foundation.kernel.formats import UserId

Id = Annotated[str, Meta(min_length=1, max_length=64)]
Ids = Annotated[list[Id], Meta(max_length=1000)]
UserIds = Annotated[list[UserId], Meta(min_length=1, max_length=1000)]
Texts = Annotated[list[Annotated[str, Meta(max_length=300)]], Meta(max_length=1000)]
Description = Annotated[str, Meta(min_length=1, max_length=500)]
GroupName = Annotated[str, Meta(min_length=1, max_length=50)]
Name = Annotated[str, Meta(min_length=1, max_length=100)]
ApplicationType = Literal["client", "resource_server"]


class NewMapping(Body):
    """A mapping to be made."""

    groupName: Annotated[str, Meta(min_length=1, max_length=300)]  # noqa: N815 - the extension's name
    connectionName: Annotated[str, Meta(min_length=1, max_length=128)]  # noqa: N815 - the extension's name


class GroupBody(Body):
    """POST and PUT of groups."""

    name: GroupName
    description: Description
    roles: Ids | UnsetType = UNSET
    nested: Ids | UnsetType = UNSET
    mappings: list[NewMapping] | UnsetType = UNSET
    members: Annotated[list[UserId], Meta(max_length=1000)] | UnsetType = UNSET


class RoleBody(Body):
    """POST and PUT of roles."""

    name: Name
    description: Description
    applicationType: ApplicationType  # noqa: N815 - the extension's name
    applicationId: Id  # noqa: N815 - the extension's name
    permissions: Ids | UnsetType = UNSET


class PermissionBody(Body):
    """POST and PUT of permissions."""

    name: Name
    description: Description
    applicationType: ApplicationType  # noqa: N815 - the extension's name
    applicationId: Id  # noqa: N815 - the extension's name


class ConfigurationBody(Body):
    """PATCH of the configuration."""

    groupsInToken: bool | UnsetType = UNSET  # noqa: N815 - the extension's name
    rolesInToken: bool | UnsetType = UNSET  # noqa: N815 - the extension's name
    permissionsInToken: bool | UnsetType = UNSET  # noqa: N815 - the extension's name
    persistGroups: bool | UnsetType = UNSET  # noqa: N815 - the extension's name
    persistRoles: bool | UnsetType = UNSET  # noqa: N815 - the extension's name
    persistPermissions: bool | UnsetType = UNSET  # noqa: N815 - the extension's name
    groupsPassthrough: bool | UnsetType = UNSET  # noqa: N815 - the extension's name
    rolesPassthrough: bool | UnsetType = UNSET  # noqa: N815 - the extension's name
    permissionsPassthrough: bool | UnsetType = UNSET  # noqa: N815 - the extension's name


class PolicyBody(Body):
    """POST of a policy."""

    connectionName: Annotated[str, Meta(min_length=1, max_length=128)]  # noqa: N815 - the extension's name
    groups: Texts | UnsetType = UNSET


class MappingView(View):
    """A mapping of a group."""

    groupName: str  # noqa: N815 - the extension's name
    connectionName: str  # noqa: N815 - the extension's name
    id: str = field(name="_id")


class GroupView(View):
    """A group."""

    id: str = field(name="_id")
    name: str
    description: str
    members: list[str] | UnsetType = UNSET
    roles: list[str] | UnsetType = UNSET
    nested: list[str] | UnsetType = UNSET
    mappings: list[MappingView] | UnsetType = UNSET


class PermissionView(View):
    """A permission."""

    id: str = field(name="_id")
    name: str
    description: str
    applicationType: str  # noqa: N815 - the extension's name
    applicationId: str  # noqa: N815 - the extension's name


class RoleView(View):
    """A role."""

    id: str = field(name="_id")
    name: str
    description: str
    applicationType: str  # noqa: N815 - the extension's name
    applicationId: str  # noqa: N815 - the extension's name
    permissions: list[str]
    users: list[str] | UnsetType = UNSET


class GroupsView(View):
    """All groups."""

    groups: list[GroupView]
    total: int


class RolesView(View):
    """All roles."""

    roles: list[RoleView]
    total: int


class PermissionsView(View):
    """All permissions."""

    permissions: list[PermissionView]
    total: int


class UserView(View):
    """Somebody, in short."""

    user_id: str
    name: str | UnsetType = UNSET
    email: str | UnsetType = UNSET


class MembersView(View):
    """Who is in a group."""

    users: list[UserView]
    total: int


class ApplicationView(View):
    """An application."""

    client_id: str
    name: str


class ConnectionView(View):
    """A connection."""

    id: str
    name: str
    strategy: str


class PolicyView(View):
    """What somebody has at an application."""

    groups: list[str]
    roles: list[str]
    permissions: list[str]


class ConfigurationView(View):
    """The configuration: every switch, on or off."""

    id: str = field(name="_id")
    groupsInToken: bool  # noqa: N815 - the extension's name
    rolesInToken: bool  # noqa: N815 - the extension's name
    permissionsInToken: bool  # noqa: N815 - the extension's name
    persistGroups: bool  # noqa: N815 - the extension's name
    persistRoles: bool  # noqa: N815 - the extension's name
    persistPermissions: bool  # noqa: N815 - the extension's name
    groupsPassthrough: bool  # noqa: N815 - the extension's name
    rolesPassthrough: bool  # noqa: N815 - the extension's name
    permissionsPassthrough: bool  # noqa: N815 - the extension's name


class ExportView(View):
    """Everything: what an import takes."""

    groups: list[GroupView]
    roles: list[RoleView]
    permissions: list[PermissionView]
    configuration: list[ConfigurationView]


class StatusView(View):
    """Whether the extension works: it does where this answers."""

    rule: dict[str, Any]
    extension: dict[str, Any]


class Paged(Query):
    """Which page of users."""

    page: Annotated[int, Meta(ge=0, le=9)] = 0
    per_page: Annotated[int, Meta(ge=1, le=100)] = 25


class ImportedMapping(Body, rename={"id": "_id"}):
    """A mapping of an export."""

    groupName: Annotated[str, Meta(min_length=1, max_length=300)]  # noqa: N815 - the extension's name
    connectionName: Annotated[str, Meta(min_length=1, max_length=128)]  # noqa: N815 - the extension's name
    id: Id


class ImportedGroup(Body, rename={"id": "_id"}):
    """A group of an export."""

    id: Id
    name: GroupName
    description: Description
    roles: Ids = field(default_factory=list)
    nested: Ids = field(default_factory=list)
    mappings: list[ImportedMapping] = field(default_factory=list)
    members: list[UserId] = field(default_factory=list)


class ImportedPermission(Body, rename={"id": "_id"}):
    """A permission of an export."""

    id: Id
    name: Name
    description: Description
    applicationType: ApplicationType  # noqa: N815 - the extension's name
    applicationId: Id  # noqa: N815 - the extension's name


class ImportedRole(Body, rename={"id": "_id"}):
    """A role of an export."""

    id: Id
    name: Name
    description: Description
    applicationType: ApplicationType  # noqa: N815 - the extension's name
    applicationId: Id  # noqa: N815 - the extension's name
    permissions: Ids = field(default_factory=list)
    users: list[UserId] = field(default_factory=list)


class ImportedConfiguration(ConfigurationBody, rename={"id": "_id"}):
    """The configuration of an export."""

    id: Id | UnsetType = UNSET


class ImportBody(Body):
    """POST of an import: an export, whole."""

    groups: list[ImportedGroup] = field(default_factory=list)
    roles: list[ImportedRole] = field(default_factory=list)
    permissions: list[ImportedPermission] = field(default_factory=list)
    configuration: Annotated[list[ImportedConfiguration], Meta(max_length=1)] = field(default_factory=list)
