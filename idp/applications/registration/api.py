"""``/initial-access-tokens``, ours: whoever may make clients may let others make some."""

from __future__ import annotations

from msgspec import UNSET

from idp.applications.registration import initial_tokens
from idp.applications.registration.models import InitialAccessToken
from idp.applications.registration.schemas import InitialTokenCreate, InitialTokenMade, InitialTokenView
from idp.foundation.apikit import Api, Page, PageRequest, Paging, as_view
from idp.foundation.db import paging
from idp.foundation.kernel import clock
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
