"""``/connections``."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Any

from msgspec import Meta
from sqlalchemy import select

from idp.applications.clients import service as clients
from idp.directory.connections import render, service
from idp.directory.connections.models import Connection, ConnectionClient
from idp.directory.connections.schemas import (
    CONNECTION_ID,
    ClientStatus,
    ConnectionClientView,
    ConnectionCreate,
    ConnectionList,
    ConnectionUpdate,
    ConnectionView,
)
from idp.foundation.apikit import Api, Page, Paging, Query
from idp.foundation.apikit.schema import UNSET, changes
from idp.foundation.db import paging
from idp.foundation.kernel import clock
from idp.foundation.tenancy.management import Call

api = Api("connections")
FORMATS = {"id": CONNECTION_ID}
Statuses = Annotated[list[ClientStatus], Meta(min_length=1, max_length=50)]


@api.get(
    "/connections",
    scopes={"read:connections"},
    query=ConnectionList,
    paging=Paging.by_either("connections"),
    returns=ConnectionView,
    fields=True,
    summary="Get all connections",
)
def list_connections(call: Call[ConnectionList, None]) -> Page:
    """Connections, oldest first."""
    statement = select(Connection)
    if isinstance(call.query.strategy, list):
        statement = statement.where(Connection.strategy.in_(call.query.strategy))
    if call.query.name is not UNSET:
        statement = statement.where(Connection.name == call.query.name)
    rows = paging.fetch(call.work.rows, statement, call.page, [Connection.created_at, Connection.id])
    return Page(render.connections(call.work, rows.items), rows.total, rows.next)


@api.post(
    "/connections",
    scopes={"create:connections"},
    body=ConnectionCreate,
    returns=ConnectionView,
    summary="Create a connection",
)
def create_connection(call: Call[Query, ConnectionCreate]) -> dict[str, Any]:
    """A new connection."""
    return render.connection(call.work, service.create(call.work, changes(call.body)))


@api.get(
    "/connections/{id}",
    scopes={"read:connections"},
    formats=FORMATS,
    returns=ConnectionView,
    fields=True,
    summary="Get a connection",
)
def get_connection(call: Call[Query, None]) -> dict[str, Any]:
    """One connection."""
    return render.connection(call.work, _connection(call))


@api.patch(
    "/connections/{id}",
    scopes={"update:connections"},
    formats=FORMATS,
    body=ConnectionUpdate,
    returns=ConnectionView,
    summary="Update a connection",
)
def update_connection(call: Call[Query, ConnectionUpdate]) -> dict[str, Any]:
    """Change a connection; ``options`` is replaced whole."""
    return render.connection(call.work, service.update(call.work, _connection(call), changes(call.body)))


@api.delete(
    "/connections/{id}",
    scopes={"delete:connections"},
    formats=FORMATS,
    status=HTTPStatus.ACCEPTED,
    summary="Delete a connection",
)
def delete_connection(call: Call[Query, None]) -> dict[str, Any]:
    """Remove a connection and its users. Unknown ids are no error."""
    service.delete(call.work, call.params["id"])
    return {"deleted_at": clock.iso(clock.now_ms())}


@api.get("/connections/{id}/status", scopes={"read:connections"}, formats=FORMATS, summary="Check connection status")
def connection_status(call: Call[Query, None]) -> dict[str, Any]:
    """200 while the connection can be used."""
    _connection(call)
    return {"status": "ok"}


@api.get(
    "/connections/{id}/clients",
    scopes={"read:connections"},
    formats=FORMATS,
    paging=Paging.by_checkpoint("clients"),
    returns=ConnectionClientView,
    summary="Get enabled clients for a connection",
)
def list_clients(call: Call[Query, None]) -> Page:
    """The clients that may use it."""
    statement = select(ConnectionClient).where(ConnectionClient.connection_id == _connection(call).id)
    rows = paging.fetch(call.work.rows, statement, call.page, [ConnectionClient.client_id])
    return Page([{"client_id": row.client_id} for row in rows.items], next=rows.next)


@api.patch(
    "/connections/{id}/clients",
    scopes={"update:connections"},
    formats=FORMATS,
    body=Statuses,
    status=HTTPStatus.NO_CONTENT,
    summary="Update enabled clients for a connection",
)
def update_clients(call: Call[Query, list[ClientStatus]]) -> None:
    """Switch clients on or off."""
    service.switch_clients(call.work, _connection(call), [(entry.client_id, entry.status) for entry in call.body])


@api.get(
    "/clients/{id}/connections",
    scopes={"read:connections"},
    query=ConnectionList,
    paging=Paging.by_checkpoint("connections"),
    returns=ConnectionView,
    fields=True,
    summary="Get enabled connections for a client",
)
def list_connections_of_client(call: Call[ConnectionList, None]) -> Page:
    """The connections the client may use."""
    client = clients.get(call.work, call.params["id"])
    enabled = select(ConnectionClient.connection_id).where(ConnectionClient.client_id == client.client_id)
    statement = select(Connection).where(Connection.id.in_(enabled))
    if isinstance(call.query.strategy, list):
        statement = statement.where(Connection.strategy.in_(call.query.strategy))
    rows = paging.fetch(call.work.rows, statement, call.page, [Connection.created_at, Connection.id])
    return Page(render.connections(call.work, rows.items), next=rows.next)


def _connection(call: Call[Any, Any]) -> Connection:
    return service.get(call.work, call.params["id"])
