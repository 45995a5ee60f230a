"""The same answers on Postgres: search, and a tour of everything built."""

from __future__ import annotations

import pytest

from tests.api_v2.test_access import test_linking_and_unlinking as linking
from tests.api_v2.test_access import test_logs_are_listed_paged_and_filtered as logs
from tests.api_v2.test_access import test_new_addresses_are_asked_to_be_verified as verification
from tests.api_v2.test_access import test_stats as stats
from tests.api_v2.test_clients import test_lists_in_every_style as lists
from tests.api_v2.test_recorded_shapes import test_shapes as shapes
from tests.api_v2.test_search import PEOPLE
from tests.api_v2.test_search import test_golden_table as golden_table
from tests.api_v2.test_search import test_sort_and_pages as sort_and_pages
from tests.api_v2.test_users import create
from tests.api_v2.test_users import test_ids_of_ones_own as conflicts
from tests.world.world import World

pytestmark = pytest.mark.counterpart


@pytest.fixture
def store() -> str:
    return "postgresql"


@pytest.fixture
def there(world: World) -> World:
    return world


def test_search_finds_the_same(there: World) -> None:
    api = there.caller()
    for name, members in PEOPLE.items():
        create(api, f"{name}@example.com", user_id=name, **members)
    golden_table(api)
    sort_and_pages(api)


def test_shapes_are_the_same(there: World) -> None:
    shapes(there.caller(), there)


@pytest.mark.parametrize("scenario", [lists, conflicts, linking, logs, stats])
def test_scenarios(there: World, scenario: object) -> None:
    scenario(there.caller())  # type: ignore[operator]


def test_mail_is_queued(there: World) -> None:
    verification(there.caller(), there)
