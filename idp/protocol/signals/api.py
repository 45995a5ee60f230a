"""``/shared-signals/streams``, ours: administrators see the streams of receivers, and pause, resume, prove or delete
them.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from sqlalchemy import func, select

from idp.applications.clients import runtime as clients
from idp.foundation.apikit import Api, Page, PageRequest, Paging, as_view
from idp.foundation.db import paging
from idp.foundation.kernel import clock
from idp.foundation.kernel.errors import NotFound
from idp.foundation.kernel.formats import Reference
from idp.foundation.tenancy.work import Work
from idp.protocol.signals import runtime, service, types
from idp.protocol.signals.models import SignalEvent, SignalStream
from idp.protocol.signals.runtime import StreamConfig
from idp.protocol.signals.schemas import StreamStatus, StreamView

api = Api("shared-signals")


@api.get(
    "/shared-signals/streams",
    scopes={"read:event_streams"},
    paging=Paging.by_offset("streams"),
    summary="Get streams of shared signals",
)
def list_streams(work: Work, page: PageRequest) -> Page[StreamView]:
    """Streams of all receivers, the newest first."""
    statement = paging.of_tenant(work.rows, SignalStream)
    rows = paging.fetch(work.rows, statement, page, [SignalStream.created_at, SignalStream.id], descending=True)
    return Page.of(rows, [_view(work, row) for row in rows.items])


@api.get("/shared-signals/streams/{id}", scopes={"read:event_streams"}, summary="Get a stream of shared signals")
def get_stream(work: Work, id: Reference) -> StreamView:
    """One of them."""
    return _view(work, _row(work, id))


@api.patch("/shared-signals/streams/{id}", scopes={"update:event_streams"}, summary="Pause or resume a stream")
def update_stream(work: Work, id: Reference, body: StreamStatus) -> StreamView:
    """Pause, disable or resume it; what an administrator holds back its receiver does not resume."""
    service.set_by_administrator(work, id, body.status)
    return _view(work, _row(work, id))


@api.post(
    "/shared-signals/streams/{id}/verification",
    scopes={"update:event_streams"},
    status=HTTPStatus.NO_CONTENT,
    summary="Send a verification event",
)
def verify_stream(work: Work, id: Reference) -> None:
    """Send an event that proves that the stream arrives."""
    service.verify(work, _stream(work, id), None, limited=False)


@api.delete(
    "/shared-signals/streams/{id}", scopes={"delete:event_streams"}, summary="Delete a stream of shared signals"
)
def delete_stream(work: Work, id: Reference) -> None:
    """Delete it, with everything that waits for it; its receiver may make another."""
    service.remove(work, _stream(work, id))


def _row(work: Work, stream_id: str) -> SignalStream:
    found = work.rows.get(SignalStream, (work.tenant_id, stream_id))
    if found is None:
        raise NotFound("The stream does not exist", "inexistent_stream")
    return found


def _stream(work: Work, stream_id: str) -> StreamConfig:
    found = runtime.read(work, stream_id)
    if found is None:
        raise NotFound("The stream does not exist", "inexistent_stream")
    return found


def _view(work: Work, row: SignalStream) -> StreamView:
    client = clients.find(work, row.client_id)
    waiting = select(func.count()).select_from(SignalEvent).where(SignalEvent.stream_id == row.id)
    named: dict[str, Any] = {
        "endpoint_url": row.endpoint_url,
        "description": row.description,
        "reason": row.reason,
        "held_by": row.held_by,
        "failure": row.failure,
        "delivered_at": _time(row.delivered_at),
        "failing_since": _time(row.failing_since),
    }
    return as_view(
        StreamView,
        {
            "id": row.id,
            "client_id": row.client_id,
            "client_name": client.name if client is not None else row.client_id,
            "delivery_method": row.method,
            "status": row.status,
            "events_requested": row.events,
            "events_delivered": [each for each in types.SUPPORTED if each in row.events],
            "format": row.subject_format,
            "waiting": work.rows.scalar(waiting) or 0,
            "created_at": clock.iso(row.created_at),
            "updated_at": clock.iso(row.updated_at),
            **{name: value for name, value in named.items() if value is not None},
        },
    )


def _time(moment: int | None) -> str | None:
    return None if moment is None else clock.iso(moment)
