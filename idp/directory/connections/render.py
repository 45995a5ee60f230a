"""Connections as the Management API shows them; secret options only to those who may read connections (security.md
SEC1).
"""

from __future__ import annotations

from collections.abc import Sequence

from idp.directory.connections import service, strategies
from idp.directory.connections.models import Connection
from idp.directory.connections.schemas import ConnectionView
from idp.foundation.apikit import as_view
from idp.foundation.tenancy.work import Work


def views(work: Work, rows: Sequence[Connection]) -> list[ConnectionView]:
    """``rows`` with their enabled clients; an administrator of some applications is told of those alone."""
    clients = service.clients_of(work, [row.id for row in rows])
    return [_view(work, row, [each for each in clients[row.id] if work.actor.is_for(each)]) for row in rows]


def view(work: Work, row: Connection) -> ConnectionView:
    """One connection."""
    return views(work, [row])[0]


def _view(work: Work, row: Connection, enabled_clients: list[str]) -> ConnectionView:
    readable = work.actor.has("read:connections")
    return as_view(
        ConnectionView,
        {
            "id": row.id,
            "name": row.name,
            "strategy": row.strategy,
            "options": strategies.shown(work, row.id, row.strategy, row.options)
            if readable
            else strategies.without_secrets(row.strategy, row.options),
            **row.data,
            "enabled_clients": enabled_clients,
        },
    )
