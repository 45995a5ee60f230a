"""An installed product with real sign-ins, and a second process on the same database (``elsewhere``)."""

from __future__ import annotations

import pytest

from tests.world.templates import INSTALLED, Template


@pytest.fixture
def template() -> Template:
    """With an administrator and samples."""
    return INSTALLED


@pytest.fixture
def environment() -> dict[str, str]:
    """As the product starts."""
    return {}
