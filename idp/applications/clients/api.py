"""``/clients``."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from idp.applications.clients import credentials, render, rules, service
from idp.applications.clients.models import Client
from idp.applications.clients.schemas import (
    ClientCreate,
    ClientList,
    ClientUpdate,
    ClientView,
    CredentialCreate,
    CredentialUpdate,
    CredentialView,
)
from idp.foundation.apikit import Api, Page, Paging, Query
from idp.foundation.apikit.document import list_of
from idp.foundation.apikit.schema import UNSET, changes
from idp.foundation.db import paging
from idp.foundation.db.json_text import json_member
from idp.foundation.tenancy.management import Call

api = Api("clients")
READ = {"read:clients", "read:client_keys", "read:client_credentials", "read:client_summary"}


@api.get(
    "/clients",
    scopes=READ,
    query=ClientList,
    paging=Paging.by_either("clients"),
    returns=ClientView,
    fields=True,
    summary="Get clients",
)
def list_clients(call: Call[ClientList, None]) -> Page:
    """Clients, oldest first; ``is_global=true`` answers the one "All Applications" row."""
    query, statement = call.query, select(Client)
    if query.is_global is not UNSET:
        statement = statement.where(Client.is_global.is_(query.is_global))
    if query.is_first_party is not UNSET:
        statement = statement.where(Client.is_first_party.is_(query.is_first_party))
    if isinstance(query.app_type, list):
        statement = statement.where(json_member(Client.data, "app_type").in_(query.app_type))
    rows = paging.fetch(call.work.rows, statement, call.page, [Client.created_at, Client.client_id])
    return Page(render.clients(call.work, rows.items), rows.total, rows.next)


@api.post("/clients", scopes={"create:clients"}, body=ClientCreate, returns=ClientView, summary="Create a client")
def create_client(call: Call[Query, ClientCreate]) -> dict[str, Any]:
    """A new client, with its secret."""
    members, platform = changes(call.body), call.work.platform
    rules.check_login_page(members, development=platform.settings.development)
    return render.client(call.work, service.create(call.work, members))


@api.get("/clients/{id}", scopes=READ, returns=ClientView, fields=True, summary="Get client by ID")
def get_client(call: Call[Query, None]) -> dict[str, Any]:
    """One client."""
    return render.client(call.work, service.get(call.work, call.params["id"]))


@api.patch(
    "/clients/{id}",
    scopes={"update:clients", "update:client_keys", "update:client_credentials"},
    body=ClientUpdate,
    returns=ClientView,
    summary="Update a client",
)
def update_client(call: Call[Query, ClientUpdate]) -> dict[str, Any]:
    """Change some members."""
    row = service.get(call.work, call.params["id"])
    members, platform = changes(call.body), call.work.platform
    rules.check_login_page(members, development=platform.settings.development)
    return render.client(call.work, service.update(call.work, row, members))


@api.delete("/clients/{id}", scopes={"delete:clients"}, summary="Delete a client")
def delete_client(call: Call[Query, None]) -> None:
    """Remove a client."""
    service.delete(call.work, call.params["id"])


@api.post(
    "/clients/{id}/rotate-secret",
    scopes={"update:client_keys"},
    returns=ClientView,
    status=200,
    summary="Rotate a client secret",
)
def rotate_secret(call: Call[Query, None]) -> dict[str, Any]:
    """A new secret; the old one stops working at once."""
    row = service.get(call.work, call.params["id"])
    return render.client(call.work, service.rotate_secret(call.work, row))


@api.get(
    "/clients/{client_id}/credentials",
    scopes={"read:client_credentials"},
    returns=list_of(CredentialView),
    summary="Get client credentials",
)
def list_credentials(call: Call[Query, None]) -> list[dict[str, Any]]:
    """The client's public keys."""
    row = service.get(call.work, call.params["client_id"])
    return [credentials.shown(entry) for entry in credentials.of(row)]


@api.post(
    "/clients/{client_id}/credentials",
    scopes={"create:client_credentials"},
    body=CredentialCreate,
    returns=CredentialView,
    summary="Create a client credential",
)
def create_credential(call: Call[Query, CredentialCreate]) -> dict[str, Any]:
    """Register a public key or certificate."""
    row = service.get(call.work, call.params["client_id"])
    return credentials.shown(credentials.add(call.work, row, call.body))


@api.get(
    "/clients/{client_id}/credentials/{credential_id}",
    scopes={"read:client_credentials"},
    returns=CredentialView,
    summary="Get client credential details",
)
def get_credential(call: Call[Query, None]) -> dict[str, Any]:
    """One public key."""
    row = service.get(call.work, call.params["client_id"])
    return credentials.shown(credentials.get(row, call.params["credential_id"]))


@api.patch(
    "/clients/{client_id}/credentials/{credential_id}",
    scopes={"update:client_credentials"},
    body=CredentialUpdate,
    returns=CredentialView,
    summary="Update a client credential",
)
def update_credential(call: Call[Query, CredentialUpdate]) -> dict[str, Any]:
    """Change its expiry."""
    row = service.get(call.work, call.params["client_id"])
    credential = credentials.get(row, call.params["credential_id"])
    return credentials.shown(credentials.expire(call.work, row, credential, call.body.expires_at))


@api.delete(
    "/clients/{client_id}/credentials/{credential_id}",
    scopes={"delete:client_credentials"},
    summary="Delete a client credential",
)
def delete_credential(call: Call[Query, None]) -> None:
    """Remove a public key: it stops working at once."""
    row = service.get(call.work, call.params["client_id"])
    credentials.remove(call.work, row, call.params["credential_id"])
