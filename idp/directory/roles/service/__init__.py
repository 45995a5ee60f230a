"""Use cases on roles, permissions and groups: the only place that writes their rows and emits their news."""

from idp.directory.roles.service.assignments import (
    MOST_ROLES_OF_USER,
    assign_roles,
    assign_users,
    erase_of_users,
    remove_roles,
)
from idp.directory.roles.service.groups import (
    assign_roles_to_group,
    delete_group,
    forget_account,
    forget_accounts_of,
    forget_groups_of,
    get_group,
    keep_group,
    remove_roles_of_group,
    rename_member,
)
from idp.directory.roles.service.permissions import (
    MOST_PERMISSIONS,
    Named,
    add_to_role,
    add_to_user,
    forget_api,
    forget_permissions,
    remove_from_role,
    remove_from_user,
)
from idp.directory.roles.service.roles import MOST_ROLES, by_name, create, delete, get, locked_roles, update

__all__ = [
    "MOST_PERMISSIONS",
    "MOST_ROLES",
    "MOST_ROLES_OF_USER",
    "Named",
    "add_to_role",
    "add_to_user",
    "assign_roles",
    "assign_roles_to_group",
    "assign_users",
    "by_name",
    "create",
    "delete",
    "delete_group",
    "erase_of_users",
    "forget_account",
    "forget_accounts_of",
    "forget_api",
    "forget_groups_of",
    "forget_permissions",
    "get",
    "get_group",
    "keep_group",
    "locked_roles",
    "remove_from_role",
    "remove_from_user",
    "remove_roles",
    "remove_roles_of_group",
    "rename_member",
    "update",
]
