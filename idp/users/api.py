"""``/users`` and ``/users-by-email``."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from idp.apikit import Api, Page, Paging, Query
from idp.apikit.document import list_of
from idp.apikit.schema import changes
from idp.db import paging
from idp.db.time_limit import time_limit
from idp.kernel.errors import BadRequest, Forbidden
from idp.tenants.management import Call, ManagementContext
from idp.users import creation, removal, render, search, update
from idp.users.models import User
from idp.users.schemas import ByEmail, UserCreate, UserSearch, UserUpdate, UserView

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
    with time_limit(call.ctx.unit, SEARCH_SECONDS):
        rows = paging.numbered(call.ctx.unit, statement, call.page, order)
    return Page(render.users(call.ctx, rows.items), rows.total)


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
    return render.users(call.ctx, call.ctx.unit.scalars(statement).all())


@api.post("/users", scopes={"create:users"}, body=UserCreate, returns=UserView, summary="Create a user")
def create_user(call: Call[Query, UserCreate]) -> dict[str, Any]:
    """A new user in a database or passwordless connection."""
    return render.user(call.ctx, creation.create(call.ctx, call.body))


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
    return render.user(call.ctx, update.get(call.ctx, call.params["id"]))


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
    _check_members(call.ctx, set(changes(call.body)))
    return render.user(call.ctx, update.update(call.ctx, call.params["id"], call.body))


@api.delete("/users/{id}", scopes={"delete:users"}, own_scopes={"delete:current_user"}, summary="Delete a user")
def delete_user(call: Call[Query, None]) -> None:
    """Remove a user; sessions, tokens and consent go too. Unknown ids are no error."""
    removal.remove(call.ctx, call.params["id"])


def _check_members(ctx: ManagementContext, touched: set[str]) -> None:
    allowed: set[str] = set()
    for scope, members in MAY_CHANGE.items():
        if ctx.actor.has(scope):
            if members is None:
                return
            allowed |= members
    if touched - allowed:
        raise Forbidden("Insufficient scope, expected any of: update:users", "insufficient_scope")
