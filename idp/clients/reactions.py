"""What clients do about news from below."""

from __future__ import annotations

from sqlalchemy import delete
from sqlalchemy.orm import Session

from idp.clients.models import ClientGrant
from idp.kernel.events import Bus, Event


def subscribe(bus: Bus) -> None:
    """Listen."""
    bus.on("resource_server.deleted", forget_grants)


def forget_grants(event: Event, unit: Session) -> None:
    """A grant on an API that is gone is gone."""
    unit.execute(delete(ClientGrant).where(ClientGrant.audience == event.data["identifier"]))
