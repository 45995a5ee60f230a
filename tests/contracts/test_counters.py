"""The counters behind rate limits: the same suite on SQLite, Postgres and Redis, each of them real."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from idp.foundation import redis_client
from idp.foundation.ephemeral import counters, limits
from idp.foundation.ephemeral.limits import Limit
from idp.foundation.tenancy.work import Platform, Work
from tests.world.world import World

MINUTE_MS = 60_000
counterpart = pytest.mark.counterpart
PORTS = [
    pytest.param(("sqlite", False), id="sqlite"),
    pytest.param(("postgresql", False), id="postgresql", marks=counterpart),
    pytest.param(("sqlite", True), id="redis", marks=counterpart),
]


@pytest.fixture
def port(request: pytest.FixtureRequest) -> tuple[str, bool]:
    """Which database, and whether Redis counts."""
    chosen: tuple[str, bool] = request.param
    return chosen


@pytest.fixture
def store(port: tuple[str, bool]) -> str:
    """The database of the world."""
    return port[0]


@pytest.fixture
def counting(world: World, port: tuple[str, bool], request: pytest.FixtureRequest) -> Iterator[Platform]:
    """A process that counts where the port says."""
    counters._silent_until["at"] = 0
    url = request.getfixturevalue("redis_url") if port[1] else None
    yield replace(world.platform, settings=replace(world.platform.settings, redis_url=url, rate_limits=True))
    if url:
        redis_client.forget()


def increment(platform: Platform, tenant: str, key: str, window_ms: int = MINUTE_MS) -> tuple[int, int]:
    with platform.db.hot() as hot:
        ctx = Work(platform, platform.configurations.fresh(tenant, hot), hot)
        return counters.increment(ctx, key, window_ms)


@pytest.mark.parametrize("port", PORTS, indirect=True)
def test_each_call_counts_one_more_and_names_the_end_of_the_window(counting: Platform, world: World) -> None:
    counts = [increment(counting, world.tenant, "k") for _ in range(3)]
    assert [count for count, _ in counts] == [1, 2, 3]
    assert all(0 < left <= MINUTE_MS for _, left in counts)


@pytest.mark.parametrize("port", PORTS, indirect=True)
def test_keys_and_tenants_count_apart(counting: Platform, world: World) -> None:
    other = world.other_tenant("acme", "https://acme.example.test/")
    assert increment(counting, world.tenant, "k")[0] == 1
    assert increment(counting, world.tenant, "another")[0] == 1
    assert increment(counting, other.tenant, "k")[0] == 1


@pytest.mark.parametrize("port", PORTS, indirect=True)
def test_a_new_window_begins_at_one(counting: Platform, world: World) -> None:
    assert increment(counting, world.tenant, "k", 30)[0] == 1
    give_up_at = time.monotonic() + 5
    while increment(counting, world.tenant, "k", 30)[0] != 1:
        assert time.monotonic() < give_up_at, "the window of 30 ms never ended"


@pytest.mark.parametrize("port", PORTS, indirect=True)
def test_no_call_is_lost_when_many_count_at_once(counting: Platform, world: World) -> None:
    with ThreadPoolExecutor(8) as pool:
        counts = list(pool.map(lambda _: increment(counting, world.tenant, "k")[0], range(40)))
    assert sorted(counts) == list(range(1, 41))


@pytest.mark.parametrize("port", PORTS, indirect=True)
def test_a_limit_says_how_long_to_wait(counting: Platform, world: World) -> None:
    twice = Limit("contract", 2, MINUTE_MS)
    with counting.db.hot() as hot:
        ctx = Work(counting, counting.configurations.fresh(world.tenant, hot), hot)
        waits = [limits.exceeded(ctx, twice, "somebody") for _ in range(3)]
    assert waits[:2] == [None, None]
    assert waits[2] is not None
    assert 1 <= waits[2] <= 60


@pytest.mark.parametrize("port", [("sqlite", False)], indirect=True)
def test_with_redis_silent_the_database_counts_on(world: World) -> None:
    """security.md RL10: limits never fail open."""
    counters._silent_until["at"] = 0
    settings = replace(world.platform.settings, redis_url="redis://127.0.0.1:1/0")
    platform = replace(world.platform, settings=settings)
    assert [increment(platform, world.tenant, "k")[0] for _ in range(2)] == [1, 2]
    redis_client.forget()
    counters._silent_until["at"] = 0
