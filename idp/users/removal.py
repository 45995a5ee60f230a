"""Deleting users, and what goes with them.

``user.deleted`` tells the story of one user while everything is still there: sessions end, applications are told, an entry is logged.
``users.removed`` follows for any number of them: whoever has rows about these users deletes them.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, delete, select, tuple_
from sqlalchemy.orm import Session

from idp.db.session import UnitOfWork
from idp.kernel.events import Event, bus
from idp.tenants.management import ManagementContext
from idp.users.identifiers import email_key
from idp.users.models import DatabaseAccount, Identity, User

CHUNK = 500


def remove(ctx: ManagementContext, user_id: str) -> None:
    """Delete the user with every identity and stored account, and whatever else mentions them. Unknown ids are no error."""
    user = ctx.unit.get(User, (ctx.tenant, user_id))
    if user is None:
        return
    data = {"user_id": user_id, "email": user.email, "username": user.username, "name": user.name}
    bus.emit(Event("user.deleted", ctx.tenant, data), ctx.joined)
    _erase(ctx.unit, [user_id])


def remove_stored_account(ctx: ManagementContext, connection_id: str, email: str) -> None:
    """Forget the account with that address in one connection, and the user whose main identity it is."""
    account = ctx.unit.scalars(
        select(DatabaseAccount).where(
            DatabaseAccount.connection_id == connection_id, DatabaseAccount.email_key == email_key(email)
        )
    ).first()
    if account is None:
        return
    identity = ctx.unit.get(Identity, (ctx.tenant, connection_id, account.account_id))
    if identity is not None and identity.position == 0:
        remove(ctx, identity.user_id)
    else:
        ctx.unit.delete(account)
        ctx.unit.flush()


def remove_of_connection(unit: UnitOfWork, connection_id: str) -> None:
    """A connection is gone: so are the users whose main identity it held, and every other identity in it.

    There may be very many: their sessions are deleted without telling applications one by one.
    """
    primary = select(Identity.user_id).where(Identity.connection_id == connection_id, Identity.position == 0)
    gone = list(unit.scalars(primary))
    for start in range(0, len(gone), CHUNK):
        _erase(unit, gone[start : start + CHUNK])
    unit.execute(delete(Identity).where(Identity.connection_id == connection_id))
    unit.execute(delete(DatabaseAccount).where(DatabaseAccount.connection_id == connection_id))


def identifiers(unit: Session, user_ids: Sequence[str]) -> list[str]:
    """Every address, username and number these users sign in with, those of linked accounts included."""
    own = unit.execute(select(User.email, User.username, User.phone_number).where(User.user_id.in_(user_ids))).all()
    accounts = select(DatabaseAccount.email, DatabaseAccount.username).where(_accounts_of(unit, user_ids))
    found = {value for row in [*own, *unit.execute(accounts).all()] for value in row if value}
    return sorted(found)


def _erase(unit: UnitOfWork, user_ids: Sequence[str]) -> None:
    data = {"user_ids": list(user_ids), "identifiers": identifiers(unit, user_ids)}
    unit.execute(delete(DatabaseAccount).where(_accounts_of(unit, user_ids)))
    unit.execute(delete(Identity).where(Identity.user_id.in_(user_ids)))
    unit.execute(delete(User).where(User.user_id.in_(user_ids)))
    bus.emit(Event("users.removed", unit.tenant_id, data), unit)


def _accounts_of(unit: Session, user_ids: Sequence[str]) -> ColumnElement[bool]:
    """Named by key, not by a join: the delete then finds them in the primary key's index."""
    own = unit.execute(select(Identity.connection_id, Identity.identity_user_id).where(Identity.user_id.in_(user_ids)))
    return tuple_(DatabaseAccount.connection_id, DatabaseAccount.account_id).in_([tuple(row) for row in own])
