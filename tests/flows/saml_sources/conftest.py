"""An application whose people come from a SAML source."""

from __future__ import annotations

import pytest

from tests.world.application import Application
from tests.world.world import World


@pytest.fixture
def app(world: World) -> Application:
    """The application people sign in to."""
    return world.client()
