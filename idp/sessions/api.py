"""``/sessions`` and ``/users/{user_id}/sessions``."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from sqlalchemy import select

from idp.apikit import Api, Page, Paging, Query
from idp.apikit.schema import UNSET
from idp.db import paging
from idp.kernel import clock
from idp.kernel.errors import NotFound
from idp.kernel.events import Event, bus
from idp.sessions import service
from idp.sessions.models import Session, SessionClient
from idp.sessions.schemas import SessionUpdate, SessionView, check_metadata
from idp.tenants.management import Call, ManagementContext

api = Api("sessions")
_TIMES = ("created_at", "updated_at", "authenticated_at", "idle_expires_at", "expires_at", "last_interacted_at")


@api.get("/sessions/{id}", scopes={"read:sessions"}, returns=SessionView, summary="Get session")
def get_session(call: Call[Query, None]) -> dict[str, Any]:
    """One live session."""
    return _shown(call.ctx, [_live(call)])[0]


@api.patch(
    "/sessions/{id}", scopes={"update:sessions"}, body=SessionUpdate, returns=SessionView, summary="Update session"
)
def update_session(call: Call[Query, SessionUpdate]) -> dict[str, Any]:
    """Replace its metadata."""
    row = _live(call)
    if call.body.session_metadata is not UNSET:
        row.session_metadata = check_metadata("session_metadata", call.body.session_metadata)
        row.updated_at = clock.now_ms()
    return _shown(call.ctx, [row])[0]


@api.delete("/sessions/{id}", scopes={"delete:sessions"}, status=HTTPStatus.ACCEPTED, summary="Delete session")
def delete_session(call: Call[Query, None]) -> None:
    """End it. Unknown ids are no error."""
    row = call.ctx.unit.get(Session, (call.ctx.tenant, call.params["id"]))
    if row is not None:
        end(call.ctx, row.id, row.user_id)


@api.get(
    "/users/{user_id}/sessions",
    scopes={"read:sessions"},
    paging=Paging.by_checkpoint("sessions"),
    returns=SessionView,
    summary="Get sessions for user",
)
def list_sessions(call: Call[Query, None]) -> Page:
    """The user's live sessions."""
    now = clock.now_ms()
    statement = select(Session).where(
        Session.user_id == call.params["user_id"],
        Session.ended_at.is_(None),
        Session.expires_at > now,
        Session.idle_expires_at > now,
    )
    rows = paging.fetch(call.ctx.unit, statement, call.page, [Session.created_at, Session.id])
    return Page(_shown(call.ctx, rows.items), next=rows.next)


@api.delete(
    "/users/{user_id}/sessions",
    scopes={"delete:sessions"},
    status=HTTPStatus.ACCEPTED,
    summary="Delete sessions for user",
)
def delete_sessions(call: Call[Query, None]) -> None:
    """End them all."""
    user_id = call.params["user_id"]
    for session_id in service.end_all(call.ctx.joined, user_id):
        announce(call.ctx, session_id, user_id)


def end(ctx: ManagementContext, session_id: str, user_id: str) -> None:
    """End one session and tell its clients."""
    if service.end(ctx.joined, session_id):
        announce(ctx, session_id, user_id)


def announce(ctx: ManagementContext, session_id: str, user_id: str, reason: str = "session-revoked") -> None:
    """News for back-channel logout."""
    data = {"session_id": session_id, "user_id": user_id, "reason": reason}
    bus.emit(Event("session.ended", ctx.tenant, data), ctx.joined)


def _live(call: Call[Any, Any]) -> Session:
    row = call.ctx.unit.get(Session, (call.ctx.tenant, call.params["id"]))
    now = clock.now_ms()
    if row is None or row.ended_at is not None or min(row.expires_at, row.idle_expires_at) <= now:
        raise NotFound("The session was not found", "session_not_found")
    return row


def _shown(ctx: ManagementContext, rows: Sequence[Session]) -> list[dict[str, Any]]:
    clients: dict[str, list[dict[str, str]]] = {row.id: [] for row in rows}
    took_part = select(SessionClient).where(SessionClient.session_id.in_(clients)).order_by(SessionClient.created_at)
    for part in ctx.unit.scalars(took_part):
        clients[part.session_id].append({"client_id": part.client_id})
    return [_session(row, clients[row.id]) for row in rows]


def _session(row: Session, clients: list[dict[str, str]]) -> dict[str, Any]:
    return {
        "id": row.id,
        "user_id": row.user_id,
        **{name: clock.iso(getattr(row, name)) for name in _TIMES},
        "device": row.device,
        "clients": clients,
        "authentication": {"methods": [_method(method) for method in row.methods]},
        "cookie": {"mode": row.cookie_mode},
        **({"session_metadata": row.session_metadata} if row.session_metadata else {}),
    }


def _method(method: dict[str, Any]) -> dict[str, Any]:
    moment = method.get("timestamp")
    return {**method, "timestamp": clock.iso(moment)} if isinstance(moment, int) else method
