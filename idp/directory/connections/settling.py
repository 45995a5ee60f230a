"""A configuration is held against its source before it is stored: a broken one is refused, with the reason."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.contract import ConnectorError, Settles
from connectors.strategy import Strategy
from idp.directory.connections import runtime, strategies
from idp.directory.connections.runtime import ConnectionConfig
from idp.foundation.kernel.errors import BadRequest
from idp.foundation.tenancy.work import Work


def settled(
    work: Work,
    connection_id: str,
    name: str,
    strategy: Strategy,
    document: Mapping[str, Any],
    stored: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Options as they are stored, with what the source says of itself. May ask the source: goes before a transaction.
    ``stored`` are those that they follow.

    :raises BadRequest: an option is not what the strategy declares, two contradict each other, or the source is not
        what was configured.
    """
    document = strategies.received(work, connection_id, strategy, document)
    before = None if stored is None else strategies.opened(work, connection_id, strategy.name, stored)
    if before is not None:
        document = {**{each: before[each] for each in strategy.lasting & before.keys()}, **document}
    strategies.check(strategy, document, before)
    if not strategy.can(Settles):
        return dict(document)
    config = ConnectionConfig(connection_id, name, strategy.name, strategy.read(document), dict(document), {})
    connector = runtime.runtime.open(work, config)
    if not isinstance(connector, Settles):
        raise TypeError(f"strategy {strategy.name} said that it settles")
    try:
        found = connector.settle()
    except ConnectorError as error:
        raise BadRequest(error.message, "invalid_body", detail=error.detail) from error
    return {**document, **found}
