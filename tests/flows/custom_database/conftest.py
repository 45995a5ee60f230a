"""Accounts in a database of the tenant's own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.flows.custom_database.people import PASSWORD
from tests.world.directory import ForeignDirectory, serving


@pytest.fixture
def directory() -> Iterator[ForeignDirectory]:
    """Knows Ada."""
    known = ForeignDirectory()
    known.add("ada@source.example", PASSWORD, "src-1", name="Ada L.", email_verified=True)
    with serving(known):
        yield known
