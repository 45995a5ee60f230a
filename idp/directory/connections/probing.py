"""Trying a connection: what its source answers, while nobody signs in."""

from __future__ import annotations

from connectors.contract import ConnectorError, Probed
from idp.directory.connections import runtime
from idp.directory.connections.availability import sources
from idp.foundation.kernel.errors import NotFound
from idp.foundation.tenancy.work import Work

OFFLINE = "connection_offline"


def ask(work: Work, connection_id: str) -> dict[str, str]:
    """What the source answered, by question; empty where there is nothing to ask, or nobody built the strategy.

    :raises NotFound: ``connection_offline``: it does not answer, or as somebody else than was configured; with the
        reason. ``inexistent_connection``.
    """
    connection = runtime.find(work, connection_id)
    if connection is None:
        raise NotFound("The connection does not exist", "inexistent_connection")
    if not connection.can(Probed):
        return {}
    connector = runtime.runtime.open(work, connection)
    if not isinstance(connector, Probed):
        raise TypeError(f"strategy {connection.strategy} said that it can be asked")
    try:
        with sources.asking(work, connection):
            return dict(connector.probe())
    except ConnectorError as error:
        raise NotFound(f"The connection is offline: {error.detail or error.message}", OFFLINE) from error
