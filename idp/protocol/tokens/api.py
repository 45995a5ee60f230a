"""``/refresh-tokens``, a user's refresh tokens and access, ``/device-credentials``."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from sqlalchemy import update

from idp.foundation.apikit import Api, Page, Paging, Query
from idp.foundation.apikit.schema import UNSET
from idp.foundation.db import paging
from idp.foundation.kernel import clock
from idp.foundation.kernel.errors import BadRequest
from idp.foundation.tenancy.management import Call
from idp.foundation.tenancy.work import Work
from idp.protocol.tokens import families, store
from idp.protocol.tokens.models import Authorization
from idp.protocol.tokens.schemas import (
    DeviceList,
    DeviceView,
    RefreshTokenList,
    RefreshTokenUpdate,
    RefreshTokenView,
    RevokeAccess,
    RevokeMany,
)
from idp.signin.sessions import api as session_api
from idp.signin.sessions import service as sessions
from idp.signin.sessions.models import Session
from idp.signin.sessions.schemas import check_metadata

api = Api("refresh-tokens")
KEY = [Authorization.created_at, Authorization.id]
ROTATING, FIXED = "rotating_refresh_token", "refresh_token"


@api.get(
    "/refresh-tokens",
    scopes={"read:refresh_tokens"},
    query=RefreshTokenList,
    paging=Paging.by_checkpoint("refresh_tokens"),
    returns=RefreshTokenView,
    fields=True,
    summary="Get refresh tokens",
)
def list_refresh_tokens(call: Call[RefreshTokenList, None]) -> Page:
    """A user's refresh tokens, of one client or of all."""
    statement = families.live().where(Authorization.user_id == call.query.user_id)
    if call.query.client_id is not UNSET:
        statement = statement.where(Authorization.client_id == call.query.client_id)
    rows = paging.fetch(call.work.rows, statement, call.page, KEY)
    return Page(families.shown(call.work, rows.items), next=rows.next)


@api.get(
    "/refresh-tokens/{id}", scopes={"read:refresh_tokens"}, returns=RefreshTokenView, summary="Get a refresh token"
)
def get_refresh_token(call: Call[Query, None]) -> dict[str, Any]:
    """One refresh token."""
    return families.shown(call.work, [families.get(call.work, call.params["id"])])[0]


@api.patch(
    "/refresh-tokens/{id}",
    scopes={"update:refresh_tokens"},
    body=RefreshTokenUpdate,
    returns=RefreshTokenView,
    summary="Update a refresh token",
)
def update_refresh_token(call: Call[Query, RefreshTokenUpdate]) -> dict[str, Any]:
    """Replace its metadata."""
    row = families.get(call.work, call.params["id"])
    if call.body.refresh_token_metadata is not UNSET:
        row.refresh_token_metadata = check_metadata("refresh_token_metadata", call.body.refresh_token_metadata)
    return families.shown(call.work, [row])[0]


@api.delete("/refresh-tokens/{id}", scopes={"delete:refresh_tokens"}, summary="Delete a refresh token")
def delete_refresh_token(call: Call[Query, None]) -> None:
    """Revoke it and every token that came of it. Unknown ids are no error."""
    store.revoke(call.work, call.params["id"])


@api.post(
    "/refresh-tokens/revoke",
    scopes={"delete:refresh_tokens"},
    body=RevokeMany,
    status=HTTPStatus.NO_CONTENT,
    summary="Revoke refresh tokens",
)
def revoke_many(call: Call[Query, RevokeMany]) -> None:
    """Revoke by ids, or all of a user, of a client, or of both, optionally of one API."""
    body = call.body
    if body.ids is UNSET and body.user_id is UNSET and body.client_id is UNSET:
        raise BadRequest(
            "Payload validation error: 'Missing required property: ids, user_id or client_id'.", "invalid_body"
        )
    statement = update(Authorization).where(Authorization.revoked_at.is_(None), Authorization.offline.is_(True))
    if isinstance(body.ids, list):
        statement = statement.where(Authorization.id.in_(body.ids))
    for column, value in (
        (Authorization.user_id, body.user_id),
        (Authorization.client_id, body.client_id),
        (Authorization.audience, body.audience),
    ):
        if value is not UNSET:
            statement = statement.where(column == value)
    call.work.rows.execute(statement.values(revoked_at=clock.now_ms()))


@api.get(
    "/users/{user_id}/refresh-tokens",
    scopes={"read:refresh_tokens"},
    paging=Paging.by_checkpoint("tokens"),
    returns=RefreshTokenView,
    summary="Get refresh tokens for a user",
)
def list_of_user(call: Call[Query, None]) -> Page:
    """The user's refresh tokens."""
    statement = families.live().where(Authorization.user_id == call.params["user_id"])
    rows = paging.fetch(call.work.rows, statement, call.page, KEY)
    return Page(families.shown(call.work, rows.items), next=rows.next)


@api.delete(
    "/users/{user_id}/refresh-tokens",
    scopes={"delete:refresh_tokens"},
    status=HTTPStatus.ACCEPTED,
    summary="Delete refresh tokens for a user",
)
def delete_of_user(call: Call[Query, None]) -> None:
    """Revoke them all."""
    store.revoke_of_user(call.work, call.params["user_id"])


@api.post(
    "/users/{id}/revoke-access",
    scopes={"delete:sessions", "delete:refresh_tokens"},
    body=RevokeAccess,
    status=HTTPStatus.NO_CONTENT,
    summary="Revoke a user's access",
)
def revoke_access(call: Call[Query, RevokeAccess]) -> None:
    """End the user's sessions (or one of them) and, unless told otherwise, their refresh tokens."""
    user_id, keep = call.params["id"], call.body.preserve_refresh_tokens
    if isinstance(call.body.session_id, str):
        row = call.work.rows.get(Session, (call.work.tenant_id, call.body.session_id))
        if row is not None and row.user_id == user_id:
            _end(call.work, row, tokens_too=not keep)
        return
    for session_id in sessions.end_all(call.work, user_id):
        session_api.announce(call.work, session_id, user_id)
    if not keep:
        store.revoke_of_user(call.work, user_id)


@api.post(
    "/sessions/{id}/revoke",
    scopes={"delete:sessions", "delete:refresh_tokens"},
    status=HTTPStatus.ACCEPTED,
    summary="Revoke session",
)
def revoke_session(call: Call[Query, None]) -> None:
    """End a session together with the refresh tokens that came of it. Unknown ids are no error."""
    row = call.work.rows.get(Session, (call.work.tenant_id, call.params["id"]))
    if row is not None:
        _end(call.work, row, tokens_too=True)


@api.get(
    "/device-credentials",
    scopes={"read:device_credentials"},
    query=DeviceList,
    paging=Paging.by_offset("device_credentials"),
    returns=DeviceView,
    fields=True,
    summary="Retrieve device credentials",
)
def list_devices(call: Call[DeviceList, None]) -> Page:
    """Refresh tokens, seen as the devices that hold them."""
    query, statement = call.query, families.live()
    for column, value in ((Authorization.user_id, query.user_id), (Authorization.client_id, query.client_id)):
        if value is not UNSET:
            statement = statement.where(column == value)
    if query.type is not UNSET:
        if query.type == "public_key":
            return Page([], total=0)
        statement = statement.where(Authorization.rotating.is_(query.type == ROTATING))
    rows = paging.fetch(call.work.rows, statement, call.page, KEY)
    return Page([_device(row) for row in rows.items], rows.total)


@api.delete(
    "/device-credentials/{id}",
    scopes={"delete:device_credentials"},
    summary="Delete a device credential",
)
def delete_device(call: Call[Query, None]) -> None:
    """Unlink a device: its refresh token is dead."""
    store.revoke(call.work, call.params["id"])


def _end(work: Work, row: Session, *, tokens_too: bool) -> None:
    session_api.end(work, row.id, row.user_id)
    if tokens_too:
        store.revoke_of_session(work, row.id, offline_too=True)


def _device(row: Authorization) -> dict[str, Any]:
    device = row.device or {}
    return {
        "id": row.id,
        "device_name": str(device.get("initial_user_agent") or "unknown"),
        "type": ROTATING if row.rotating else FIXED,
        "user_id": row.user_id,
        "client_id": row.client_id,
    }
