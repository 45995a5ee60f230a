"""The extension as sign-ins and tokens ask it: everything but who is in what is remembered with the configuration."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
from sqlalchemy import bindparam, select

from idp.applications.resource_servers import runtime as resource_servers
from idp.directory.authorization.models import AuthorizationMember as M
from idp.directory.authorization.models import AuthorizationObject as O
from idp.directory.connections.runtime import ConnectionConfig
from idp.directory.users import service as users
from idp.directory.users.models import Identity as I
from idp.foundation.db.hot import Statement
from idp.foundation.db.typed_rows import Json
from idp.foundation.kernel.documents import fitting
from idp.foundation.kernel.errors import NotFound
from idp.foundation.tenancy.work import Work

AUDIENCE = "urn:auth0-authz-api"
CONFIGURATION = "v1"


class _Row(msgspec.Struct, frozen=True):
    id: str
    kind: str
    document: Json[dict[str, Any]]


_ALL = Statement(
    "authorization_objects", select(O.id, O.kind, O.document).where(O.tenant_id == bindparam("tenant")), row=_Row
)
_MINE = Statement(
    "authorization_memberships",
    select(M.object_id).where(M.tenant_id == bindparam("tenant"), M.user_id == bindparam("user")),
    row=str,
)


class _Account(msgspec.Struct, frozen=True):
    position: int
    profile_data: Json[dict[str, Any]] | None


_ACCOUNTS = Statement(
    "authorization_accounts",
    select(I.position, I.profile_data).where(
        I.tenant_id == bindparam("tenant"), I.user_id == bindparam("user"), I.connection_id == bindparam("connection")
    ),
    row=_Account,
)


class GroupMapping(msgspec.Struct, frozen=True, rename={"id": "_id"}):
    """Whoever a connection's source says is in ``groupName`` is in the group."""

    groupName: str = ""  # noqa: N815 - the extension's name
    connectionName: str = ""  # noqa: N815 - the extension's name
    id: str = ""


class Group(msgspec.Struct, frozen=True):
    """A group: members of ``nested`` ones are members of it, and everybody in it has its ``roles``."""

    name: str = ""
    roles: list[str] = []
    nested: list[str] = []
    mappings: list[GroupMapping] = []


class Named(msgspec.Struct, frozen=True):
    """A role or a permission of an application; ``permissions`` are a role's."""

    name: str = ""
    applicationId: str = ""  # noqa: N815 - the extension's name
    permissions: list[str] = []


class Configuration(msgspec.Struct, frozen=True, rename="camel"):
    """What tokens carry, what is kept in ``app_metadata``, and whether what the source said stays."""

    groups_in_token: bool = False
    roles_in_token: bool = False
    permissions_in_token: bool = False
    persist_groups: bool = False
    persist_roles: bool = False
    persist_permissions: bool = False
    groups_passthrough: bool = False
    roles_passthrough: bool = False
    permissions_passthrough: bool = False

    def wanted(self, prefix: str) -> list[str]:
        """Of groups, roles and permissions those that ``prefix`` (``persist``) or ``""`` (tokens) is on for."""
        return [
            what
            for what in KINDS
            if (getattr(self, f"{prefix}_{what}") if prefix else getattr(self, f"{what}_in_token"))
        ]


KINDS = ("groups", "roles", "permissions")


class Extension(msgspec.Struct, frozen=True):
    """All of it at one configuration version, by ids."""

    configuration: Configuration
    groups: dict[str, Group]
    roles: dict[str, Named]
    permissions: dict[str, Named]


class Policy(msgspec.Struct, frozen=True):
    """What somebody has at one application, by names."""

    groups: list[str]
    roles: list[str]
    permissions: list[str]


def find(work: Work) -> Extension | None:
    """The extension, or None where nobody put it up."""
    if resource_servers.find(work, AUDIENCE) is None:
        return None
    return work.config.remember("authorization extension", "", lambda: _load(work))


def installed(work: Work) -> Extension:
    """The extension.

    :raises NotFound: nobody put it up.
    """
    found = find(work)
    if found is None:
        raise NotFound("The extension is not installed.")
    return found


def _load(work: Work) -> Extension:
    documents: dict[str, dict[str, dict[str, Any]]] = {}
    for row in work.hot.all(_ALL, tenant=work.tenant_id):
        documents.setdefault(row.kind, {})[row.id] = row.document
    return Extension(
        _as(Configuration, documents.get("configuration", {}).get(CONFIGURATION, {})),
        {id_: _as(Group, each) for id_, each in documents.get("group", {}).items()},
        {id_: _as(Named, each) for id_, each in documents.get("role", {}).items()},
        {id_: _as(Named, each) for id_, each in documents.get("permission", {}).items()},
    )


def policy(
    work: Work, extension: Extension, user_id: str, client_id: str, connection: str, at_source: Iterable[str]
) -> Policy:
    """Groups of somebody (their own, mapped ones, and all that hold these), and what roles and permissions of the
    application those and their own roles give. ``at_source``: the groups that the source of ``connection`` named.
    """
    mine, named = set(work.hot.all(_MINE, tenant=work.tenant_id, user=user_id)), set(at_source)
    own = {
        id_
        for id_, group in extension.groups.items()
        if id_ in mine or any(each.connectionName == connection and each.groupName in named for each in group.mappings)
    }
    groups = with_parents(extension, own)
    roles = roles_of(extension, groups) | mine
    there = [extension.roles[id_] for id_ in roles if id_ in extension.roles]
    of_client = [role for role in there if role.applicationId == client_id]
    permissions = {id_ for role in of_client for id_ in role.permissions}
    allowed = [extension.permissions[id_] for id_ in permissions if id_ in extension.permissions]
    return Policy(
        sorted({extension.groups[id_].name for id_ in groups}),
        sorted({role.name for role in of_client}),
        sorted({each.name for each in allowed if each.applicationId == client_id}),
    )


def with_parents(extension: Extension, own: Iterable[str]) -> set[str]:
    """These groups and every group that holds one of them, however deep; circles end."""
    found, new = set(own), set(own)
    while new:
        new = {id_ for id_, group in extension.groups.items() if not new.isdisjoint(group.nested)} - found
        found |= new
    return found


def with_nested(extension: Extension, id_: str) -> set[str]:
    """That group and every group that it holds, however deep; circles end."""
    found, new = {id_}, {id_}
    while new:
        new = {other for each in new & extension.groups.keys() for other in extension.groups[each].nested} - found
        found |= new
    return found


def roles_of(extension: Extension, groups: Iterable[str]) -> set[str]:
    """The roles that everybody in these groups has."""
    return {role for id_ in groups if id_ in extension.groups for role in extension.groups[id_].roles}


def claims(
    work: Work, user_id: str, client_id: str, connection: ConnectionConfig | None, profile: Mapping[str, Any]
) -> dict[str, Any]:
    """What an ID token says of it: ``groups``, ``roles`` and ``permissions``, as far as the settings want that, for
    somebody who signed in at ``connection`` and has this profile. Nothing is read where they want none of it.
    """
    extension = find(work)
    wanted = extension.configuration.wanted("") if extension is not None else []
    if extension is None or not wanted:
        return {}
    return _found(work, extension, wanted, user_id, client_id, connection, profile)


def persist(work: Work, user_id: str, client_id: str, connection: ConnectionConfig) -> None:
    """Somebody signs in: what the settings want to keep is kept in their ``app_metadata.authorization``, in the
    caller's transaction.
    """
    extension = find(work)
    wanted = extension.configuration.wanted("persist") if extension is not None else []
    if extension is None or not wanted:
        return
    user = users.get(work, user_id)
    kept = _found(work, extension, wanted, user_id, client_id, connection, user.profile)
    had = user.app_metadata or {}
    if had.get("authorization") != kept:
        users.update(work, user_id, {"app_metadata": {"authorization": kept}})


def _found(
    work: Work,
    extension: Extension,
    wanted: Iterable[str],
    user_id: str,
    client_id: str,
    connection: ConnectionConfig | None,
    profile: Mapping[str, Any],
) -> dict[str, list[str]]:
    said = _said(work, user_id, connection, profile)
    name = connection.name if connection is not None else ""
    found = policy(work, extension, user_id, client_id, name, said["groups"])
    return {what: sorted({*getattr(found, what), *(said[what] if _passes(extension, what) else ())}) for what in wanted}


def _said(
    work: Work, user_id: str, connection: ConnectionConfig | None, profile: Mapping[str, Any]
) -> dict[str, set[str]]:
    """What the source of the sign-in says of somebody. The profile is the primary account's: what another source says
    there must not count as the word of this one, whose groups mappings trust.
    """
    told: list[Mapping[str, Any]] = []
    if connection is not None:
        found = work.hot.all(_ACCOUNTS, tenant=work.tenant_id, user=user_id, connection=connection.id)
        told = [(each.profile_data or {}) if each.position else profile for each in found]
    return {what: {text for each in told for text in _texts(each.get(what))} for what in KINDS}


def _passes(extension: Extension, what: str) -> bool:
    return bool(getattr(extension.configuration, f"{what}_passthrough"))


def _texts(value: object) -> list[str]:
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


def _as(kind: Any, document: dict[str, Any]) -> Any:
    return msgspec.convert(fitting(document, kind), kind)
