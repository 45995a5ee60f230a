"""Pages of the dashboard with a crowd in the database (spec/dashboard.md, line 4): statements whatever is asked.

``GATEHOUSE_TEST_CROWD=1000000`` fills a million; `python -m tests.scale dashboard` says what each page costs there.
"""

from __future__ import annotations

import os

import pytest

from tests.scale.dashboard import MOST_STATEMENTS, addresses, administrator
from tests.scale.fill import Amounts, fill
from tests.world.counting import statements
from tests.world.world import World

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]
PEOPLE = int(os.environ.get("GATEHOUSE_TEST_CROWD", "20000"))
AMOUNTS = Amounts(users=PEOPLE, sessions=PEOPLE // 10, tokens=PEOPLE // 10, logs=PEOPLE)


@pytest.fixture(params=["postgresql"])
def store(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def environment() -> dict[str, str]:
    return {"IDP_RATE_LIMITS": "off"}


def test_line_4_statements_of_every_page_whatever_the_number_of_rows(world: World) -> None:
    fill(world, AMOUNTS)
    browser = administrator(world)
    dear: dict[str, int] = {}
    for name, address in addresses(world, PEOPLE):
        wanted = address(3)
        for _ in range(2):  # what is remembered of the configuration is read by the first
            browser.open(wanted, site="same-origin")
        with statements(world.platform) as ran:
            browser.open(wanted, site="same-origin")
        assert browser.status == 200, name
        if len(ran) > MOST_STATEMENTS:
            dear[name] = len(ran)
    assert dear == {}
