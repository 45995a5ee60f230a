"""``/connections``."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from msgspec import Meta
from sqlalchemy import select

from idp.applications.clients import service as clients
from idp.directory.connections import probing, render, service
from idp.directory.connections.models import Connection, ConnectionClient
from idp.directory.connections.schemas import (
    ClientStatus,
    ConnectionClientView,
    ConnectionCreate,
    ConnectionList,
    ConnectionUpdate,
    ConnectionView,
    DeletedView,
    StatusView,
)
from idp.foundation.apikit import Api, Page, PageRequest, Paging, changes
from idp.foundation.db import paging
from idp.foundation.kernel import clock
from idp.foundation.kernel.formats import ClientId, ConnectionId
from idp.foundation.tenancy.work import Work

api = Api("connections")
Statuses = Annotated[list[ClientStatus], Meta(min_length=1, max_length=50)]
KEY = [Connection.created_at, Connection.id]
ALWAYS = {"id", "is_domain_connection"}
"""What tools rely on, whichever ``fields`` they ask for."""


@api.get(
    "/connections",
    scopes={"read:connections"},
    paging=Paging.by_either("connections"),
    fields=True,
    always=ALWAYS,
    summary="Get all connections",
)
def list_connections(work: Work, query: ConnectionList, page: PageRequest) -> Page[ConnectionView]:
    """Connections, oldest first."""
    statement = paging.narrowed(
        select(Connection), (Connection.strategy, query.strategy), (Connection.name, query.name)
    )
    rows = paging.fetch(work.rows, statement, page, KEY)
    return Page.of(rows, render.views(work, rows.items))


@api.post("/connections", scopes={"create:connections"}, summary="Create a connection")
def create_connection(work: Work, body: ConnectionCreate) -> ConnectionView:
    """A new connection."""
    return render.view(work, service.create(work, changes(body)))


@api.get("/connections/{id}", scopes={"read:connections"}, fields=True, always=ALWAYS, summary="Get a connection")
def get_connection(work: Work, id: ConnectionId) -> ConnectionView:
    """One connection."""
    return render.view(work, service.get(work, id))


@api.patch("/connections/{id}", scopes={"update:connections"}, summary="Update a connection")
def update_connection(work: Work, id: ConnectionId, body: ConnectionUpdate) -> ConnectionView:
    """Change a connection; ``options`` is replaced whole."""
    return render.view(work, service.change(work, id, changes(body)))


@api.delete(
    "/connections/{id}", scopes={"delete:connections"}, status=HTTPStatus.ACCEPTED, summary="Delete a connection"
)
def delete_connection(work: Work, id: ConnectionId) -> DeletedView:
    """Remove a connection and its users. Unknown ids are no error."""
    service.delete(work, id)
    return DeletedView(deleted_at=clock.iso(clock.now_ms()))


@api.get("/connections/{id}/status", scopes={"read:connections"}, summary="Check connection status")
def connection_status(work: Work, id: ConnectionId) -> StatusView:
    """200 while the connection can be used, with what its source answered; 404 with the reason while it cannot."""
    answers = probing.ask(work, service.get(work, id).id)
    return StatusView(status="ok", answers=answers) if answers else StatusView(status="ok")


@api.get(
    "/connections/{id}/clients",
    scopes={"read:connections"},
    paging=Paging.by_checkpoint("clients"),
    summary="Get enabled clients for a connection",
)
def list_clients(work: Work, id: ConnectionId, page: PageRequest) -> Page[ConnectionClientView]:
    """The clients that may use it."""
    connection = service.get(work, id)
    statement = select(ConnectionClient).where(ConnectionClient.connection_id == connection.id)
    rows = paging.fetch(work.rows, statement, page, [ConnectionClient.client_id])
    return Page.of(rows, [ConnectionClientView(client_id=row.client_id) for row in rows.items])


@api.patch(
    "/connections/{id}/clients",
    scopes={"update:connections"},
    status=HTTPStatus.NO_CONTENT,
    summary="Update enabled clients for a connection",
)
def update_clients(work: Work, id: ConnectionId, body: Statuses) -> None:
    """Switch clients on or off."""
    service.switch_clients(work, service.get(work, id), [(entry.client_id, entry.status) for entry in body])


@api.get(
    "/clients/{id}/connections",
    scopes={"read:connections"},
    paging=Paging.by_checkpoint("connections"),
    fields=True,
    always=ALWAYS,
    summary="Get enabled connections for a client",
)
def list_connections_of_client(
    work: Work, id: ClientId, query: ConnectionList, page: PageRequest
) -> Page[ConnectionView]:
    """The connections the client may use."""
    client = clients.get(work, id)
    enabled = select(ConnectionClient.connection_id).where(ConnectionClient.client_id == client.client_id)
    statement = select(Connection).where(Connection.id.in_(enabled))
    rows = paging.fetch(work.rows, paging.narrowed(statement, (Connection.strategy, query.strategy)), page, KEY)
    return Page.of(rows, render.views(work, rows.items))
