"""``/initial-access-tokens``, ours: whoever may make clients may let others make some. ``/clients/cimd``: documents
that describe clients, looked at and taken by an administrator.
"""

from __future__ import annotations

from http import HTTPStatus

from msgspec import UNSET

from idp.applications.clients import stored
from idp.applications.registration import documents, initial_tokens, metadata
from idp.applications.registration.metadata import Metadata
from idp.applications.registration.models import InitialAccessToken
from idp.applications.registration.schemas import (
    DocumentAddress,
    DocumentPreview,
    DocumentRegistered,
    DocumentValidation,
    InitialTokenCreate,
    InitialTokenMade,
    InitialTokenView,
    MappedFields,
)
from idp.foundation.apikit import Api, Page, PageRequest, Paging, as_view
from idp.foundation.db import paging
from idp.foundation.kernel import clock
from idp.foundation.kernel.errors import BadRequest, OAuthError
from idp.foundation.kernel.formats import Reference
from idp.foundation.tenancy.work import Work

api = Api("initial_access_tokens")


@api.get(
    "/initial-access-tokens",
    scopes={"read:clients"},
    paging=Paging.by_offset("initial_access_tokens"),
    summary="Get initial access tokens",
)
def list_tokens(work: Work, page: PageRequest) -> Page[InitialTokenView]:
    """Tokens that clients may register with, newest first, without the tokens themselves."""
    statement = paging.of_tenant(work.rows, InitialAccessToken)
    keys = [InitialAccessToken.created_at, InitialAccessToken.id]
    rows = paging.fetch(work.rows, statement, page, keys, descending=True)
    return Page.of(rows, [as_view(InitialTokenView, _members(row)) for row in rows.items])


@api.post("/initial-access-tokens", scopes={"create:clients"}, summary="Create an initial access token")
def create_token(work: Work, body: InitialTokenCreate) -> InitialTokenMade:
    """A token that lets clients register at ``/oidc/register`` (RFC 7591 3)."""
    asked = {"grant_types": body.grant_types, "redirect_hosts": body.redirect_hosts}
    policy = {name: value for name, value in asked.items() if value is not UNSET}
    row, token = initial_tokens.create(
        work, body.name, uses=body.uses, lifetime_s=body.lifetime_in_seconds, policy=policy
    )
    return as_view(InitialTokenMade, {**_members(row), "token": token})


@api.get("/initial-access-tokens/{id}", scopes={"read:clients"}, summary="Get an initial access token")
def get_token(work: Work, id: Reference) -> InitialTokenView:
    """One of them."""
    return as_view(InitialTokenView, _members(initial_tokens.get(work, id)))


@api.delete("/initial-access-tokens/{id}", scopes={"delete:clients"}, summary="Delete an initial access token")
def delete_token(work: Work, id: Reference) -> None:
    """Take it back; clients that registered with it stay."""
    initial_tokens.remove(work, id)


def _members(row: InitialAccessToken) -> dict[str, object]:
    return {
        "id": row.id,
        "name": row.name,
        "uses": row.uses,
        "uses_left": row.uses_left,
        "created_at": clock.iso(row.created_at),
        "expires_at": clock.iso(row.expires_at),
        **row.policy,
    }


@api.post(
    "/clients/cimd/preview",
    scopes={"read:clients"},
    status=HTTPStatus.OK,
    summary="Preview a client ID metadata document",
)
def preview_document(work: Work, body: DocumentAddress) -> DocumentPreview:
    """Fetch a document and say what client it would make; nothing is stored."""
    url = body.external_client_id
    try:
        said, _ = documents.fetched(work, url)
    except OAuthError as problem:
        wrong = DocumentValidation(valid=False, violations=[problem.description], warnings=[])
        return as_view(DocumentPreview, {**_known(work, url), "validation": wrong, "errors": [problem.description]})
    mapped = _mapped(url, said)
    return as_view(DocumentPreview, {**_known(work, url), "validation": _good(), "mapped_fields": mapped})


@api.post("/clients/cimd/register", scopes={"create:clients"}, summary="Register a client by its metadata document")
def register_document(work: Work, body: DocumentAddress) -> DocumentRegistered:
    """Fetch a document and make its client, or bring it up to date."""
    url = body.external_client_id
    try:
        said, fresh_s = documents.fetched(work, url)
        client_id = documents.keep(work, url, said, fresh_s, made_by=documents.ADMIN)
    except OAuthError as problem:
        raise BadRequest(problem.description, problem.error) from problem
    return DocumentRegistered(client_id=client_id, mapped_fields=_mapped(url, said), validation=_good())


def _known(work: Work, url: str) -> dict[str, object]:
    """The client that the document made already."""
    row = documents.by_address(work, url)
    made_by = stored.opened(work, row).get("external_metadata_created_by") if row else None
    known: dict[str, object] = {"client_id": row.client_id} if row else {}
    return {**known, "external_metadata_created_by": made_by} if made_by else known


def _mapped(url: str, said: Metadata) -> MappedFields:
    members = metadata.members(said)
    names = [name for name in MappedFields.__struct_fields__ if members.get(name) is not None]
    return as_view(MappedFields, {**{name: members[name] for name in names}, "external_client_id": url})


def _good() -> DocumentValidation:
    return DocumentValidation(valid=True, violations=[], warnings=[])
