"""``/sessions`` and ``/users/{user_id}/sessions``."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from sqlalchemy import select

from idp.foundation.apikit import Api, Page, Paging, Query
from idp.foundation.apikit.schema import UNSET
from idp.foundation.db import paging
from idp.foundation.kernel import clock
from idp.foundation.kernel.errors import NotFound
from idp.foundation.kernel.events import SessionEnded
from idp.foundation.tenancy.management import Call
from idp.foundation.tenancy.work import Work
from idp.signin.sessions import service
from idp.signin.sessions.models import Session, SessionClient
from idp.signin.sessions.schemas import SessionUpdate, SessionView, check_metadata

api = Api("sessions")
_TIMES = ("created_at", "updated_at", "authenticated_at", "idle_expires_at", "expires_at", "last_interacted_at")


@api.get("/sessions/{id}", scopes={"read:sessions"}, returns=SessionView, summary="Get session")
def get_session(call: Call[Query, None]) -> dict[str, Any]:
    """One live session."""
    return _shown(call.work, [_live(call)])[0]


@api.patch(
    "/sessions/{id}", scopes={"update:sessions"}, body=SessionUpdate, returns=SessionView, summary="Update session"
)
def update_session(call: Call[Query, SessionUpdate]) -> dict[str, Any]:
    """Replace its metadata."""
    row = _live(call)
    if call.body.session_metadata is not UNSET:
        row.session_metadata = check_metadata("session_metadata", call.body.session_metadata)
        row.updated_at = clock.now_ms()
    return _shown(call.work, [row])[0]


@api.delete("/sessions/{id}", scopes={"delete:sessions"}, status=HTTPStatus.ACCEPTED, summary="Delete session")
def delete_session(call: Call[Query, None]) -> None:
    """End it. Unknown ids are no error."""
    row = call.work.rows.get(Session, (call.work.tenant_id, call.params["id"]))
    if row is not None:
        end(call.work, row.id, row.user_id)


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
    rows = paging.fetch(call.work.rows, statement, call.page, [Session.created_at, Session.id])
    return Page(_shown(call.work, rows.items), next=rows.next)


@api.delete(
    "/users/{user_id}/sessions",
    scopes={"delete:sessions"},
    status=HTTPStatus.ACCEPTED,
    summary="Delete sessions for user",
)
def delete_sessions(call: Call[Query, None]) -> None:
    """End them all."""
    user_id = call.params["user_id"]
    for session_id in service.end_all(call.work, user_id):
        announce(call.work, session_id, user_id)


def end(work: Work, session_id: str, user_id: str) -> None:
    """End one session and tell its clients."""
    if service.end(work, session_id):
        announce(work, session_id, user_id)


def announce(work: Work, session_id: str, user_id: str, reason: str = "session-revoked") -> None:
    """News for back-channel logout."""
    work.emit(SessionEnded(session_id, user_id, reason))


def _live(call: Call[Any, Any]) -> Session:
    row = call.work.rows.get(Session, (call.work.tenant_id, call.params["id"]))
    now = clock.now_ms()
    if row is None or row.ended_at is not None or min(row.expires_at, row.idle_expires_at) <= now:
        raise NotFound("The session was not found", "session_not_found")
    return row


def _shown(work: Work, rows: Sequence[Session]) -> list[dict[str, Any]]:
    clients: dict[str, list[dict[str, str]]] = {row.id: [] for row in rows}
    took_part = select(SessionClient).where(SessionClient.session_id.in_(clients)).order_by(SessionClient.created_at)
    for part in work.rows.scalars(took_part):
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
