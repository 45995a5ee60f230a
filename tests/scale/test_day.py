"""A day of sign-ins leaves, after the purge, only what docs/operations.md lists (issue 7).

``GATEHOUSE_TEST_SIGN_INS=100000`` lives a large one; ``python -m tests.scale day`` tells what is left of it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import time_machine

from tests.scale.day import Day, Moves, grown, rows
from tests.world.fixtures import on_both_stores
from tests.world.world import World

pytestmark = [on_both_stores, pytest.mark.timeout(3 * 3600)]
SIGN_INS = int(os.environ.get("GATEHOUSE_TEST_SIGN_INS", "60"))
LEFT = {
    "3 hours": {
        *("logs", "log_stretches", "daily_statistics", "last_active_days", "sessions", "session_clients"),
        *("authorizations", "login_failures", "remembered_browsers"),
    },
    "2 days": {
        *("logs", "log_stretches", "daily_statistics", "last_active_days", "sessions", "session_clients"),
        *("authorizations", "login_failures", "remembered_browsers"),
    },
    "8 days": {
        *("logs", "log_stretches", "daily_statistics", "last_active_days"),
        *("authorizations", "login_failures", "remembered_browsers"),
    },
    "65 days": {"daily_statistics"},
}
"""Tables that may have rows of the day by then (docs/operations.md, "What is kept, and for how long")."""


@pytest.fixture
def moves() -> Iterator[Moves]:
    """Time that stands still unless it is moved."""
    with time_machine.travel(datetime.now(UTC), tick=False) as traveller:
        yield traveller


def test_what_a_day_of_sign_ins_leaves(moves: Moves, world: World) -> None:
    day = Day(world, moves, SIGN_INS, people=max(20, SIGN_INS // 20))
    before = rows(world)
    day.live()
    assert grown(before, rows(world)).keys() >= {"sessions", "authorizations", "one_time", "logs"}
    for moment, now in day.left():
        left = grown(before, now)
        assert left.keys() <= LEFT[moment], (moment, left)
        assert left.get("daily_statistics", 0) <= 2, "a row for each day"
