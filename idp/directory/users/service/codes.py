"""People who sign in with a code: of connections that know them by nothing else, and of databases where it is a way."""

from __future__ import annotations

from sqlalchemy import Select, and_, case, select

from connectors.contract import AlreadyExists
from idp.directory.connections.runtime import ConnectionConfig
from idp.directory.users import provision
from idp.directory.users.attributes import ATTRIBUTES
from idp.directory.users.identifiers import email_key
from idp.directory.users.models import Identity, User
from idp.directory.users.provision import FoundUser
from idp.directory.users.refused_domains import refused
from idp.directory.users.service import passwords
from idp.directory.users.service.creation import NewUser, add
from idp.directory.users.service.identifiers import account_of
from idp.directory.users.service.reclaim import (
    address_proven,
    hold,
    number_proven,
    prove_address,
    prove_number,
    proven_way,
    reclaim,
)
from idp.foundation.db.code_points import by_code_point
from idp.foundation.kernel import ids
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


def numbers_at(work: Work, connection_id: str, user_id: str) -> list[str]:
    """Telephone numbers that codes for that person's accounts in that connection go to."""
    number = case((Identity.position == 0, User.phone_number), else_=Identity.linked_number)
    found = (
        select(number)
        .select_from(Identity)
        .join(User, (Identity.tenant_id == User.tenant_id) & (Identity.user_id == User.user_id))
        .where(Identity.user_id == user_id, Identity.connection_id == connection_id)
    )
    return [each for each in work.rows.scalars(found) if each]


def of_address(work: Work, connection: ConnectionConfig, address: str) -> FoundUser | None:
    """The user of that connection who has the address or number, in the spelling it is stored in."""
    if connection.accounts is not None:
        return _with_account(work, connection, address)
    account_id = work.rows.scalars(accounts_with(connection, address)).first()
    if account_id is None:
        account_id = work.rows.scalars(linked_with(connection, address)).first()
    return provision.by_identity(work, connection.id, account_id) if account_id is not None else None


def proven(work: Work, connection: ConnectionConfig, address: str) -> FoundUser | None:
    """Somebody proved that address: its user, made now where there is none and people may register themselves; None
    where they may not. Two who come at once are one.
    """
    known = of_address(work, connection, address)
    if connection.accounts is not None:
        return _proven_account(work, connection, known, address) if known is not None else None
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


def _with_account(work: Work, connection: ConnectionConfig, address: str) -> FoundUser | None:
    """Who has an account of the database that is known by that address or number, as far as it is theirs: a username
    that looks like an address is none, nor is a number that nobody has proven of somebody who has a proven address.
    """
    account = account_of(work, connection, address)
    user = provision.by_identity(work, connection.id, account.account_id) if account is not None else None
    if account is None or user is None:
        return None
    if "@" in address:
        return user if account.email is not None and email_key(account.email) == email_key(address) else None
    return user if proven_way(work, user, address) is not None else None


def _proven_account(work: Work, connection: ConnectionConfig, user: FoundUser, address: str) -> FoundUser | None:
    """Somebody proved the address of an account in a database. Where nobody had before, what opened the account until
    now may be a stranger's: it ends, the password included (decision 0102). Of several who prove it at once the first
    one does that, and nobody ends what the first one began; None where it is the account's no more.
    """
    by_mail = "@" in address
    is_proven = address_proven if by_mail else number_proven
    if is_proven(work, user):
        return user
    prepared = passwords.prepare_password(work, user.connection_id, ids.token())
    with work.transaction():
        hold(work, user.user_id)
        now = _with_account(work, connection, address)
        if now is None or is_proven(work, now):
            return now
        return reclaim(
            work, now, prepared, proves=address if by_mail else None, proves_number=None if by_mail else address
        )
