"""``/grants``: what users agreed to."""

from __future__ import annotations

from msgspec import UNSET, UnsetType

from idp.foundation.apikit import Api, Page, PageRequest, Paging, Query, View
from idp.foundation.db import paging
from idp.foundation.db.code_points import by_code_point
from idp.foundation.kernel.formats import UserId
from idp.foundation.tenancy.work import Work
from idp.signin.user_grants import service
from idp.signin.user_grants.models import UserGrant

MOST_COUNTED = 10_000
"""Counting grants ends here."""
api = Api("grants")


class GrantList(Query):
    """GET /grants."""

    user_id: str | UnsetType = UNSET
    client_id: str | UnsetType = UNSET
    audience: str | UnsetType = UNSET


class OfUser(Query):
    """DELETE /grants."""

    user_id: UserId


class UserGrantView(View):
    """What a user agreed to."""

    id: str
    clientID: str  # noqa: N815 - Auth0's name
    user_id: str
    audience: str
    scope: list[str]
    claims: list[str] | UnsetType = UNSET
    """Single claims beside them, where the ``claims`` parameter asked for some."""


@api.get("/grants", scopes={"read:grants"}, paging=Paging.by_offset("grants"), summary="Get grants")
def list_grants(work: Work, query: GrantList, page: PageRequest) -> Page[UserGrantView]:
    """Consent on record."""
    statement = paging.narrowed(
        paging.of_tenant(work.rows, UserGrant),
        (UserGrant.user_id, query.user_id),
        (by_code_point(UserGrant.client_id), query.client_id),
        (UserGrant.audience, query.audience),
    )
    rows = paging.fetch(work.rows, statement, page, [UserGrant.created_at, UserGrant.id], count_at_most=MOST_COUNTED)
    return Page.of(rows, map(grant_view, rows.items))


@api.delete("/grants/{id}", scopes={"delete:grants"}, summary="Delete a grant by id")
def delete_grant(work: Work, id: str) -> None:
    """Forget one consent: the user is asked again, and what the client got by it is dead; what it got of other APIs is
    not. Unknown ids are no error.
    """
    service.forget_one(work, id)


@api.delete("/grants", scopes={"delete:grants"}, summary="Delete grants by user_id")
def delete_of_user(work: Work, query: OfUser) -> None:
    """Forget all of a user's consent, with what the clients got by it."""
    service.forget_user(work, query.user_id)


def grant_view(row: UserGrant) -> UserGrantView:
    """One consent as it is answered."""
    return UserGrantView(
        id=row.id,
        clientID=row.client_id,
        user_id=row.user_id,
        audience=row.audience,
        scope=row.scope,
        claims=row.claims or UNSET,
    )
