"""``/resource-servers``."""

from __future__ import annotations

from typing import Any

from msgspec import UNSET
from sqlalchemy import select

from idp.applications.resource_servers import runtime, service
from idp.applications.resource_servers.models import ResourceServer
from idp.applications.resource_servers.schemas import (
    ResourceServerCreate,
    ResourceServerList,
    ResourceServerUpdate,
    ResourceServerView,
)
from idp.foundation.apikit import Api, Page, PageRequest, Paging, as_view, changes
from idp.foundation.db import paging
from idp.foundation.kernel.documents import fitting
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
    """A new API, with its secret where tokens are signed with one. Whether it is the system's is not said: nobody makes
    one of those.
    """
    made = view(work, service.create(work, changes(body)), new_secret=True)
    made.is_system = UNSET
    return made


@api.get("/resource-servers/{id}", scopes={"read:resource_servers"}, fields=True, summary="Get a resource server")
def get_resource_server(work: Work, id: str) -> ResourceServerView:
    """One API, by id or by identifier."""
    return view(work, service.get(work, id))


@api.patch("/resource-servers/{id}", scopes={"update:resource_servers"}, summary="Update a resource server")
def update_resource_server(work: Work, id: str, body: ResourceServerUpdate) -> ResourceServerView:
    """Change an API."""
    members = changes(body)
    return view(work, service.update(work, service.get(work, id), members), new_secret="signing_secret" in members)


@api.delete("/resource-servers/{id}", scopes={"delete:resource_servers"}, summary="Delete a resource server")
def delete_resource_server(work: Work, id: str) -> None:
    """Remove an API."""
    service.delete(work, id)


def view(work: Work, row: ResourceServer, *, new_secret: bool = False) -> ResourceServerView:
    """As the API answers it; the secret only where tokens are signed with it, to whoever made or set it with this very
    call, or may both read and write APIs (decision 0090).
    """
    secret: dict[str, Any] = {}
    may_read = work.actor.has("read:resource_servers") and work.actor.has("update:resource_servers")
    if row.signing_secret_sealed and row.data.get("signing_alg") == "HS256" and (new_secret or may_read):
        secret = {"signing_secret": runtime.secret(work, row.id, row.signing_secret_sealed)}
    members = {
        "id": row.id,
        "name": row.name,
        "identifier": row.identifier,
        "is_system": row.is_system,
        **row.data,
        **secret,
    }
    return as_view(ResourceServerView, fitting(members, ResourceServerView))
