"""``/grants``: what users agreed to."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import UNSET, Meta, UnsetType
from sqlalchemy import ColumnElement, delete, select

from idp.apikit import Api, Page, Paging, Query
from idp.apikit.document import shown
from idp.db import paging
from idp.kernel.events import Event, bus
from idp.tenants.management import Call, ManagementContext
from idp.user_grants.models import UserGrant

api = Api("grants")


class GrantList(Query):
    """GET /grants."""

    user_id: str | UnsetType = UNSET
    client_id: str | UnsetType = UNSET
    audience: str | UnsetType = UNSET


class OfUser(Query):
    """DELETE /grants."""

    user_id: Annotated[str, Meta(min_length=1, max_length=300)]


UserGrantView = shown(
    "UserGrant", extra={"id": str, "clientID": str, "user_id": str, "audience": str, "scope": list[str]}
)


@api.get(
    "/grants",
    scopes={"read:grants"},
    query=GrantList,
    paging=Paging.by_offset("grants"),
    returns=UserGrantView,
    summary="Get grants",
)
def list_grants(call: Call[GrantList, None]) -> Page:
    """Consent on record."""
    statement = select(UserGrant)
    for column, value in (
        (UserGrant.user_id, call.query.user_id),
        (UserGrant.client_id, call.query.client_id),
        (UserGrant.audience, call.query.audience),
    ):
        if value is not UNSET:
            statement = statement.where(column == value)
    rows = paging.fetch(call.ctx.unit, statement, call.page, [UserGrant.created_at, UserGrant.id])
    return Page([_shown(row) for row in rows.items], rows.total)


@api.delete("/grants/{id}", scopes={"delete:grants"}, summary="Delete a grant by id")
def delete_grant(call: Call[Query, None]) -> None:
    """Forget one consent: the user is asked again, and what the client got by it is dead. Unknown ids are no error."""
    _forget(call.ctx, UserGrant.id == call.params["id"])


@api.delete("/grants", scopes={"delete:grants"}, query=OfUser, summary="Delete grants by user_id")
def delete_of_user(call: Call[OfUser, None]) -> None:
    """Forget all of a user's consent, with what the clients got by it."""
    _forget(call.ctx, UserGrant.user_id == call.query.user_id)


def _forget(ctx: ManagementContext, which: ColumnElement[bool]) -> None:
    """Who listens revokes the tokens of each user and client named."""
    holders = sorted({(row.user_id, row.client_id) for row in ctx.unit.scalars(select(UserGrant).where(which))})
    ctx.unit.execute(delete(UserGrant).where(which))
    for user_id, client_id in holders:
        data = {"user_id": user_id, "client_id": client_id}
        bus.emit(Event("user_grant.deleted", ctx.tenant, data), ctx.joined)


def _shown(row: UserGrant) -> dict[str, Any]:
    return {
        "id": row.id,
        "clientID": row.client_id,
        "user_id": row.user_id,
        "audience": row.audience,
        "scope": row.scope,
    }
