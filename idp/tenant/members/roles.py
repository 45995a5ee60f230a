"""What the roles of administrators let them do: scopes of the Management API by pattern, and a few rights of our own
(spec/dashboard.md, "Administrators"; names of Auth0's dashboard roles).

A pattern is ``verb:thing``; a star on either side is all of it. ``never`` takes away again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

READ_MEMBERS, UPDATE_MEMBERS = "read:members", "update:members"
UPDATE_ACCESS_LIST = "update:access_list"
READ_INSTALLATION = "read:installation"
OWN_RIGHTS: Final = frozenset({READ_MEMBERS, UPDATE_MEMBERS, UPDATE_ACCESS_LIST, READ_INSTALLATION})
"""Rights that no scope of the Management API stands for: who administers, from where, and how the installation itself
is, which is the business of the default tenant alone.
"""
OWNER: Final = "Owner"
ADMIN: Final = "Admin"
DEMO: Final = "Demo"
SPECIFIC_APPS: Final = "Editor - Specific Apps"
_OF_THEMSELVES = "current_user"

_PEOPLE = (
    "users",
    "users_app_metadata",
    "user_tickets",
    "user_effective_permissions",
    "user_effective_roles",
    "user_permission_source_roles",
    "user_role_source_groups",
    "role_members",
    "grants",
    "sessions",
    "refresh_tokens",
    "device_credentials",
    "anomaly_blocks",
    "authentication_methods",
    "guardian_enrollments",
    "guardian_enrollment_tickets",
    "group_members",
    "logs_users",
)
_KEYS = ("signing_keys", "custom_signing_keys", "encryption_keys")
_ORGANIZATIONS = (
    "organizations",
    "organizations_summary",
    "organization_clients",
    "organization_client_grants",
    "organization_connections",
    "organization_discovery_domains",
    "organization_group_roles",
    "organization_groups",
    "organization_invitations",
    "organization_member_effective_roles",
    "organization_member_role_source_groups",
    "organization_member_roles",
    "organization_members",
)
_CONNECTIONS = (
    "connections",
    "connections_keys",
    "connection_profiles",
    "scim_config",
    "scim_token",
    "directory_provisionings",
)
_OF_APPS = ("clients", "client_keys", "client_credentials", "client_grants")
"""What is an application's own. Which APIs it may ask at all is not: grants are made and taken back by others."""
_SECRETS = ("client_keys", "user_idp_tokens", "rules_configs", "scim_token")
"""What shows secrets, or tokens of sources."""
_LISTS = ("read:roles",)
"""What is given to people: pages about them show names of other things, and open none of those."""


@dataclass(frozen=True)
class Role:
    """``covers`` are the roles whose holders somebody of this one may change, and which they may give; an Owner covers
    every role.
    """

    does: str
    grants: tuple[str, ...]
    never: tuple[str, ...] = ()
    covers: frozenset[str] = frozenset()
    of_clients: bool = False
    """Whether it is for some applications only, which the member names."""
    shows: bool = False
    """Whether it shows the product and nobody's data: what it sees of people is masked, and it stands alone."""


def _all(verb: str, things: Iterable[str]) -> tuple[str, ...]:
    return tuple(f"{verb}:{thing}" for thing in things)


_EDITORS = (
    "Editor - Users",
    "Editor - Organizations",
    "Editor - Connections",
    "Editor - Key Management",
    SPECIFIC_APPS,
    "Viewer - Users",
    "Viewer - Config",
    "Auditor",
)
ROLES: Final[Mapping[str, Role]] = {
    OWNER: Role("everything, administrators and keys included", ("*:*", *sorted(OWN_RIGHTS))),
    ADMIN: Role(
        "everything but administrators, keys and where administrators come from",
        ("*:*", READ_MEMBERS),
        never=tuple(pattern for verb in ("create", "update", "delete") for pattern in _all(verb, _KEYS)),
        covers=frozenset({ADMIN, *_EDITORS, DEMO}),
    ),
    "Editor - Users": Role(
        "people: make, change, block and delete them",
        (*_all("*", _PEOPLE), *_LISTS),
        covers=frozenset({"Editor - Users", "Viewer - Users"}),
    ),
    "Editor - Organizations": Role(
        "organizations and their members",
        (*_all("*", _ORGANIZATIONS), *_LISTS, "read:users", "read:connections"),
        covers=frozenset({"Editor - Organizations"}),
    ),
    "Editor - Connections": Role(
        "sources of people",
        _all("*", _CONNECTIONS),
        covers=frozenset({"Editor - Connections"}),
    ),
    "Editor - Key Management": Role(
        "signing and encryption keys",
        (*_all("*", _KEYS), "read:tenant_settings"),
        covers=frozenset({"Editor - Key Management"}),
    ),
    SPECIFIC_APPS: Role(
        "change some applications",
        (
            *_all("read", (*_OF_APPS, "connections", "resource_servers")),
            *_all("update", _OF_APPS),
        ),
        covers=frozenset({SPECIFIC_APPS}),
        of_clients=True,
    ),
    "Viewer - Users": Role(
        "see people",
        (*_all("read", _PEOPLE), *_LISTS),
        covers=frozenset({"Viewer - Users"}),
    ),
    "Viewer - Config": Role(
        "see settings, and no secrets",
        ("read:*",),
        never=_all("read", (*_PEOPLE, *_SECRETS, "logs", *_ORGANIZATIONS[8:])),
        covers=frozenset({"Viewer - Config"}),
    ),
    "Auditor": Role("see the log", _all("read", ("logs", "logs_users", "stats")), covers=frozenset({"Auditor"})),
    DEMO: Role(
        "see everything with addresses and numbers of people hidden, and change nothing",
        ("read:*", READ_MEMBERS),
        never=_all("read", _SECRETS),
        shows=True,
    ),
}
"""In the order in which they are listed."""


def rights(roles: Iterable[str], offered: Iterable[str]) -> frozenset[str]:
    """Everything that these roles let somebody do, of the scopes that the Management API offers and of our own rights.
    Scopes of people's own tokens are nobody's here.
    """
    every = {scope for scope in offered if _OF_THEMSELVES not in scope} | OWN_RIGHTS
    return frozenset(scope for scope in every for role in _known(roles) if _has(role, scope))


def covers(roles: Iterable[str], others: Iterable[str]) -> bool:
    """Whether somebody with ``roles`` has no fewer rights than somebody with ``others``."""
    mine = set(roles)
    if OWNER in mine:
        return True
    covered = {name for role in _known(mine) for name in role.covers}
    return set(others) <= covered


def only_shown(roles: Iterable[str]) -> bool:
    """Whether somebody is only shown the product: they change nothing, and see of people what is no personal data."""
    return any(role.shows for role in _known(roles))


def clients_of(roles: Iterable[str], client_ids: Iterable[str]) -> frozenset[str] | None:
    """The applications that somebody is confined to; None for all of them. A role that is for all of them wins."""
    known = _known(roles)
    confined = [role for role in known if role.of_clients]
    others = any(not role.of_clients and _has(role, "read:clients") for role in known)
    return frozenset(client_ids) if confined and not others else None


def _known(roles: Iterable[str]) -> list[Role]:
    """Those that this version knows: a later one may have stored others."""
    return [ROLES[name] for name in sorted(roles) if name in ROLES]


def _has(role: Role, scope: str) -> bool:
    return _matches(role.grants, scope) and not _matches(role.never, scope)


def _matches(patterns: Iterable[str], scope: str) -> bool:
    if scope in OWN_RIGHTS:
        return scope in patterns
    verb, _, thing = scope.partition(":")
    return any(
        one in {"*", verb} and other in {"*", thing} for one, _, other in (each.partition(":") for each in patterns)
    )
