"""``/client-grants``."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType

from idp.applications.clients import client_grants, render, rights
from idp.applications.clients.models import ClientGrant
from idp.applications.clients.schemas import ClientGrantView, Text
from idp.foundation.apikit import Api, Body, Page, PageRequest, Paging, Query, changes
from idp.foundation.db import paging
from idp.foundation.db.code_points import by_code_point
from idp.foundation.tenancy.work import Work

api = Api("client-grants")


class GrantCreate(Body):
    """POST /client-grants."""

    client_id: Annotated[str, Meta(min_length=1, max_length=64, description="ID of the client")]
    audience: Annotated[
        str, Meta(min_length=1, max_length=600, description="The audience (API identifier) of this client grant")
    ]
    scope: list[Annotated[str, Meta(min_length=1, max_length=280)]] | UnsetType = UNSET
    subject_type: Literal["client", "user"] = "client"
    organization_usage: Literal["deny", "allow", "require"] | UnsetType = UNSET
    allow_any_organization: bool | UnsetType = UNSET
    authorization_details_types: list[Text] | UnsetType = UNSET
    allow_all_scopes: bool | UnsetType = UNSET


class GrantUpdate(Body):
    """PATCH /client-grants/{id}."""

    scope: list[Annotated[str, Meta(min_length=1, max_length=280)]] | UnsetType | None = UNSET
    organization_usage: Literal["deny", "allow", "require"] | UnsetType | None = UNSET
    allow_any_organization: bool | UnsetType | None = UNSET
    authorization_details_types: list[Text] | UnsetType = UNSET
    allow_all_scopes: bool | UnsetType | None = UNSET


class GrantList(Query):
    """GET /client-grants."""

    audience: str | UnsetType = UNSET
    client_id: str | UnsetType = UNSET
    allow_any_organization: bool | UnsetType = UNSET
    subject_type: Literal["client", "user", "anonymous_user"] | UnsetType = UNSET


@api.get(
    "/client-grants",
    scopes={"read:client_grants"},
    paging=Paging.by_either("client_grants"),
    summary="Get client grants",
)
def list_grants(work: Work, query: GrantList, page: PageRequest) -> Page[ClientGrantView]:
    """Grants, by client, API or kind."""
    statement = paging.narrowed(
        paging.of_tenant(work.rows, ClientGrant),
        (by_code_point(ClientGrant.audience), query.audience),
        (ClientGrant.client_id, query.client_id),
        (ClientGrant.subject_type, query.subject_type),
    ).where(*client_grants.mine(work))
    rows = paging.fetch(work.rows, statement, page, [ClientGrant.created_at, ClientGrant.id])
    return Page.of(rows, map(render.grant, rows.items))


@api.post("/client-grants", scopes={"create:client_grants"}, summary="Create client grant")
def create_grant(work: Work, body: GrantCreate) -> ClientGrantView:
    """A new grant; of the Management API nobody gives what they do not have."""
    members = {"scope": [], **changes(body)}
    rights.check_grant(work, members["client_id"], members["audience"], after=rights.Given.of(members))
    return render.grant(client_grants.create(work, **members))


@api.get("/client-grants/{id}", scopes={"read:client_grants"}, summary="Get client grant by ID")
def get_grant(work: Work, id: str) -> ClientGrantView:
    """One grant."""
    return render.grant(client_grants.get(work, id))


@api.patch("/client-grants/{id}", scopes={"update:client_grants"}, summary="Update client grant")
def update_grant(work: Work, id: str, body: GrantUpdate) -> ClientGrantView:
    """Change a grant: tokens issued from now on carry what it says now. Of the Management API nobody gives or takes
    what they do not have.
    """
    row, members = work.rows.lock(client_grants.get(work, id)), changes(body)
    before = {**row.data, "scope": row.scope}
    after = rights.Given.of({**before, **members})
    rights.check_grant(work, row.client_id, row.audience, before=rights.Given.of(before), after=after)
    return render.grant(client_grants.update(work, row, members))


@api.delete("/client-grants/{id}", scopes={"delete:client_grants"}, summary="Delete client grant")
def delete_grant(work: Work, id: str) -> None:
    """Take a grant back; of the Management API only one of which the caller has every scope. Unknown ids are no
    error.
    """
    row = client_grants.locked(work, id)
    if row is not None:
        before = rights.Given.of({**row.data, "scope": row.scope})
        rights.check_grant(work, row.client_id, row.audience, before=before)
        client_grants.remove(work, row)
