"""Databases of a tenant's own that keep the accounts of a connection, and what is asked of them for administrators.

They are asked before any transaction begins. What they refuse is a 400, with their own words where those are for
people.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import select

from connectors.contract import ConnectorError
from connectors.directories import Directory, Lookup
from idp.directory.connections import runtime as connections
from idp.directory.connections.runtime import ConnectionConfig
from idp.directory.users.models import Identity
from idp.foundation.kernel.errors import BadRequest
from idp.foundation.tenancy.work import Work


def directory_of(work: Work, connection: ConnectionConfig | None) -> Directory | None:
    """Who keeps the accounts of that connection, where that is not us."""
    connector = connections.runtime.open(work, connection) if connection and connection.can(Directory) else None
    return connector if isinstance(connector, Directory) else None


def source_of(work: Work, connection: ConnectionConfig) -> Lookup | None:
    """The database that people of the connection are in, or come from."""
    connector = connections.runtime.open(work, connection) if connection.can(Lookup) else None
    return connector if isinstance(connector, Lookup) else None


@contextmanager
def told_to_administrators() -> Iterator[None]:
    """What the database refuses, in words for whoever calls the Management API.

    :raises BadRequest: it refused, or does not answer.
    """
    try:
        yield
    except ConnectorError as error:
        raise BadRequest(error.message, error.code, detail=error.detail) from error


def remove_accounts(work: Work, user_id: str) -> None:
    """Have every account of the user deleted that stands elsewhere; what is here goes afterwards.

    :raises BadRequest: one of them stays.
    """
    with work.looking():
        mine = [
            (each.connection_id, each.identity_user_id)
            for each in work.rows.scalars(select(Identity).where(Identity.user_id == user_id))
        ]
    for connection_id, account_id in mine:
        source = directory_of(work, connections.find(work, connection_id))
        if source is not None:
            with told_to_administrators():
                source.remove(account_id)


def ask(work: Work, connection: ConnectionConfig, question: Callable[[Directory], None]) -> bool:
    """Ask who keeps the accounts of the connection; False where we do.

    :raises BadRequest: it refused.
    """
    source = directory_of(work, connection)
    if source is None:
        return False
    with told_to_administrators():
        question(source)
    return True
