"""``/grants``: what users agreed to."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import UNSET, Meta, UnsetType
from sqlalchemy import ColumnElement, delete, select

from idp.foundation.apikit import Api, Page, Paging, Query
from idp.foundation.apikit.document import shown
from idp.foundation.db import paging
from idp.foundation.kernel.events import UserGrantDeleted
from idp.foundation.tenancy.management import Call
from idp.foundation.tenancy.work import Work
from idp.signin.user_grants.models import UserGrant

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
    rows = paging.fetch(call.work.rows, statement, call.page, [UserGrant.created_at, UserGrant.id])
    return Page([_shown(row) for row in rows.items], rows.total)


@api.delete("/grants/{id}", scopes={"delete:grants"}, summary="Delete a grant by id")
def delete_grant(call: Call[Query, None]) -> None:
    """Forget one consent: the user is asked again, and what the client got by it is dead. Unknown ids are no error."""
    _forget(call.work, UserGrant.id == call.params["id"])


@api.delete("/grants", scopes={"delete:grants"}, query=OfUser, summary="Delete grants by user_id")
def delete_of_user(call: Call[OfUser, None]) -> None:
    """Forget all of a user's consent, with what the clients got by it."""
    _forget(call.work, UserGrant.user_id == call.query.user_id)


def _forget(work: Work, which: ColumnElement[bool]) -> None:
    """Who listens revokes the tokens of each user and client named."""
    holders = sorted({(row.user_id, row.client_id) for row in work.rows.scalars(select(UserGrant).where(which))})
    work.rows.execute(delete(UserGrant).where(which))
    for user_id, client_id in holders:
        work.emit(UserGrantDeleted(user_id, client_id))


def _shown(row: UserGrant) -> dict[str, Any]:
    return {
        "id": row.id,
        "clientID": row.client_id,
        "user_id": row.user_id,
        "audience": row.audience,
        "scope": row.scope,
    }
