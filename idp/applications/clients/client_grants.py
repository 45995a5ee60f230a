"""Client grants: what a client may ask of a resource server. Use cases and ``/client-grants``."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, select

from idp.applications.clients import render, service
from idp.applications.clients.models import ClientGrant
from idp.applications.clients.schemas import GrantCreate, GrantList, GrantUpdate, GrantView
from idp.applications.resource_servers.models import ResourceServer
from idp.foundation.apikit import Api, Page, Paging, Query
from idp.foundation.apikit.schema import UNSET, changes, given
from idp.foundation.db import paging
from idp.foundation.kernel import clock, ids
from idp.foundation.kernel.documents import merged
from idp.foundation.kernel.errors import BadRequest, Conflict, NotFound
from idp.foundation.tenancy.management import Call
from idp.foundation.tenancy.work import Work

api = Api("client-grants")


def get(work: Work, grant_id: str) -> ClientGrant:
    """The grant.

    :raises NotFound: ``inexistent_client_grant``.
    """
    grant = work.rows.get(ClientGrant, (work.tenant_id, grant_id))
    if grant is None:
        raise NotFound("The grant does not exist.", "inexistent_client_grant")
    return grant


def create(
    work: Work,
    client_id: str,
    audience: str,
    scope: list[str],
    *,
    subject_type: str = "client",
    **more: Any,
) -> ClientGrant:
    """Let a client ask for ``scope`` of the API ``audience`` on its own behalf.

    :raises NotFound: no such client or API.
    :raises Conflict: there is a grant for the two already.
    :raises BadRequest: the API has no such permission.
    """
    service.get(work, client_id)
    _check_scope(work, audience, scope)
    twin = select(ClientGrant.id).where(
        ClientGrant.client_id == client_id, ClientGrant.audience == audience, ClientGrant.subject_type == subject_type
    )
    if work.rows.scalars(twin).first() is not None:
        raise Conflict(f"A resource server with identifier '{audience}' is already granted to the client.")
    grant = ClientGrant(
        tenant_id=work.tenant_id,
        id=ids.prefixed("cgr"),
        client_id=client_id,
        audience=audience,
        scope=scope,
        subject_type=subject_type,
        data=more,
        created_at=clock.now_ms(),
    )
    work.rows.add(grant)
    work.rows.flush()
    work.configuration_changed()
    return grant


def update(work: Work, grant: ClientGrant, members: dict[str, Any]) -> ClientGrant:
    """Change a grant; its scopes are replaced whole."""
    if "scope" in members:
        grant.scope = list(members.pop("scope") or ())
        _check_scope(work, grant.audience, grant.scope)
    grant.data = merged(grant.data, members)
    work.rows.flush()
    work.configuration_changed()
    return grant


def _check_scope(work: Work, audience: str, scope: list[str]) -> None:
    api_row = work.rows.scalars(select(ResourceServer).where(ResourceServer.identifier == audience)).first()
    if api_row is None:
        raise NotFound(f"Resource server not found: {audience}", "inexistent_resource_server")
    known = {permission["value"] for permission in api_row.data.get("scopes") or ()}
    unknown = [value for value in scope if value not in known]
    if unknown:
        raise BadRequest(f"Scopes not defined by the resource server: {', '.join(unknown)[:300]}", "invalid_body")


@api.get(
    "/client-grants",
    scopes={"read:client_grants"},
    query=GrantList,
    paging=Paging.by_either("client_grants"),
    returns=GrantView,
    summary="Get client grants",
)
def list_grants(call: Call[GrantList, None]) -> Page:
    """Grants, by client, API or kind."""
    statement = select(ClientGrant)
    for column, value in (
        (ClientGrant.audience, call.query.audience),
        (ClientGrant.client_id, call.query.client_id),
        (ClientGrant.subject_type, call.query.subject_type),
    ):
        if value is not UNSET:
            statement = statement.where(column == value)
    rows = paging.fetch(call.work.rows, statement, call.page, [ClientGrant.created_at, ClientGrant.id])
    return Page([render.grant(row) for row in rows.items], rows.total, rows.next)


@api.post(
    "/client-grants",
    scopes={"create:client_grants"},
    body=GrantCreate,
    returns=GrantView,
    summary="Create client grant",
)
def create_grant(call: Call[Query, GrantCreate]) -> dict[str, Any]:
    """A new grant."""
    body = call.body
    more = {
        name: value
        for name, value in changes(body).items()
        if name not in {"client_id", "audience", "scope", "subject_type"}
    }
    grant = create(
        call.work,
        body.client_id,
        body.audience,
        given(body.scope, []),
        subject_type=body.subject_type,
        **more,
    )
    return render.grant(grant)


@api.get("/client-grants/{id}", scopes={"read:client_grants"}, returns=GrantView, summary="Get client grant by ID")
def get_grant(call: Call[Query, None]) -> dict[str, Any]:
    """One grant."""
    return render.grant(get(call.work, call.params["id"]))


@api.patch(
    "/client-grants/{id}",
    scopes={"update:client_grants"},
    body=GrantUpdate,
    returns=GrantView,
    summary="Update client grant",
)
def update_grant(call: Call[Query, GrantUpdate]) -> dict[str, Any]:
    """Change a grant: tokens issued from now on carry what it says now."""
    grant = get(call.work, call.params["id"])
    return render.grant(update(call.work, grant, changes(call.body)))


@api.delete("/client-grants/{id}", scopes={"delete:client_grants"}, summary="Delete client grant")
def delete_grant(call: Call[Query, None]) -> None:
    """Take a grant back. Unknown ids are no error."""
    call.work.rows.execute(delete(ClientGrant).where(ClientGrant.id == call.params["id"]))
    call.work.configuration_changed()
