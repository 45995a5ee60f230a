"""An installed product with real sign-ins, and a second process on the same database."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.world.fixtures import browser, installed_postgres, installed_sqlite, jane, store, world
from tests.world.world import World

__all__ = ["browser", "installed_postgres", "installed_sqlite", "jane", "store", "world"]


@pytest.fixture
def elsewhere(world: World) -> Iterator[World]:
    """Another process: it remembers what it read, and is told nothing."""
    made = world.other_process()
    yield made
    made.platform.db.dispose()
