"""``/users`` and ``/users-by-email``."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from idp.directory.connections import service as connections
from idp.directory.connections.schemas import CONNECTION_ID
from idp.directory.connections.schemas import ByEmail as AccountByEmail
from idp.directory.users import creation, removal, render, search, update
from idp.directory.users.models import User
from idp.directory.users.schemas import ByEmail, UserCreate, UserSearch, UserUpdate, UserView
from idp.foundation.apikit import Api, Page, Paging, Query
from idp.foundation.apikit.document import list_of
from idp.foundation.apikit.schema import changes
from idp.foundation.db import paging
from idp.foundation.db.time_limit import time_limit
from idp.foundation.kernel.errors import BadRequest, Forbidden
from idp.foundation.tenancy.management import Call
from idp.foundation.tenancy.work import Work

api = Api("users")
SEARCH_SECONDS = 2.0
OWN_METADATA = {"create:current_user_metadata", "update:current_user_metadata", "delete:current_user_metadata"}
MAY_CHANGE = {
    "update:users": None,
    "update:users_app_metadata": frozenset({"app_metadata"}),
    **dict.fromkeys(OWN_METADATA, frozenset({"user_metadata"})),
}
"""Scope -> the only members it may change; None is all."""


@api.get(
    "/users",
    scopes={"read:users", "read:user_idp_tokens"},
    query=UserSearch,
    paging=Paging.by_offset("users", length=True, zero_size=True),
    returns=UserView,
    fields=True,
    summary="List or search users",
)
def list_users(call: Call[UserSearch, None]) -> Page:
    """Users that match ``q``; at most the first thousand."""
    query = call.query
    if query.search_engine in {"v1", "v2"}:
        raise BadRequest(
            f"You are not allowed to use search_engine={query.search_engine}. Use search_engine=v3 instead.",
            "invalid_query_string",
        )
    statement = select(User)
    if query.q:
        statement = statement.where(search.condition(search.parse(query.q)))
    order = search.ordering(query.sort) if query.sort else [User.created_at.asc(), User.user_id.asc()]
    with time_limit(call.work.rows, SEARCH_SECONDS):
        rows = paging.numbered(call.work.rows, statement, call.page, order)
    return Page(render.users(call.work, rows.items), rows.total)


@api.get(
    "/users-by-email",
    scopes={"read:users"},
    query=ByEmail,
    returns=list_of(UserView),
    fields=True,
    summary="Search users by email",
)
def list_by_email(call: Call[ByEmail, None]) -> list[dict[str, Any]]:
    """Users with exactly that address."""
    statement = select(User).where(User.email == call.query.email).order_by(User.created_at, User.user_id).limit(100)
    return render.users(call.work, call.work.rows.scalars(statement).all())


@api.post("/users", scopes={"create:users"}, body=UserCreate, returns=UserView, summary="Create a user")
def create_user(call: Call[Query, UserCreate]) -> dict[str, Any]:
    """A new user in a database or passwordless connection."""
    return render.user(call.work, creation.create(call.work, call.body))


@api.get(
    "/users/{id}",
    scopes={"read:users", "read:user_idp_tokens"},
    own_scopes={"read:current_user"},
    returns=UserView,
    fields=True,
    summary="Get a user",
)
def get_user(call: Call[Query, None]) -> dict[str, Any]:
    """One user."""
    return render.user(call.work, update.get(call.work, call.params["id"]))


@api.patch(
    "/users/{id}",
    scopes={"update:users", "update:users_app_metadata"},
    own_scopes=OWN_METADATA,
    body=UserUpdate,
    returns=UserView,
    summary="Update a user",
)
def update_user(call: Call[Query, UserUpdate]) -> dict[str, Any]:
    """Change a user; which members depends on the scope."""
    _check_members(call.work, set(changes(call.body)))
    return render.user(call.work, update.update(call.work, call.params["id"], call.body))


@api.delete("/users/{id}", scopes={"delete:users"}, own_scopes={"delete:current_user"}, summary="Delete a user")
def delete_user(call: Call[Query, None]) -> None:
    """Remove a user; sessions, tokens and consent go too. Unknown ids are no error."""
    removal.remove(call.work, call.params["id"])


@api.delete(
    "/connections/{id}/users",
    scopes={"delete:users"},
    formats={"id": CONNECTION_ID},
    query=AccountByEmail,
    summary="Delete a connection user",
)
def delete_connection_user(call: Call[AccountByEmail, None]) -> None:
    """Remove the stored account with that address; a half-migrated user can then be imported again."""
    connection = connections.get(call.work, call.params["id"])
    removal.remove_stored_account(call.work, connection.id, call.query.email)


def _check_members(work: Work, touched: set[str]) -> None:
    allowed: set[str] = set()
    for scope, members in MAY_CHANGE.items():
        if work.actor.has(scope):
            if members is None:
                return
            allowed |= members
    if touched - allowed:
        raise Forbidden("Insufficient scope, expected any of: update:users", "insufficient_scope")
