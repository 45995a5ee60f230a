"""``/users`` and ``/users-by-email``."""

from __future__ import annotations

from idp.directory.connections import service as connections
from idp.directory.connections.schemas import ByEmail as AccountByEmail
from idp.directory.users import render, search, source_tokens
from idp.directory.users import service as users
from idp.directory.users.schemas import ByEmail, UserCreate, UserSearch, UserUpdate, UserView
from idp.foundation.apikit import Api, Page, PageRequest, Paging, changes
from idp.foundation.db.time_limit import time_limit
from idp.foundation.kernel.actor import API
from idp.foundation.kernel.errors import BadRequest
from idp.foundation.kernel.formats import ConnectionId, UserId
from idp.foundation.kernel.rights import MemberRights
from idp.foundation.tenancy.work import Work

api = Api("users")
SEARCH_SECONDS = 2.0
OWN_METADATA = {"create:current_user_metadata", "update:current_user_metadata", "delete:current_user_metadata"}
_UPDATE = frozenset({"update:users"})
WRITE = MemberRights(_UPDATE, {"app_metadata": _UPDATE | {"update:users_app_metadata"}})
OWN_WRITE = MemberRights(_UPDATE, {**WRITE.named, "user_metadata": _UPDATE | OWN_METADATA})
"""PATCH, by others and by the person themselves."""


@api.get(
    "/users",
    scopes={"read:users", "read:user_idp_tokens"},
    paging=Paging.by_offset("users", length=True, zero_size=True),
    fields=True,
    stale=True,
    summary="List or search users",
)
def list_users(work: Work, query: UserSearch, page: PageRequest) -> Page[UserView]:
    """Users that match ``q``; at most the first thousand. ``total`` counts what a search finds to 3,000 at most."""
    if query.search_engine in {"v1", "v2"}:
        raise BadRequest(
            f"You are not allowed to use search_engine={query.search_engine}. Use search_engine=v3 instead.",
            "invalid_query_string",
        )
    with time_limit(work.rows, SEARCH_SECONDS):
        extended = work.config.settings.extended_user_search
        rows = search.page(work.rows, page, query=query.q or None, sort=query.sort or None, extended=extended)
    return Page.of(rows, render.views(work, rows.items))


@api.get("/users-by-email", scopes={"read:users"}, fields=True, summary="Search users by email")
def list_by_email(work: Work, query: ByEmail) -> list[UserView]:
    """Users with exactly that address."""
    return render.views(work, search.with_email(work.rows, query.email))


@api.post("/users", scopes={"create:users"}, summary="Create a user")
def create_user(work: Work, body: UserCreate) -> UserView:
    """A new user in a database or passwordless connection."""
    return render.view(work, users.create(work, changes(body)))


@api.get(
    "/users/{id}",
    scopes={"read:users", "read:user_idp_tokens"},
    own_scopes={"read:current_user"},
    fields=True,
    summary="Get a user",
)
def get_user(work: Work, id: UserId) -> UserView:
    """One user. Who may see tokens of sources sees good ones: those that are over are refreshed first."""
    row, accounts = users.with_accounts(work, id)
    asked = work.actor.channel == API  # a page that is looked at asks no source
    if asked and work.actor.has(render.IDP_TOKENS) and any(account.tokens_sealed for account in accounts):
        source_tokens.refresh_of_user(work, id)
        row, accounts = users.with_accounts(work, id)
    return render.view_with(work, row, accounts)


@api.patch(
    "/users/{id}",
    scopes={"update:users", "update:users_app_metadata"},
    own_scopes=OWN_METADATA,
    summary="Update a user",
)
def update_user(work: Work, id: UserId, body: UserUpdate) -> UserView:
    """Change a user; which members depends on the scope."""
    members = changes(body)
    (OWN_WRITE if work.actor.user_id == id else WRITE).check(work.actor, members)
    return render.view(work, users.update(work, id, members))


@api.delete("/users/{id}", scopes={"delete:users"}, own_scopes={"delete:current_user"}, summary="Delete a user")
def delete_user(work: Work, id: UserId) -> None:
    """Remove a user; sessions, tokens and consent go too. Unknown ids are no error."""
    users.delete(work, id)


@api.delete("/connections/{id}/users", scopes={"delete:users"}, summary="Delete a connection user")
def delete_connection_user(work: Work, id: ConnectionId, query: AccountByEmail) -> None:
    """Remove the stored account with that address; a half-migrated user can then be imported again."""
    connection = connections.get(work, id)
    users.delete_stored_account(work, connection.id, query.email)
