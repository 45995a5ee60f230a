"""Clients that hold a key."""

from __future__ import annotations

import pytest

from tests.world.holder import Holder
from tests.world.world import World


@pytest.fixture
def spa(world: World) -> Holder:
    """A public client's."""
    return Holder(world.client("spa"))


@pytest.fixture
def machine(world: World) -> Holder:
    """A client's of its own, with a grant for the API."""
    app = world.client("m2m")
    world.grant(app.client_id, world.api(), "read:things")
    return Holder(app)
