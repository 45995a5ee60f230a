"""An application that asks people at another device (CIBA)."""

from __future__ import annotations

import pytest

from tests.world.application import Application
from tests.world.backchannel import GRANT
from tests.world.world import World


@pytest.fixture
def app(world: World) -> Application:
    return world.client(grant_types=[GRANT, "authorization_code", "refresh_token"])
