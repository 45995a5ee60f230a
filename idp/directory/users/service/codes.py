"""People of connections that know them by an address they prove with a code."""

from __future__ import annotations

from sqlalchemy import Select, and_, select

from connectors.contract import AlreadyExists
from idp.directory.connections.runtime import ConnectionConfig
from idp.directory.users import provision
from idp.directory.users.attributes import ATTRIBUTES
from idp.directory.users.identifiers import email_key
from idp.directory.users.models import Identity, User
from idp.directory.users.provision import FoundUser
from idp.directory.users.refused_domains import refused
from idp.directory.users.service.creation import NewUser, add
from idp.directory.users.service.reclaim import address_proven, prove_address, prove_number
from idp.foundation.db.code_points import by_code_point
from idp.foundation.tenancy.work import Work

VERIFIED = {row.beside: row.name for row in ATTRIBUTES if row.beside}
"""The flag beside each attribute that says it is proven."""


def accounts_with(connection: ConnectionConfig, address: str) -> Select[str]:
    """Ids of the accounts of that passwordless connection whose user has the address or number, unless they are linked
    ones. Found by it, in the index of addresses or numbers: a connection may have a million accounts.
    """
    if connection.passwordless_by == "email":
        same = User.email_key == email_key(address)
    else:
        same = and_(by_code_point(User.phone_number) == address, User.phone_number.is_not(None))
    return (
        select(Identity.identity_user_id)
        .join(User, (Identity.tenant_id == User.tenant_id) & (Identity.user_id == User.user_id))
        .where(Identity.connection_id == connection.id, Identity.position == 0, same)
        .limit(1)
    )


def linked_with(connection: ConnectionConfig, address: str) -> Select[str]:
    """The same of linked accounts, which bring an address or number of their own along."""
    by_email = connection.passwordless_by == "email"
    column = Identity.linked_email_key if by_email else Identity.linked_number
    known = email_key(address) if by_email else address
    mine = Identity.connection_id == connection.id, column == known, column.is_not(None)
    return select(Identity.identity_user_id).where(*mine).limit(1)


def of_address(work: Work, connection: ConnectionConfig, address: str) -> FoundUser | None:
    """The user of that passwordless connection who has the address or number, in the spelling it is stored in."""
    account_id = work.rows.scalars(accounts_with(connection, address)).first()
    if account_id is None:
        account_id = work.rows.scalars(linked_with(connection, address)).first()
    return provision.by_identity(work, connection.id, account_id) if account_id is not None else None


def proven(work: Work, connection: ConnectionConfig, address: str) -> FoundUser | None:
    """Somebody proved that address: its user, made now where there is none and people may register themselves; None
    where they may not. Two who come at once are one.
    """
    known = of_address(work, connection, address)
    if known is None and connection.codes is not None and connection.codes.signup and not refused(work, address):
        attribute = str(connection.passwordless_by)
        new = NewUser(
            connection=connection,
            attributes={attribute: address, VERIFIED[attribute]: True},
            made_with=work.user_agent,
        )
        try:
            with work.transaction():
                added = add(work, new)
            known = provision.by_identity(work, connection.id, added.account_id)
        except AlreadyExists:
            known = of_address(work, connection, address)
    elif known is not None and connection.passwordless_by != "email":
        with work.transaction():
            prove_number(work, known, address)
    elif known is not None and not address_proven(work, known):
        with work.transaction():
            prove_address(work, known, address)
    return known
