"""An application whose people prove a second factor."""

from __future__ import annotations

import pytest

from tests.world.factors import demand
from tests.world.world import Application, World


@pytest.fixture
def app(world: World) -> Application:
    demand(world)
    return world.client()
