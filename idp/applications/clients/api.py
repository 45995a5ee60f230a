"""``/clients``."""

from __future__ import annotations

from http import HTTPStatus

from idp.applications.clients import copies, credentials, render, rights, runtime, sectors, service
from idp.applications.clients.models import Client
from idp.applications.clients.schemas import (
    ClientCopy,
    ClientCreate,
    ClientCredentialView,
    ClientList,
    ClientUpdate,
    ClientView,
    CredentialCreate,
    CredentialUpdate,
)
from idp.foundation.apikit import Api, Page, PageRequest, Paging, changes
from idp.foundation.db import paging
from idp.foundation.db.json_text import json_member
from idp.foundation.kernel.formats import ClientId
from idp.foundation.tenancy.work import Work

api = Api("clients")
READ = {"read:clients", "read:client_keys", "read:client_credentials", "read:client_summary"}


@api.get("/clients", scopes=READ, paging=Paging.by_either("clients"), fields=True, summary="Get clients")
def list_clients(work: Work, query: ClientList, page: PageRequest) -> Page[ClientView]:
    """Clients, oldest first; ``is_global=true`` answers the one "All Applications" row."""
    statement = paging.narrowed(
        paging.of_tenant(work.rows, Client),
        (Client.is_global, query.is_global),
        (Client.is_first_party, query.is_first_party),
        (json_member(Client.data, "app_type"), query.app_type),
    )
    rows = paging.fetch(work.rows, statement, page, [Client.created_at, Client.client_id])
    return Page.of(rows, render.views(work, rows.items))


@api.post("/clients", scopes={"create:clients"}, summary="Create a client")
def create_client(work: Work, body: ClientCreate) -> ClientView:
    """A new client, with its secret."""
    members = changes(body)
    sectors.read(work, {}, members)
    rights.check_create(work, members)
    return render.made(work, service.create(work, members))


@api.post(
    "/clients/{id}/duplicate", scopes={"create:clients", "read:clients"}, every=True, summary="Duplicate a client"
)
def duplicate_client(work: Work, id: ClientId, body: ClientCopy) -> ClientView:
    """A client with the settings of another one; its name, id and secret are its own, and keys it has none."""
    like = service.get(work, id)
    copies.check(work, like, grants=body.grants, connections=body.connections)
    members = copies.members_of(work, like)
    sectors.read(work, {}, members)
    rights.check_create(work, members)
    made = copies.make(work, like, body.name, members, grants=body.grants, connections=body.connections)
    return render.made(work, made)


@api.get("/clients/{id}", scopes=READ, fields=True, summary="Get client by ID")
def get_client(work: Work, id: ClientId) -> ClientView:
    """One client."""
    return render.view(work, service.get(work, id))


@api.patch(
    "/clients/{id}",
    scopes={"update:clients", "update:client_keys", "update:client_credentials"},
    summary="Update a client",
)
def update_client(work: Work, id: ClientId, body: ClientUpdate) -> ClientView:
    """Change some members; which ones depends on the scope."""
    members = changes(body)
    known = runtime.find(work, id) if sectors.URI in members or "callbacks" in members else None
    if known is not None:
        before = {"callbacks": known.data.callbacks, sectors.URI: known.data.sector_identifier_uri}
        sectors.read(work, before, members)
    row = service.get(work, id)
    rights.check_update(work, row, members)
    return render.changed(work, service.update(work, row, members), new_secret="client_secret" in members)


@api.delete("/clients/{id}", scopes={"delete:clients"}, summary="Delete a client")
def delete_client(work: Work, id: ClientId) -> None:
    """Remove a client."""
    rights.check_delete(work, id)
    service.delete(work, id)


@api.post(
    "/clients/{id}/rotate-secret",
    scopes={"update:client_keys"},
    status=HTTPStatus.OK,
    summary="Rotate a client secret",
)
def rotate_secret(work: Work, id: ClientId) -> ClientView:
    """A new secret; the old one stops working at once."""
    row = service.get(work, id)
    rights.check_keys(work, row)
    return render.changed(work, service.rotate_secret(work, row), new_secret=True)


@api.get("/clients/{client_id}/credentials", scopes={"read:client_credentials"}, summary="Get client credentials")
def list_credentials(work: Work, client_id: ClientId) -> list[ClientCredentialView]:
    """The client's public keys."""
    return [render.credential(entry) for entry in credentials.of(service.get(work, client_id))]


@api.post(
    "/clients/{client_id}/credentials", scopes={"create:client_credentials"}, summary="Create a client credential"
)
def create_credential(work: Work, client_id: ClientId, body: CredentialCreate) -> ClientCredentialView:
    """Register a public key or certificate."""
    return render.credential(credentials.add(work, _own(work, client_id), changes(body)))


@api.get(
    "/clients/{client_id}/credentials/{credential_id}",
    scopes={"read:client_credentials"},
    summary="Get client credential details",
)
def get_credential(work: Work, client_id: ClientId, credential_id: str) -> ClientCredentialView:
    """One public key."""
    return render.credential(credentials.get(service.get(work, client_id), credential_id))


@api.patch(
    "/clients/{client_id}/credentials/{credential_id}",
    scopes={"update:client_credentials"},
    summary="Update a client credential",
)
def update_credential(
    work: Work, client_id: ClientId, credential_id: str, body: CredentialUpdate
) -> ClientCredentialView:
    """Change its expiry."""
    row = _own(work, client_id)
    return render.credential(credentials.expire(work, row, credentials.get(row, credential_id), body.expires_at))


@api.delete(
    "/clients/{client_id}/credentials/{credential_id}",
    scopes={"delete:client_credentials"},
    summary="Delete a client credential",
)
def delete_credential(work: Work, client_id: ClientId, credential_id: str) -> None:
    """Remove a public key: it stops working at once."""
    credentials.remove(work, _own(work, client_id), credential_id)


def _own(work: Work, client_id: str) -> Client:
    """The client, whose keys the caller may change."""
    row = service.get(work, client_id)
    rights.check_keys(work, row)
    return row
