"""A tenant at which clients register themselves."""

from __future__ import annotations

import pytest

from tests.world.registration import switch_on
from tests.world.world import World


@pytest.fixture
def opened(world: World) -> World:
    """A tenant where anybody may register."""
    switch_on(world, open=True)
    world.management().patch(f"/connections/{world.connection_id}", {"is_domain_connection": True})
    return world
