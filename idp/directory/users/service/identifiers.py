"""What users sign in with."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, or_, select, tuple_

from connectors.contract import Account, KnowsNames
from idp.directory.connections import runtime as connections
from idp.directory.connections.runtime import ConnectionConfig
from idp.directory.users.credentials import Credentials
from idp.directory.users.identifiers import email_key, valid_phone
from idp.directory.users.models import DatabaseAccount, Identity, User
from idp.directory.users.provision import FoundUser
from idp.directory.users.service.checks import username_limits
from idp.foundation.tenancy.work import Work


def identifiers_of(work: Work, user_ids: Sequence[str]) -> list[str]:
    """Every address, username and number these users sign in with, those of linked accounts included."""
    users = select(User.email, User.username, User.phone_number).where(User.user_id.in_(user_ids))
    accounts = select(DatabaseAccount.email, DatabaseAccount.username).where(accounts_of(work, user_ids))
    linked = select(Identity.linked_email_key, Identity.linked_number).where(Identity.user_id.in_(user_ids))
    rows = [*work.rows.execute(users), *work.rows.execute(accounts), *work.rows.execute(linked)]
    return sorted({value for row in rows for value in row if value})


def known_as(work: Work, identifier: str) -> list[str]:
    """``identifier`` and whatever else the stored accounts that have it are known by."""
    key = email_key(identifier)
    accounts = select(DatabaseAccount.email, DatabaseAccount.username).where(
        or_(DatabaseAccount.email_key == key, DatabaseAccount.username_key == key)
    )
    names = {value for row in work.rows.execute(accounts) for value in row if value}
    return [identifier, *sorted(name for name in names if email_key(name) != key)]


def spelled(connection: ConnectionConfig, typed: str) -> str:
    """What somebody typed to say who they are; a telephone number, where these identify people, as it is stored."""
    if not connection.known_by_number or "@" in typed:
        return typed
    return valid_phone(typed.strip()) or typed


def account_of(work: Work, connection: ConnectionConfig, identifier: str) -> Account | None:
    """The stored account that is called so, by an attribute that identifies people in that connection."""
    connector = connections.runtime.open(work, connection)
    if isinstance(connector, KnowsNames):
        return connector.known(spelled(connection, identifier))
    return Credentials(work.hot, work.tenant_id, connection.id).by_identifier(identifier)


def name_of(connection: ConnectionConfig, user: FoundUser) -> str:
    """What the person signs in with there: the first that they have of what identifies people."""
    names = connection.accounts.known_by if connection.accounts else ("email", "username")
    return next((value for name in names if (value := getattr(user, name))), user.email or user.username or "")


def account_key(work: Work, connection: ConnectionConfig, identifier: str) -> str:
    """One key for an account, whichever of its identifiers somebody typed; for a name nobody has, the name's own."""
    key = email_key(identifier)
    by_one_name = username_limits(connection) is None and not connection.known_by_number
    if not connection.is_database or by_one_name:
        return key
    found = account_of(work, connection, identifier)
    return email_key(found.email or found.username or identifier) if found else key


def accounts_of(work: Work, user_ids: Sequence[str]) -> ColumnElement[bool]:
    """The stored accounts of these users. Named by key, not by a join: a delete then finds them in the primary key's
    index.
    """
    keys = work.rows.execute(
        select(Identity.connection_id, Identity.identity_user_id).where(Identity.user_id.in_(user_ids))
    )
    return tuple_(DatabaseAccount.connection_id, DatabaseAccount.account_id).in_([tuple(row) for row in keys])
