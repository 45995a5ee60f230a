"""An installed product with real sign-ins, and a second process on the same database."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.flows.harness.fixtures import browser, installed_postgres, installed_sqlite, jane, store, world
from tests.flows.harness.world import World

__all__ = ["browser", "installed_postgres", "installed_sqlite", "jane", "store", "world"]


@pytest.fixture
def elsewhere(world: World) -> Iterator[World]:
    """Another process: it remembers what it read, and is told nothing."""
    made = world.other_process()
    yield made
    made.platform.db.dispose()
