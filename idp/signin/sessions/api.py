"""``/sessions`` and ``/users/{user_id}/sessions``."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from msgspec import UNSET
from sqlalchemy import select

from idp.foundation.apikit import Api, Page, PageRequest, Paging
from idp.foundation.db import paging
from idp.foundation.kernel import clock
from idp.foundation.kernel.errors import NotFound
from idp.foundation.kernel.formats import UserId
from idp.foundation.tenancy.work import Work
from idp.signin.sessions import devices, service
from idp.signin.sessions.metadata import check_metadata
from idp.signin.sessions.models import Session, SessionClient
from idp.signin.sessions.schemas import Authentication, Cookie, SessionClientView, SessionUpdate, SessionView

api = Api("sessions")
REVOKED = "session-revoked"


@api.get("/sessions/{id}", scopes={"read:sessions"}, summary="Get session")
def get_session(work: Work, id: str) -> SessionView:
    """One live session."""
    return session_view(work, _live(work, id))


@api.patch("/sessions/{id}", scopes={"update:sessions"}, summary="Update session")
def update_session(work: Work, id: str, body: SessionUpdate) -> SessionView:
    """Replace its metadata."""
    row = _live(work, id)
    if body.session_metadata is not UNSET:
        service.set_metadata(work, row, check_metadata("session_metadata", body.session_metadata))
    return session_view(work, row)


@api.delete("/sessions/{id}", scopes={"delete:sessions"}, status=HTTPStatus.ACCEPTED, summary="Delete session")
def delete_session(work: Work, id: str) -> None:
    """End it. Unknown ids are no error."""
    row = work.rows.get(Session, (work.tenant_id, id))
    if row is not None:
        service.end(work, row.id, row.user_id, REVOKED)


@api.get(
    "/users/{user_id}/sessions",
    scopes={"read:sessions"},
    paging=Paging.by_checkpoint("sessions"),
    summary="Get sessions for user",
)
def list_sessions(work: Work, user_id: UserId, page: PageRequest) -> Page[SessionView]:
    """The user's live sessions."""
    now = clock.now_ms()
    statement = select(Session).where(
        Session.user_id == user_id,
        Session.ended_at.is_(None),
        Session.expires_at > now,
        Session.idle_expires_at > now,
    )
    rows = paging.fetch(work.rows, statement, page, [Session.created_at, Session.id])
    return Page.of(rows, session_views(work, rows.items))


@api.delete(
    "/users/{user_id}/sessions",
    scopes={"delete:sessions"},
    status=HTTPStatus.ACCEPTED,
    summary="Delete sessions for user",
)
def delete_sessions(work: Work, user_id: UserId) -> None:
    """End them all."""
    service.end_all(work, user_id, REVOKED)


def session_view(work: Work, row: Session) -> SessionView:
    """One session as it is answered."""
    return session_views(work, [row])[0]


def session_views(work: Work, rows: Sequence[Session]) -> list[SessionView]:
    """Sessions as they are answered, with the clients that take part in each."""
    clients: dict[str, list[SessionClientView]] = {row.id: [] for row in rows}
    took_part = select(SessionClient).where(SessionClient.session_id.in_(clients)).order_by(SessionClient.created_at)
    for part in work.rows.scalars(took_part):
        clients[part.session_id].append(SessionClientView(client_id=part.client_id))
    return [_view(row, clients[row.id]) for row in rows]


def _live(work: Work, session_id: str) -> Session:
    row = work.rows.get(Session, (work.tenant_id, session_id))
    now = clock.now_ms()
    if row is None or row.ended_at is not None or min(row.expires_at, row.idle_expires_at) <= now:
        raise NotFound("The session was not found", "session_not_found")
    return row


def _view(row: Session, clients: list[SessionClientView]) -> SessionView:
    return SessionView(
        id=row.id,
        user_id=row.user_id,
        created_at=clock.iso(row.created_at),
        updated_at=clock.iso(row.updated_at),
        authenticated_at=clock.iso(row.authenticated_at),
        idle_expires_at=clock.iso(row.idle_expires_at),
        expires_at=clock.iso(row.expires_at),
        last_interacted_at=clock.iso(row.last_interacted_at),
        device=devices.whole(row.device),
        clients=clients,
        authentication=Authentication(methods=[_method(method) for method in row.methods]),
        cookie=Cookie(mode=row.cookie_mode),
        session_metadata=row.session_metadata or UNSET,
    )


def _method(method: dict[str, Any]) -> dict[str, Any]:
    moment = method.get("timestamp")
    return {**method, "timestamp": clock.iso(moment)} if isinstance(moment, int) else method
