"""Two tenants of one process."""

from __future__ import annotations

import pytest

from tests.world.templates import TWO_TENANTS, Template


@pytest.fixture
def template() -> Template:
    """The second tenant is there already: its keys take their time."""
    return TWO_TENANTS
