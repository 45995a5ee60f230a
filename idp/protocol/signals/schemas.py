"""What the Management API takes and shows of streams of shared signals (ours)."""

from __future__ import annotations

from typing import Literal

from msgspec import UNSET, UnsetType

from idp.foundation.apikit import Body, View

Status = Literal["enabled", "paused", "disabled"]


class StreamStatus(Body):
    """PATCH /shared-signals/streams/{id}."""

    status: Status


class StreamView(View):
    """A stream. What the receiver wants in the header of deliveries is told to nobody."""

    id: str
    client_id: str
    client_name: str
    delivery_method: str
    status: Status
    events_requested: list[str]
    events_delivered: list[str]
    format: str
    waiting: int
    created_at: str
    updated_at: str
    endpoint_url: str | UnsetType = UNSET
    description: str | UnsetType = UNSET
    reason: str | UnsetType = UNSET
    held_by: str | UnsetType = UNSET
    delivered_at: str | UnsetType = UNSET
    failing_since: str | UnsetType = UNSET
    failure: str | UnsetType = UNSET
