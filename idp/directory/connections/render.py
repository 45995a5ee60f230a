"""Connections as the Management API shows them; secret options only to those who may read connections (security.md
SEC1).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from idp.directory.connections import service
from idp.directory.connections.models import Connection
from idp.foundation.kernel import document_encryption
from idp.foundation.tenancy.work import Work


def connections(work: Work, rows: Sequence[Connection]) -> list[dict[str, Any]]:
    """``rows`` with their enabled clients."""
    clients = service.clients_of(work, [row.id for row in rows])
    return [_connection(work, row, clients[row.id]) for row in rows]


def connection(work: Work, row: Connection) -> dict[str, Any]:
    """One connection."""
    return connections(work, [row])[0]


def _connection(work: Work, row: Connection, enabled_clients: Sequence[str]) -> dict[str, Any]:
    readable = work.actor.has("read:connections")
    return {
        "id": row.id,
        "name": row.name,
        "strategy": row.strategy,
        "options": document_encryption.opened(row.options, work.platform.sealer)
        if readable
        else document_encryption.without_secrets(row.options),
        **row.data,
        "enabled_clients": list(enabled_clients),
    }
