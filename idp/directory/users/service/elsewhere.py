"""People whose accounts stand in a tenant's own database, or come from there (spec/custom-database.md, "Flows").

The database is asked before any transaction begins; what it said is written in a short one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import bindparam, select

from connectors.contract import AlreadyExists
from connectors.contract import Identity as Arrived
from idp.directory.connections import runtime as connections
from idp.directory.connections.runtime import ConnectionConfig
from idp.directory.users import metadata, provision
from idp.directory.users.attributes import IDENTIFIERS
from idp.directory.users.identifiers import email_key
from idp.directory.users.log_types import UserLog
from idp.directory.users.models import Identity as I
from idp.directory.users.models import User
from idp.directory.users.models import User as U
from idp.directory.users.provision import FoundUser
from idp.directory.users.service import arrival, creation, directories
from idp.directory.users.service.creation import AddedUser, NewUser, add, ask_to_verify
from idp.foundation.db.by_key import by_key
from idp.foundation.db.hot import Statement
from idp.foundation.kernel.errors import BadRequest, Conflict
from idp.foundation.tenancy.work import Work
from idp.tenant.audit import log

_SAME_ADDRESS = Statement(
    "user_of_connection_with_email",
    select(I.identity_user_id)
    .select_from(by_key(U, I, (I.tenant_id == U.tenant_id) & (I.user_id == U.user_id)))
    .where(
        U.tenant_id == bindparam("tenant"),
        U.email_key == bindparam("key"),
        I.connection_id == bindparam("connection"),
        I.identity_user_id != bindparam("account"),
    )
    .limit(1),
    row=str,
)


def create(work: Work, members: Mapping[str, Any]) -> User:
    """POST /users: see :func:`idp.directory.users.service.creation.create`. Where accounts stand in a database of the
    tenant's own, it makes them: ``get_user``, ``create``, ``login``.

    :raises BadRequest: the database refuses, or does not answer.
    :raises Conflict: there is such an account.
    """
    connection = connections.named(work, str(members["connection"]))
    source = directories.directory_of(work, connection)
    try:
        with directories.told_to_administrators():
            if connection is not None and source is None:
                refuse_known(work, connection, members.get("email"), members.get("username"))
            if connection is None or source is None:
                return creation.create(work, members)
            registration = creation.registration(work, connection, members)
            made = source.register(registration)
            with work.transaction():
                user_id = arrive_from(work, connection, made).user_id
    except BadRequest as error:
        if isinstance(error.__cause__, AlreadyExists):
            raise Conflict("The user already exists.", "auth0_idp_error") from error
        raise
    return work.rows.get_one(User, (work.tenant_id, user_id))


def refuse_known(work: Work, connection: ConnectionConfig, *identifiers: str | None) -> None:
    """Nobody gets an account here who has one in the database that people still come from.

    :raises AlreadyExists: somebody there has one of these.
    :raises ConnectorError: the database does not answer.
    """
    source = directories.source_of(work, connection) if connection.keeps_accounts else None
    for identifier in identifiers:
        if source is not None and identifier and source.find(identifier) is not None:
            number = connection.known_by_number and identifier.startswith("+")
            raise AlreadyExists("email" if "@" in identifier else "phone_number" if number else "username")


def migrate(work: Work, connection: ConnectionConfig, arrived: Arrived) -> FoundUser:
    """Keep the account of somebody who came from the database here from now on, in the caller's transaction.

    :raises AlreadyExists: somebody here has the id, the address or the name.
    """
    profile = newcomer(connection, arrived)
    new = NewUser(
        connection=connection,
        attributes=profile,
        prepared_password=arrived.prepared_password,
        account_id=arrived.user_id,
    )
    added = add(work, new)
    if profile.get("email") and not profile.get("email_verified"):
        ask_to_verify(work, new, added)
    return _written(work, connection, added)


def newcomer(connection: ConnectionConfig, arrived: Arrived) -> dict[str, Any]:
    """The attributes of somebody new who comes from a database, metadata among them. Whose account is kept here from
    then on keeps what people are known by.

    :raises BadRequest: there is nothing that they would be known by here.
    """
    never = set(connection.options.never_stored())
    if connection.keeps_accounts:
        never -= set(IDENTIFIERS)
    profile = {name: value for name, value in arrival.profile_of(arrived).items() if name not in never}
    if connection.keeps_accounts and not profile.get("email") and not profile.get("username"):
        raise BadRequest("The profile has neither email nor username", "invalid_body")
    return {**profile, **_metadata(arrived)}


def find_elsewhere(work: Work, connection: ConnectionConfig, identifier: str) -> FoundUser | None:
    """Who is known by that in the database, and here from now on. None where there is nobody, or no such database.

    :raises ConnectorError: the database does not answer.
    """
    source = directories.source_of(work, connection)
    found = source.find(identifier) if source else None
    if found is None:
        return None
    with work.transaction():
        if not connection.keeps_accounts:
            return arrive_from(work, connection, found)
        known = provision.by_identity(work, connection.id, found.user_id)
        return known or migrate(work, connection, found)


def arrive_from(work: Work, connection: ConnectionConfig, arrived: Arrived) -> FoundUser:
    """The user of an account that stays in the database, made or brought up to date in the caller's transaction.

    An address that belongs to another id of the same connection is written down: ``login`` and ``get_user`` of such a
    database name one person twice.

    :raises AlreadyExists: another transaction made them meanwhile.
    """
    email = arrived.profile.get("email")
    if isinstance(email, str) and email:
        names = {"key": email_key(email), "connection": connection.id, "account": arrived.user_id}
        other = work.hot.one(_SAME_ADDRESS, tenant=work.tenant_id, **names)
        if other is not None:
            log.write(
                work,
                UserLog.UNSTABLE_ID,
                f"the source names one address with two ids: {other[:120]} and {arrived.user_id[:120]}",
                user_id=f"{connection.provider}|{arrived.user_id}",
                user_name=email[:254],
                connection=connection.name,
                connection_id=connection.id,
            )
    return arrival.arrive(work, connection, arrived, extra=_metadata(arrived))


def _metadata(arrived: Arrived) -> Mapping[str, Any]:
    """Metadata of somebody new, where they are such that an administrator could have written them."""
    said = {name: dict(value) for name, value in arrived.metadata.items() if value}
    try:
        metadata.check(said)
    except BadRequest:
        return {}
    return said


def _written(work: Work, connection: ConnectionConfig, added: AddedUser) -> FoundUser:
    found = provision.by_identity(work, connection.id, added.account_id)
    if found is None:
        raise AssertionError("the identity was just written")
    return found
