"""Fixtures of the Management API's tests."""

from __future__ import annotations

import pytest

from tests.world.management import Api
from tests.world.templates import BARE, Template
from tests.world.world import World


@pytest.fixture
def template() -> Template:
    """Nothing but a machine and a connection: lists hold what a test made."""
    return BARE


@pytest.fixture
def environment() -> dict[str, str]:
    """One test calls as often as it likes."""
    return {"IDP_RATE_LIMITS": "off"}


@pytest.fixture
def api(world: World) -> Api:
    """A machine with every scope."""
    return world.caller()
