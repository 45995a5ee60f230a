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
from idp.foundation.apikit import Api, Page, PageRequest, Paging, as_view, changes
from idp.foundation.db import paging
from idp.foundation.tenancy.work import Work

api = Api("resource-servers")


@api.get(
    "/resource-servers",
    scopes={"read:resource_servers"},
    paging=Paging.by_either("resource_servers"),
    fields=True,
    summary="Get resource servers",
)
def list_resource_servers(work: Work, query: ResourceServerList, page: PageRequest) -> Page[ResourceServerView]:
    """APIs, oldest first."""
    statement = paging.narrowed(select(ResourceServer), (ResourceServer.identifier, query.identifiers))
    rows = paging.fetch(work.rows, statement, page, [ResourceServer.created_at, ResourceServer.id])
    return Page.of(rows, [view(work, row) for row in rows.items])


@api.post("/resource-servers", scopes={"create:resource_servers"}, summary="Create a resource server")
def create_resource_server(work: Work, body: ResourceServerCreate) -> ResourceServerView:
    """A new API."""
    return view(work, service.create(work, changes(body)))


@api.get("/resource-servers/{id}", scopes={"read:resource_servers"}, fields=True, summary="Get a resource server")
def get_resource_server(work: Work, id: str) -> ResourceServerView:
    """One API, by id or by identifier."""
    return view(work, service.get(work, id))


@api.patch("/resource-servers/{id}", scopes={"update:resource_servers"}, summary="Update a resource server")
def update_resource_server(work: Work, id: str, body: ResourceServerUpdate) -> ResourceServerView:
    """Change an API."""
    return view(work, service.update(work, service.get(work, id), changes(body)))


@api.delete("/resource-servers/{id}", scopes={"delete:resource_servers"}, summary="Delete a resource server")
def delete_resource_server(work: Work, id: str) -> None:
    """Remove an API."""
    service.delete(work, id)


def view(work: Work, row: ResourceServer) -> ResourceServerView:
    """As the API answers it; the secret only where tokens are signed with it and the caller may write APIs."""
    secret: dict[str, Any] = {}
    if (
        row.signing_secret_sealed
        and row.data.get("signing_alg") == "HS256"
        and work.actor.has("update:resource_servers")
    ):
        secret = {"signing_secret": work.unseal(row.signing_secret_sealed)}
    return as_view(
        ResourceServerView,
        {
            "id": row.id,
            "name": row.name,
            "identifier": row.identifier,
            "is_system": row.is_system,
            **row.data,
            **secret,
        },
    )
