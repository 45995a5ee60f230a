"""Deleting users, and what goes with them.

``user.deleted`` tells the story of one user while everything is still there: sessions end, applications are told, an
entry is logged. ``users.removed`` follows for any number of them: whoever has rows about these users deletes them.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, delete, select, tuple_

from idp.directory.users.identifiers import email_key
from idp.directory.users.models import DatabaseAccount, Identity, User
from idp.foundation.kernel.events import UserDeleted, UsersErased
from idp.foundation.tenancy.work import Work

CHUNK = 500


def remove(work: Work, user_id: str) -> None:
    """Delete the user with every identity and stored account, and whatever else mentions them. Unknown ids are no
    error.
    """
    user = work.rows.get(User, (work.tenant_id, user_id))
    if user is None:
        return
    work.emit(UserDeleted(user_id, user.email, user.username, user.name))
    _erase(work, [user_id])


def remove_stored_account(work: Work, connection_id: str, email: str) -> None:
    """Forget the account with that address in one connection, and the user whose main identity it is."""
    account = work.rows.scalars(
        select(DatabaseAccount).where(
            DatabaseAccount.connection_id == connection_id, DatabaseAccount.email_key == email_key(email)
        )
    ).first()
    if account is None:
        return
    identity = work.rows.get(Identity, (work.tenant_id, connection_id, account.account_id))
    if identity is not None and identity.position == 0:
        remove(work, identity.user_id)
    else:
        work.rows.delete(account)
        work.rows.flush()


def remove_of_connection(work: Work, connection_id: str) -> None:
    """A connection is gone: so are the users whose main identity it held, and every other identity in it.

    There may be very many: their sessions are deleted without telling applications one by one.
    """
    primary = select(Identity.user_id).where(Identity.connection_id == connection_id, Identity.position == 0)
    gone = list(work.rows.scalars(primary))
    for start in range(0, len(gone), CHUNK):
        _erase(work, gone[start : start + CHUNK])
    work.rows.execute(delete(Identity).where(Identity.connection_id == connection_id))
    work.rows.execute(delete(DatabaseAccount).where(DatabaseAccount.connection_id == connection_id))


def identifiers(work: Work, user_ids: Sequence[str]) -> list[str]:
    """Every address, username and number these users sign in with, those of linked accounts included."""
    own = work.rows.execute(
        select(User.email, User.username, User.phone_number).where(User.user_id.in_(user_ids))
    ).all()
    accounts = select(DatabaseAccount.email, DatabaseAccount.username).where(_accounts_of(work, user_ids))
    found = {value for row in [*own, *work.rows.execute(accounts).all()] for value in row if value}
    return sorted(found)


def _erase(work: Work, user_ids: Sequence[str]) -> None:
    event = UsersErased(list(user_ids), identifiers(work, user_ids))
    work.rows.execute(delete(DatabaseAccount).where(_accounts_of(work, user_ids)))
    work.rows.execute(delete(Identity).where(Identity.user_id.in_(user_ids)))
    work.rows.execute(delete(User).where(User.user_id.in_(user_ids)))
    work.emit(event)


def _accounts_of(work: Work, user_ids: Sequence[str]) -> ColumnElement[bool]:
    """Named by key, not by a join: the delete then finds them in the primary key's index."""
    own = work.rows.execute(
        select(Identity.connection_id, Identity.identity_user_id).where(Identity.user_id.in_(user_ids))
    )
    return tuple_(DatabaseAccount.connection_id, DatabaseAccount.account_id).in_([tuple(row) for row in own])
