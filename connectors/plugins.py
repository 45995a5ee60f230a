"""Connectors that other people wrote: Python packages with an entry point of the group ``gatehouse.strategies``
(docs/connections/third-party.md).
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from connectors.strategy import Strategy

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP = "gatehouse.strategies"
log = logging.getLogger(__name__)


def found(taken: Collection[str], points: Iterable[EntryPoint] | None = None) -> list[Strategy]:
    """The strategies of installed packages whose names are not ``taken``. A package that cannot be loaded costs its own
    connections and nobody else's; the log says which it is.
    """
    strategies: dict[str, Strategy] = {}
    for point in _installed() if points is None else points:
        try:
            strategy = point.load()
        except Exception:  # whatever a foreign package does when it is imported
            log.exception("the connector %s (%s) cannot be loaded", point.name, point.value)
            continue
        if not isinstance(strategy, Strategy):
            log.error("the connector %s (%s) is no Strategy", point.name, point.value)
        elif strategy.name in taken or strategy.name in strategies:
            log.error("the connector %s (%s) brings a strategy that is there already", strategy.name, point.value)
        else:
            strategies[strategy.name] = strategy
    return list(strategies.values())


def _installed() -> Iterable[EntryPoint]:
    """Those of the environment. What reads them costs a start more than all of them, so it is looked first whether
    there is one at all.
    """
    if not any(_names_one(place) for place in sys.path):
        return ()
    from importlib.metadata import entry_points

    return entry_points(group=GROUP)


def _names_one(place: str) -> bool:
    return any(GROUP in each.read_text(encoding="utf-8") for each in Path(place).glob("*.*-info/entry_points.txt"))
