"""What users sign in with."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, select, tuple_

from idp.directory.users.models import DatabaseAccount, Identity, User
from idp.foundation.tenancy.work import Work


def identifiers_of(work: Work, user_ids: Sequence[str]) -> list[str]:
    """Every address, username and number these users sign in with, those of linked accounts included."""
    users = select(User.email, User.username, User.phone_number).where(User.user_id.in_(user_ids))
    accounts = select(DatabaseAccount.email, DatabaseAccount.username).where(accounts_of(work, user_ids))
    rows = [*work.rows.execute(users), *work.rows.execute(accounts)]
    return sorted({value for row in rows for value in row if value})


def accounts_of(work: Work, user_ids: Sequence[str]) -> ColumnElement[bool]:
    """The stored accounts of these users. Named by key, not by a join: a delete then finds them in the primary key's
    index.
    """
    keys = work.rows.execute(
        select(Identity.connection_id, Identity.identity_user_id).where(Identity.user_id.in_(user_ids))
    )
    return tuple_(DatabaseAccount.connection_id, DatabaseAccount.account_id).in_([tuple(row) for row in keys])
