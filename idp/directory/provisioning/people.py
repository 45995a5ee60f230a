"""People of a directory as users: what was provisioned is the identity that they sign in with later.

The id by which the source knows them (``user_id_attribute``) is that of the identity, so that whoever signs in meets
the user that the directory made; a user who signed in before is taken over. The directory says what the profile is,
whatever the connection does at a sign-in.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import and_, delete, exists, select

from connectors.contract import AlreadyExists
from connectors.contract import Identity as Arrived
from idp.directory.connections.runtime import ConnectionConfig
from idp.directory.provisioning import mapping
from idp.directory.provisioning.models import ScimConfiguration, ScimResource
from idp.directory.roles import service as roles
from idp.directory.users import service as users
from idp.directory.users.models import Identity
from idp.foundation.tenancy.work import Work

AT_ONCE = 500


class NotUsable(ValueError):
    """Something of a SCIM user that no user here can have; the text is for the directory."""


def put(
    work: Work,
    connection: ConnectionConfig,
    configuration: ScimConfiguration,
    document: Mapping[str, Any],
    before: ScimResource | None = None,
) -> str:
    """Make the user of a SCIM document, or bring them up to date with it, in the caller's transaction; answers the id
    of their identity. A user is blocked or let in where ``active`` says something new.

    :raises NotUsable: the document has no id, or none that an identity can have.
    :raises AlreadyExists: somebody else has it.
    """
    at_source = mapping.value(document, configuration.user_id_attribute)
    if not isinstance(at_source, str) or not at_source:
        raise NotUsable(f"{configuration.user_id_attribute} is missing: it is the id of the user at the source")
    account_id = connection.account_id(at_source)
    if not connection.names_somebody(at_source):
        raise NotUsable(f"{configuration.user_id_attribute} is no usable id")
    if before is not None and before.account_id not in {None, account_id}:
        users.rename_account(work, connection.id, str(before.account_id), account_id)
        roles.rename_member(work, connection.id, str(before.account_id), account_id)
    profile = mapping.profile(document, configuration.mapping)
    user = users.arrive(work, connection, Arrived(at_source, profile), sync="on_each_login")
    active, was_active = _active(document), _active(before.document) if before is not None else True
    if active != was_active and user.blocked == active and _is_primary(work, connection.id, account_id):
        users.update(work, user.user_id, {"blocked": not active})
    return account_id


def remove(work: Work, connection: ConnectionConfig, row: ScimResource) -> None:
    """The directory has that person no longer: the user goes, or the account where it is linked to somebody."""
    if row.account_id is not None:
        roles.forget_account(work, connection.id, row.account_id)
        users.delete_account(work, connection.id, row.account_id)


def accounts_in(work: Work, group: ScimResource) -> set[str]:
    """The accounts that a group's document names. Members that the directory has not sent are nobody yet."""
    said = (str(each.get("value") or "") for each in group.document.get("members") or ())
    members = [value for value in said if value.isalnum()]  # as our ids are; no store looks for NUL
    found: set[str] = set()
    for start in range(0, len(members), AT_ONCE):
        statement = select(ScimResource.account_id).where(
            ScimResource.resource_id.in_(members[start : start + AT_ONCE]),
            ScimResource.connection_id == group.connection_id,
            ScimResource.account_id.is_not(None),
        )
        found.update(str(each) for each in work.rows.scalars(statement))
    return found


def forget_group(work: Work, connection_id: str, resource_id: str) -> None:
    """An administrator removed a group here: its directory is told that there is none, and may make it anew."""
    work.rows.execute(
        delete(ScimResource).where(ScimResource.resource_id == resource_id, ScimResource.connection_id == connection_id)
    )


def forget(work: Work, user_id: str) -> None:
    """The SCIM resources of somebody who is about to be deleted."""
    theirs = exists(select(Identity.user_id).where(Identity.user_id == user_id, _SAME))
    work.rows.execute(delete(ScimResource).where(ScimResource.account_id.is_not(None), theirs))


_SAME = and_(
    Identity.connection_id == ScimResource.connection_id,
    Identity.identity_user_id == ScimResource.account_id,
    Identity.tenant_id == ScimResource.tenant_id,
)


def _active(document: Mapping[str, Any]) -> bool:
    return document.get(mapping.ACTIVE) is not False


def _is_primary(work: Work, connection_id: str, account_id: str) -> bool:
    found = work.rows.get(Identity, (work.tenant_id, connection_id, account_id))
    return found is not None and found.position == 0


__all__ = ["AlreadyExists", "NotUsable", "accounts_in", "forget", "forget_group", "put", "remove"]
