"""``/resource-servers``."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from idp.applications.resource_servers import service
from idp.applications.resource_servers.models import ResourceServer
from idp.applications.resource_servers.schemas import (
    ResourceServerCreate,
    ResourceServerList,
    ResourceServerUpdate,
    ResourceServerView,
)
from idp.foundation.apikit import Api, Page, Paging, Query
from idp.foundation.apikit.schema import changes
from idp.foundation.db import paging
from idp.foundation.tenancy.management import Call
from idp.foundation.tenancy.work import Work

api = Api("resource-servers")


@api.get(
    "/resource-servers",
    scopes={"read:resource_servers"},
    query=ResourceServerList,
    paging=Paging.by_either("resource_servers"),
    returns=ResourceServerView,
    fields=True,
    summary="Get resource servers",
)
def list_resource_servers(call: Call[ResourceServerList, None]) -> Page:
    """APIs, oldest first."""
    statement = select(ResourceServer)
    if isinstance(call.query.identifiers, list):
        statement = statement.where(ResourceServer.identifier.in_(call.query.identifiers))
    rows = paging.fetch(call.work.rows, statement, call.page, [ResourceServer.created_at, ResourceServer.id])
    return Page([_shown(call.work, row) for row in rows.items], rows.total, rows.next)


@api.post(
    "/resource-servers",
    scopes={"create:resource_servers"},
    body=ResourceServerCreate,
    returns=ResourceServerView,
    summary="Create a resource server",
)
def create_resource_server(call: Call[Query, ResourceServerCreate]) -> dict[str, Any]:
    """A new API."""
    row = service.create(call.work, changes(call.body))
    return _shown(call.work, row)


@api.get(
    "/resource-servers/{id}",
    scopes={"read:resource_servers"},
    returns=ResourceServerView,
    fields=True,
    summary="Get a resource server",
)
def get_resource_server(call: Call[Query, None]) -> dict[str, Any]:
    """One API, by id or by identifier."""
    return _shown(call.work, service.get(call.work, call.params["id"]))


@api.patch(
    "/resource-servers/{id}",
    scopes={"update:resource_servers"},
    body=ResourceServerUpdate,
    returns=ResourceServerView,
    summary="Update a resource server",
)
def update_resource_server(call: Call[Query, ResourceServerUpdate]) -> dict[str, Any]:
    """Change an API."""
    row = service.get(call.work, call.params["id"])
    return _shown(call.work, service.update(call.work, row, changes(call.body)))


@api.delete("/resource-servers/{id}", scopes={"delete:resource_servers"}, summary="Delete a resource server")
def delete_resource_server(call: Call[Query, None]) -> None:
    """Remove an API."""
    service.delete(call.work, call.params["id"])


def _shown(work: Work, row: ResourceServer) -> dict[str, Any]:
    """As the API answers it; the secret only where tokens are signed with it and the caller may write APIs."""
    secret: dict[str, Any] = {}
    if (
        row.signing_secret_sealed
        and row.data.get("signing_alg") == "HS256"
        and work.actor.has("update:resource_servers")
    ):
        secret = {"signing_secret": work.unseal(row.signing_secret_sealed)}
    return {
        "id": row.id,
        "name": row.name,
        "identifier": row.identifier,
        "is_system": row.is_system,
        **row.data,
        **secret,
    }
