"""Connections as the Management API shows them; secret options only to those who may read connections (security.md SEC1)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from idp.connections import service
from idp.connections.models import Connection
from idp.kernel import sealed
from idp.tenants.management import ManagementContext


def connections(ctx: ManagementContext, rows: Sequence[Connection]) -> list[dict[str, Any]]:
    """``rows`` with their enabled clients."""
    clients = service.clients_of(ctx.unit, [row.id for row in rows])
    return [_connection(ctx, row, clients[row.id]) for row in rows]


def connection(ctx: ManagementContext, row: Connection) -> dict[str, Any]:
    """One connection."""
    return connections(ctx, [row])[0]


def _connection(ctx: ManagementContext, row: Connection, enabled_clients: Sequence[str]) -> dict[str, Any]:
    readable = ctx.actor.has("read:connections")
    return {
        "id": row.id,
        "name": row.name,
        "strategy": row.strategy,
        "options": sealed.opened(row.options, ctx.work.platform.sealer)
        if readable
        else sealed.without_secrets(row.options),
        **row.data,
        "enabled_clients": list(enabled_clients),
    }
