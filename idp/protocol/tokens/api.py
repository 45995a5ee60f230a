"""``/refresh-tokens``, a user's refresh tokens and access, ``/device-credentials``."""

from __future__ import annotations

from http import HTTPStatus

from msgspec import UNSET
from sqlalchemy import select

from idp.foundation.apikit import Api, Page, PageRequest, Paging, changes
from idp.foundation.db import paging
from idp.foundation.kernel.faults import BODY, fault
from idp.foundation.kernel.formats import UserId
from idp.foundation.tenancy.work import Work
from idp.protocol.tokens import device_keys, devices, families, render, store
from idp.protocol.tokens.models import Authorization, DeviceKey
from idp.protocol.tokens.schemas import (
    DeviceCredentialView,
    DeviceKeyCreate,
    DeviceKeyView,
    DeviceList,
    RefreshTokenList,
    RefreshTokenUpdate,
    RefreshTokenView,
    RevokeAccess,
    RevokeMany,
)
from idp.signin.sessions import service as sessions
from idp.signin.sessions.models import Session

api = Api("refresh-tokens")
REVOKED = "session-revoked"
ANY_DEVICE = "delete:device_credentials"
DELETE_DEVICES = frozenset({ANY_DEVICE, "delete:current_user_device_credentials"})
KEY = [Authorization.created_at, Authorization.id]


@api.get(
    "/refresh-tokens",
    scopes={"read:refresh_tokens"},
    paging=Paging.by_checkpoint("refresh_tokens"),
    fields=True,
    summary="Get refresh tokens",
)
def list_refresh_tokens(work: Work, query: RefreshTokenList, page: PageRequest) -> Page[RefreshTokenView]:
    """A user's refresh tokens, of one client or of all."""
    statement = paging.narrowed(
        families.live(), (Authorization.user_id, query.user_id), (Authorization.client_id, query.client_id)
    )
    rows = paging.fetch(work.rows, statement, page, KEY)
    return Page.of(rows, map(render.view, rows.items))


@api.get("/refresh-tokens/{id}", scopes={"read:refresh_tokens"}, summary="Get a refresh token")
def get_refresh_token(work: Work, id: str) -> RefreshTokenView:
    """One refresh token."""
    return render.view(families.get(work, id))


@api.patch("/refresh-tokens/{id}", scopes={"update:refresh_tokens"}, summary="Update a refresh token")
def update_refresh_token(work: Work, id: str, body: RefreshTokenUpdate) -> RefreshTokenView:
    """Replace its metadata."""
    return render.view(families.update(work, id, changes(body)))


@api.delete("/refresh-tokens/{id}", scopes={"delete:refresh_tokens"}, summary="Delete a refresh token")
def delete_refresh_token(work: Work, id: str) -> None:
    """Revoke it and every token that came of it. Unknown ids are no error."""
    store.revoke(work, id)


@api.post(
    "/refresh-tokens/revoke",
    scopes={"delete:refresh_tokens"},
    status=HTTPStatus.NO_CONTENT,
    summary="Revoke refresh tokens",
)
def revoke_many(work: Work, body: RevokeMany) -> None:
    """Revoke by ids, or all of a user, of a client, or of both, optionally of one API."""
    if body.ids is UNSET and body.user_id is UNSET and body.client_id is UNSET:
        raise fault(BODY, "Missing required property: ids, user_id or client_id")
    families.revoke_all(work, changes(body))


@api.get(
    "/users/{user_id}/refresh-tokens",
    scopes={"read:refresh_tokens"},
    paging=Paging.by_checkpoint("tokens"),
    summary="Get refresh tokens for a user",
)
def list_of_user(work: Work, user_id: UserId, page: PageRequest) -> Page[RefreshTokenView]:
    """The user's refresh tokens."""
    rows = paging.fetch(work.rows, families.live().where(Authorization.user_id == user_id), page, KEY)
    return Page.of(rows, map(render.view, rows.items))


@api.delete(
    "/users/{user_id}/refresh-tokens",
    scopes={"delete:refresh_tokens"},
    status=HTTPStatus.ACCEPTED,
    summary="Delete refresh tokens for a user",
)
def delete_of_user(work: Work, user_id: UserId) -> None:
    """Revoke them all."""
    store.revoke_of_user(work, user_id)


@api.post(
    "/users/{id}/revoke-access",
    scopes={"delete:sessions", "delete:refresh_tokens"},
    status=HTTPStatus.NO_CONTENT,
    summary="Revoke a user's access",
)
def revoke_access(work: Work, id: UserId, body: RevokeAccess) -> None:
    """End the user's sessions (or one of them) and, unless told otherwise, their refresh tokens."""
    if isinstance(body.session_id, str):
        row = work.rows.get(Session, (work.tenant_id, body.session_id))
        if row is not None and row.user_id == id:
            _end(work, row, tokens_too=not body.preserve_refresh_tokens)
        return
    sessions.end_all(work, id, REVOKED)
    if not body.preserve_refresh_tokens:
        store.revoke_of_user(work, id)


@api.post(
    "/sessions/{id}/revoke",
    scopes={"delete:sessions", "delete:refresh_tokens"},
    status=HTTPStatus.ACCEPTED,
    summary="Revoke session",
)
def revoke_session(work: Work, id: str) -> None:
    """End a session together with the refresh tokens that came of it. Unknown ids are no error."""
    row = work.rows.get(Session, (work.tenant_id, id))
    if row is not None:
        _end(work, row, tokens_too=True)


@api.get(
    "/device-credentials",
    scopes={"read:device_credentials"},
    paging=Paging.by_offset("device_credentials"),
    fields=True,
    summary="Retrieve device credentials",
)
def list_devices(work: Work, query: DeviceList, page: PageRequest) -> Page[DeviceCredentialView]:
    """Refresh tokens, seen as the devices that hold them; with ``type=public_key`` the keys of devices."""
    if query.type == render.PUBLIC_KEY:
        keys = paging.narrowed(
            select(DeviceKey), (DeviceKey.user_id, query.user_id), (DeviceKey.client_id, query.client_id)
        )
        found = paging.fetch(work.rows, keys, page, [DeviceKey.created_at, DeviceKey.id])
        return Page.of(found, map(render.device_key, found.items))
    rotating = UNSET if query.type is UNSET else query.type == render.ROTATING
    statement = paging.narrowed(
        families.live(),
        (Authorization.user_id, query.user_id),
        (Authorization.client_id, query.client_id),
        (Authorization.rotating, rotating),
    )
    rows = paging.fetch(work.rows, statement, page, KEY)
    return Page.of(rows, map(render.device, rows.items))


@api.post(
    "/device-credentials", scopes={"create:current_user_device_credentials"}, summary="Create a device public key"
)
def create_device_key(work: Work, body: DeviceKeyCreate) -> DeviceKeyView:
    """Keep the public key of a device of the user who calls."""
    return DeviceKeyView(id=device_keys.create(work, changes(body)).id)


@api.delete("/device-credentials/{id}", scopes=DELETE_DEVICES, summary="Delete a device credential")
def delete_device(work: Work, id: str) -> None:
    """Unlink a device: its refresh token is dead, its key forgotten. A user with the scope of their own unlinks their
    own devices.
    """
    devices.unlink(work, id, only_of=None if work.actor.has(ANY_DEVICE) else work.actor.user_id or "")


def _end(work: Work, row: Session, *, tokens_too: bool) -> None:
    sessions.end(work, row.id, row.user_id, REVOKED)
    if tokens_too:
        store.revoke_of_session(work, row.id, offline_too=True)
