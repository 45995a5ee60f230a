"""Deleting users, and what goes with them.

``UserDeleted`` tells the story of one user while everything is still there. ``UsersErased`` follows for a whole batch:
whoever has rows about these users deletes them, and sessions that are still alive end, of which applications are told.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import delete as sql_delete
from sqlalchemy import select, update

from idp.directory.users import connected, imported_factors, pictures
from idp.directory.users.identifiers import email_key
from idp.directory.users.log_types import UserLog
from idp.directory.users.models import DatabaseAccount, Identity, User
from idp.directory.users.service import directories
from idp.directory.users.service.identifiers import accounts_of, identifiers_of
from idp.directory.users.service.profile import locked_owner
from idp.foundation.db.code_points import by_code_point
from idp.foundation.kernel import clock
from idp.foundation.kernel.events import UserDeleted, UsersErased, UserUpdated
from idp.foundation.tenancy.work import Work
from idp.tenant.audit import log
from idp.tenant.members import service as members

BATCH = 500
"""Users that are deleted together."""
IDENTITIES = ("identities",)


def delete(work: Work, user_id: str) -> None:
    """Delete the user with every identity and stored account, and whatever else mentions them. Unknown ids are no
    error. Accounts in databases of the tenant's own go first.

    :raises BadRequest: one of those stays, hence everything.
    :raises Conflict: it is the last Owner of the tenant.
    :raises Forbidden: it is an administrator with more rights than the caller.
    """
    with work.looking():
        members.refuse_stronger(work, [user_id])
        members.refuse_last_owner(work, [user_id], looking=True)
    directories.remove_accounts(work, user_id)
    user = work.rows.lock_one(User, user_id)
    if user is not None:
        _delete(work, [user])


def delete_stored_account(work: Work, connection_id: str, email: str) -> None:
    """Forget the account with that address in one connection, and the user whose main identity it is."""
    account = work.rows.scalars(
        select(DatabaseAccount).where(
            DatabaseAccount.connection_id == connection_id, DatabaseAccount.email_key == email_key(email)
        )
    ).first()
    if account is None:
        _forget_cached(work, connection_id, email)
        return
    owner = locked_owner(work, connection_id, account.account_id)
    identity = work.rows.lock_one(Identity, connection_id, account.account_id)
    if owner is not None and identity is not None and identity.position == 0:
        _delete(work, [owner])
        return
    work.rows.execute(
        sql_delete(DatabaseAccount).where(
            DatabaseAccount.connection_id == connection_id, DatabaseAccount.account_id == account.account_id
        )
    )
    if owner is not None:
        _lost_an_account(work, [owner.user_id])


def delete_account(work: Work, connection_id: str, account_id: str) -> None:
    """The source has that account no longer: the user whose main identity it is goes, anybody else loses it. Unknown
    ids are no error.
    """
    owner = locked_owner(work, connection_id, account_id)
    identity = work.rows.lock_one(Identity, connection_id, account_id)
    if owner is None or identity is None:
        return
    if identity.position == 0:
        _delete(work, [owner])
        return
    work.rows.delete(identity)
    pictures.forget_account(work, connection_id, account_id)
    work.rows.flush()
    _lost_an_account(work, [owner.user_id])


def _forget_cached(work: Work, connection_id: str, email: str) -> None:
    """The account stands in a database of the tenant's own: what is known of it here goes, and it stays there."""
    theirs = (
        select(User)
        .join(Identity, (Identity.tenant_id == User.tenant_id) & (Identity.user_id == User.user_id))
        .where(Identity.connection_id == connection_id, Identity.position == 0, User.email_key == email_key(email))
    )
    found = work.rows.lock_all(theirs)
    if found:
        _delete(work, found)


def delete_of_connection(work: Work, connection_id: str, name: str) -> None:
    """A connection (its ``name`` is what an index knows of it) is gone: so are the users whose main identity it held,
    and every other identity in it.

    There may be very many: they go batch by batch in the order of their ids, and none is loaded before its turn.
    """
    for user_ids in _of_connection(work, connection_id, name):
        mine = (Identity.connection_id == connection_id, Identity.user_id.in_(user_ids))
        users = work.rows.lock_all(select(User).where(User.user_id.in_(user_ids)).order_by(User.user_id))
        main = set(work.rows.scalars(select(Identity.user_id).where(*mine, Identity.position == 0)))
        _delete(work, [user for user in users if user.user_id in main], with_connection=True)
        staying = [user.user_id for user in users if user.user_id not in main]
        work.rows.execute(sql_delete(Identity).where(*mine))
        _lost_an_account(work, staying)
    work.rows.execute(sql_delete(DatabaseAccount).where(DatabaseAccount.connection_id == connection_id))
    pictures.forget_account(work, connection_id)
    connected.forget_connection(work, connection_id)


def _of_connection(work: Work, connection_id: str, name: str) -> Iterator[list[str]]:
    """The users with an identity there, in batches."""
    user_id, last = by_code_point(Identity.user_id), ""
    theirs = (
        select(user_id)
        .distinct()
        .where(
            by_code_point(Identity.tenant_id) == work.tenant_id,
            by_code_point(Identity.connection) == name,
            Identity.connection_id == connection_id,
        )
    )
    while some := work.rows.scalars(theirs.where(user_id > last).order_by(user_id).limit(BATCH)).all():
        yield list(some)
        last = some[-1]


def _delete(work: Work, users: Sequence[User], *, with_connection: bool = False) -> None:
    if not users:
        return
    for user in users:
        log.write(work, UserLog.DELETED, user_id=user.user_id, user_name=user.email or user.username)
        work.emit(UserDeleted(user.user_id, user.email, user.username, user.name))
    user_ids = [user.user_id for user in users]
    known_as = identifiers_of(work, user_ids)
    work.rows.execute(sql_delete(DatabaseAccount).where(accounts_of(work, user_ids)))
    pictures.forget(work, user_ids)
    connected.forget(work, user_ids)
    work.rows.execute(sql_delete(Identity).where(Identity.user_id.in_(user_ids)))
    imported_factors.forget(work, user_ids)
    work.rows.execute(sql_delete(User).where(User.user_id.in_(user_ids)))
    work.emit(UsersErased(user_ids, known_as, with_connection))


def _lost_an_account(work: Work, user_ids: Sequence[str]) -> None:
    """These users stay, with an account less."""
    if not user_ids:
        return
    work.rows.execute(update(User).where(User.user_id.in_(user_ids)).values(updated_at=clock.now_ms()))
    for user_id in user_ids:
        work.emit(UserUpdated(user_id, IDENTITIES))
