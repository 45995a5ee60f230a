"""Deleting users, and what goes with them."""

from __future__ import annotations

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from idp.kernel.events import Event, bus
from idp.tenants.management import ManagementContext
from idp.users.identifiers import email_key
from idp.users.models import DatabaseAccount, Identity, User


def remove(ctx: ManagementContext, user_id: str) -> None:
    """Delete the user, every identity and stored account; who listens ends sessions, tokens and grants. Unknown ids are no error."""
    user = ctx.unit.get(User, (ctx.tenant, user_id))
    if user is None:
        return
    for identity in ctx.unit.scalars(select(Identity).where(Identity.user_id == user_id)):
        remove_account(ctx.unit, identity)
        ctx.unit.delete(identity)
    ctx.unit.delete(user)
    ctx.unit.flush()
    data = {"user_id": user_id, "email": user.email, "username": user.username, "name": user.name}
    bus.emit(Event("user.deleted", ctx.tenant, data), ctx.joined)


def remove_account(session: Session, identity: Identity) -> None:
    """Forget the stored account behind an identity, if there is one."""
    session.execute(
        delete(DatabaseAccount).where(
            DatabaseAccount.connection_id == identity.connection_id,
            DatabaseAccount.account_id == identity.identity_user_id,
        )
    )


def remove_stored_account(session: Session, connection_id: str, email: str) -> None:
    """Forget the account with that address in one connection, and the user whose only identity it is."""
    account = session.scalars(
        select(DatabaseAccount).where(
            DatabaseAccount.connection_id == connection_id, DatabaseAccount.email_key == email_key(email)
        )
    ).first()
    if account is None:
        return
    identity = session.get(Identity, (account.tenant_id, connection_id, account.account_id))
    session.delete(account)
    if identity is not None and identity.position == 0:
        session.execute(delete(User).where(User.user_id == identity.user_id))
        session.execute(delete(Identity).where(Identity.user_id == identity.user_id))
    session.flush()


def remove_of_connection(session: Session, connection_id: str) -> None:
    """A connection is gone: so are the users whose primary identity it held, and every other identity in it.

    Their sessions and tokens die with the user row that each check of them joins.
    """
    primary = select(Identity.user_id).where(Identity.connection_id == connection_id, Identity.position == 0)
    gone = list(session.scalars(primary))
    for start in range(0, len(gone), 500):
        chunk = gone[start : start + 500]
        session.execute(delete(User).where(User.user_id.in_(chunk)))
        session.execute(delete(Identity).where(Identity.user_id.in_(chunk)))
    session.execute(delete(Identity).where(Identity.connection_id == connection_id))
    session.execute(delete(DatabaseAccount).where(DatabaseAccount.connection_id == connection_id))
