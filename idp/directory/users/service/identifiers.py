"""What users sign in with."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, or_, select, tuple_

from idp.directory.connections.runtime import ConnectionConfig
from idp.directory.users.credentials import Credentials
from idp.directory.users.identifiers import email_key
from idp.directory.users.models import DatabaseAccount, Identity, User
from idp.directory.users.service.checks import username_limits
from idp.foundation.tenancy.work import Work


def identifiers_of(work: Work, user_ids: Sequence[str]) -> list[str]:
    """Every address, username and number these users sign in with, those of linked accounts included."""
    users = select(User.email, User.username, User.phone_number).where(User.user_id.in_(user_ids))
    accounts = select(DatabaseAccount.email, DatabaseAccount.username).where(accounts_of(work, user_ids))
    rows = [*work.rows.execute(users), *work.rows.execute(accounts)]
    return sorted({value for row in rows for value in row if value})


def known_as(work: Work, identifier: str) -> list[str]:
    """``identifier`` and whatever else the stored accounts that have it are known by."""
    key = email_key(identifier)
    accounts = select(DatabaseAccount.email, DatabaseAccount.username).where(
        or_(DatabaseAccount.email_key == key, DatabaseAccount.username_key == key)
    )
    names = {value for row in work.rows.execute(accounts) for value in row if value}
    return [identifier, *sorted(name for name in names if email_key(name) != key)]


def account_key(work: Work, connection: ConnectionConfig, identifier: str) -> str:
    """One key for an account, whichever of its identifiers somebody typed; for a name nobody has, the name's own."""
    key = email_key(identifier)
    if not connection.is_database or username_limits(connection) is None:
        return key
    found = Credentials(work.hot, work.tenant_id, connection.id).by_identifier(identifier)
    return email_key(found.email or found.username or identifier) if found else key


def accounts_of(work: Work, user_ids: Sequence[str]) -> ColumnElement[bool]:
    """The stored accounts of these users. Named by key, not by a join: a delete then finds them in the primary key's
    index.
    """
    keys = work.rows.execute(
        select(Identity.connection_id, Identity.identity_user_id).where(Identity.user_id.in_(user_ids))
    )
    return tuple_(DatabaseAccount.connection_id, DatabaseAccount.account_id).in_([tuple(row) for row in keys])
