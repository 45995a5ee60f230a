"""Use cases on connections. They run in the caller's unit of work and raise the configuration version."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import delete as sql_delete
from sqlalchemy import select

from idp.applications.clients import rights
from idp.applications.clients.models import Client
from idp.directory.connections import keys, settling, strategies
from idp.directory.connections.keys import Made
from idp.directory.connections.models import Connection, ConnectionClient
from idp.foundation.kernel import clock, ids
from idp.foundation.kernel.documents import merged
from idp.foundation.kernel.errors import BadRequest, Conflict, NotFound
from idp.foundation.kernel.events import ConnectionDeleted
from idp.foundation.tenancy.work import Work
from idp.tenant.audit import writes

COLUMNS = ("name", "strategy", "options", "enabled_clients")


def get(work: Work, connection_id: str) -> Connection:
    """The connection.

    :raises NotFound: ``inexistent_connection``.
    """
    connection = work.rows.get(Connection, (work.tenant_id, connection_id))
    if connection is None:
        raise NotFound("The connection does not exist", "inexistent_connection")
    return connection


def by_name(work: Work, name: str) -> Connection | None:
    """The connection called ``name``, or None."""
    return work.rows.scalars(select(Connection).where(Connection.name == name)).first()


def create(work: Work, members: Mapping[str, Any]) -> Connection:
    """A new connection; ``members`` have Auth0's names and need ``name`` and ``strategy``. Secret options are sealed.

    :raises Conflict: the name is taken.
    :raises BadRequest: an option is not what the strategy declares, its source is not what they say, or a client is
        unknown.
    """
    name, strategy = str(members["name"]), strategies.named(str(members["strategy"]))
    connection_id = ids.prefixed("con")
    options = {**strategy.defaults, **(members.get("options") or {})}
    options = settling.settled(work, connection_id, name, strategy, options)
    made = keys.needed(work, connection_id, strategy.read(options), None)
    if by_name(work, name) is not None:
        raise Conflict("A connection with the same name already exists")
    moment = clock.now_ms()
    connection = Connection(
        tenant_id=work.tenant_id,
        id=connection_id,
        name=name,
        strategy=strategy.name,
        options=strategies.sealed(work, connection_id, strategy, options),
        data={"is_domain_connection": False, "realms": [name], **_rest(members)},
        created_at=moment,
        updated_at=moment,
    )
    work.rows.add(connection)
    work.rows.flush()
    if made:
        keys.add(work, connection_id, made)
    set_clients(work, connection, members.get("enabled_clients") or ())
    return connection


def update(work: Work, connection: Connection, changes: Mapping[str, Any]) -> Connection:
    """Apply a PATCH: ``options`` is replaced whole, as in Auth0.

    :raises BadRequest: an option is not what the strategy declares, its source is not what they say, or a client is
        unknown.
    """
    strategy, options, made = strategies.named(connection.strategy), None, list[Made]()
    if "options" in changes:
        sent = changes["options"] or {}
        options = settling.settled(work, connection.id, connection.name, strategy, sent, connection.options)
        before = strategy.read(strategies.opened(work, connection.id, strategy.name, connection.options))
        made = keys.needed(work, connection.id, strategy.read(options), before)
    work.rows.lock(connection)
    if made:
        keys.add(work, connection.id, made)
    if options is not None:
        connection.options = strategies.sealed(work, connection.id, strategy, options)
    if "enabled_clients" in changes:
        set_clients(work, connection, changes["enabled_clients"])
    connection.data = merged(
        connection.data, {n: v for n, v in changes.items() if n not in COLUMNS}, deep=("metadata",)
    )
    connection.updated_at = clock.now_ms()
    work.rows.flush()
    work.configuration_changed()
    return connection


def change(work: Work, connection_id: str, changes: Mapping[str, Any]) -> Connection:
    """:func:`update` of the connection of that id. Its source may be asked first, which no transaction waits for.

    :raises NotFound: ``inexistent_connection``.
    :raises BadRequest: see :func:`update`.
    """
    with work.looking():
        connection = get(work, connection_id)
    return update(work, connection, changes)


def delete(work: Work, connection_id: str) -> bool:
    """Remove a connection; who listens removes its users. False where there is none."""
    connection = work.rows.lock_one(Connection, connection_id)
    if connection is None:
        return False
    work.rows.execute(sql_delete(ConnectionClient).where(ConnectionClient.connection_id == connection_id))
    keys.forget(work, connection_id)
    work.rows.delete(connection)
    work.rows.flush()
    work.emit(ConnectionDeleted(connection_id, connection.name, connection.strategy))
    work.configuration_changed()
    return True


def set_clients(work: Work, connection: Connection, client_ids: Iterable[str]) -> None:
    """Exactly these clients may use the connection."""
    work.rows.lock(connection)
    wanted, present = set(client_ids), set(clients_of(work, [connection.id])[connection.id])
    switch_clients(work, connection, [(c, c in wanted) for c in sorted(wanted ^ present)])


def switch_clients(work: Work, connection: Connection, changes: Iterable[tuple[str, bool]]) -> None:
    """Let clients use the connection (True) or not. Saying again what is so is no change.

    :raises BadRequest: ``inexistent_client``: nobody is known by one of these ids.
    :raises Forbidden: a client of the system is the operator's to change.
    """
    work.rows.lock(connection)
    present = set(clients_of(work, [connection.id])[connection.id])
    changes = list(changes)
    before = sorted(present)
    _check_clients(work, {client_id for client_id, enabled in changes if enabled != (client_id in present)}, present)
    for client_id, enabled in changes:
        if enabled and client_id not in present:
            work.rows.add(ConnectionClient(tenant_id=work.tenant_id, connection_id=connection.id, client_id=client_id))
            present.add(client_id)
        elif not enabled and client_id in present:
            work.rows.execute(
                sql_delete(ConnectionClient).where(
                    ConnectionClient.connection_id == connection.id, ConnectionClient.client_id == client_id
                )
            )
            present.discard(client_id)
    if sorted(present) != before:
        connection.version += 1
        gone, new = sorted(set(before) - present), sorted(present - set(before))
        writes.note(work, "connections", connection.id, "enabled_clients", old=gone, new=new)
    work.rows.flush()
    work.configuration_changed()


def _check_clients(work: Work, changed: set[str], present: set[str]) -> None:
    """What is stored are ids of clients that are there: one who is made later does not begin with what was said before
    of its id. Ids of clients that are gone may be taken away.
    """
    found = list(work.rows.scalars(select(Client).where(Client.client_id.in_(sorted(changed))))) if changed else []
    for client in found:
        rights.check_own(client)
    unknown = sorted(changed - present - {client.client_id for client in found})
    if unknown:
        raise BadRequest(f"The client does not exist: {', '.join(unknown)[:300]}", "inexistent_client")


def enable_everywhere(work: Work, client_id: str) -> None:
    """Let the client use every connection there is."""
    for connection in work.rows.scalars(select(Connection).order_by(Connection.created_at, Connection.id)).all():
        switch_clients(work, connection, [(client_id, True)])


def enable_like(work: Work, client_id: str, other: str) -> None:
    """Let the client use the connections that the client ``other`` uses."""
    used = select(ConnectionClient.connection_id).where(ConnectionClient.client_id == other)
    for connection in work.rows.scalars(
        select(Connection).where(Connection.id.in_(used)).order_by(Connection.id)
    ).all():
        switch_clients(work, connection, [(client_id, True)])


def clients_of(work: Work, connection_ids: Sequence[str]) -> dict[str, list[str]]:
    """Enabled clients by connection id."""
    found: dict[str, list[str]] = {connection_id: [] for connection_id in connection_ids}
    rows = work.rows.scalars(select(ConnectionClient).where(ConnectionClient.connection_id.in_(connection_ids)))
    for row in rows:
        found[row.connection_id].append(row.client_id)
    return found


def _rest(members: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if name not in COLUMNS and value is not None}
