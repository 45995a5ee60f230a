"""Fixtures of the Management API's tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api_v2.world import Api, World, open_world


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = open_world(tmp_path)
    yield made
    made.platform.db.dispose()


@pytest.fixture
def api(world: World) -> Api:
    """A machine with every scope."""
    return world.caller()
