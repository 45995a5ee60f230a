"""Fixtures around :class:`tests.world.world.World`, known to every test.

A folder chooses by fixtures of its own: ``template`` (what the database starts with) and ``environment`` (settings of
the process).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine

from connectors.registry import STRATEGIES
from idp.directory.users import hasher as hashing
from idp.foundation.db.slots import Slots
from idp.tenant.audit import log
from idp.tenant.audit.log import Batch
from idp.wiring import wire
from tests.world import sources
from tests.world.browser import Browser
from tests.world.quick import COSTLY, be_quick
from tests.world.templates import INSTALLED, Databases, Template
from tests.world.world import Person, World, hashed

wire()  # as every process begins
be_quick()
EVERYWHERE = os.environ.get("GATEHOUSE_TEST_STORE", "sqlite")
"""``postgresql`` runs every world on the private Postgres, ``pgbouncer`` does that through a PgBouncer in transaction
mode.
"""
on_both_stores = pytest.mark.parametrize(
    "store", ["sqlite", pytest.param("postgresql", marks=pytest.mark.counterpart)], indirect=True
)
OpenWorld = Callable[..., World]


class Clock:
    """Moves the time of this process."""

    def __init__(self, traveller: Any) -> None:
        self._traveller = traveller

    def forward(self, **amount: float) -> None:
        """``forward(hours=2)``."""
        self._traveller.shift(timedelta(**amount))


@pytest.fixture(scope="session")
def databases(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Databases:
    """Furnished databases to copy. Postgres starts when the first test asks for it."""
    return Databases(
        tmp_path_factory.mktemp("templates"),
        lambda: request.getfixturevalue("postgres"),
        lambda: request.getfixturevalue("pgbouncer"),
    )


@pytest.fixture
def store(request: pytest.FixtureRequest) -> str:
    """Which database; see ``on_both_stores``."""
    return str(getattr(request, "param", EVERYWHERE))


@pytest.fixture
def template() -> Template:
    """What the world's database starts with."""
    return INSTALLED


@pytest.fixture
def environment() -> dict[str, str]:
    """Settings of the world's process."""
    return {}


@pytest.fixture
def open_world(
    store: str,
    template: Template,
    environment: dict[str, str],
    databases: Databases,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[OpenWorld]:
    """Opens the test's world, with more settings by keyword; it is closed at the end."""
    monkeypatch.setattr(log, "batch", Batch())
    opened: list[World] = []

    def open_one(kind: Template = template, **settings: str) -> World:
        world = World.copy(databases, kind, store, tmp_path, **{**environment, **settings})
        opened.append(world)
        return world

    yield open_one
    for world in opened:
        world.close()
        databases.drop(world.platform.settings.database_url)


@pytest.fixture
def world(open_world: OpenWorld) -> World:
    """A tenant on a database of its own."""
    return open_world()


@pytest.fixture
def elsewhere(world: World) -> Iterator[World]:
    """Another process on the same database: it remembers what it read, and hears nothing."""
    made = world.other_process()
    yield made
    made.platform.db.dispose()


@pytest.fixture
def processes(world: World) -> Iterator[Sequence[World]]:
    """Three processes on one database: those who race are spread over them."""
    further = [world.other_process() for _ in range(2)]
    yield [world, *further]
    for each in further:
        each.platform.db.dispose()


@pytest.fixture
def source_stubs(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sources of :mod:`tests.world.sources` can be connected."""
    for strategy in (sources.PASSWORDS, sources.REDIRECT):
        monkeypatch.setitem(STRATEGIES, strategy.name, strategy)
    monkeypatch.setattr(sources.StubRedirect, "profile", {})
    monkeypatch.setattr(sources.StubRedirect, "account_id", None)


@pytest.fixture
def browser(world: World) -> Browser:
    """A fresh browser profile."""
    return world.browser()


PATIENT_S = 90.0


@pytest.fixture
def jane(world: World) -> Person:
    """Somebody with an account."""
    return world.user(name="Jane Doe", given_name="Jane", family_name="Doe")


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """However busy the machine is, each password gets its turn to be hashed, and each request its connection: for tests
    in which many come at once and something other than those limits decides. They have tests of their own
    (``tests/security/test_denial_of_service.py``, ``tests/foundation/db/test_slots.py``).
    """
    monkeypatch.setattr(hashing, "WAIT_S", PATIENT_S)
    waits = property(lambda _slots: PATIENT_S, lambda _slots, _seconds: None)  # those that are there wait, too
    monkeypatch.setattr(Slots, "_wait_s", waits, raising=False)


@pytest.fixture
def costly_passwords(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Passwords cost what they cost in production: for tests that look at that (see ``tests/world/quick.py``)."""
    monkeypatch.setattr(hashing.hasher, "_argon2", COSTLY)
    monkeypatch.setattr(hashing.hasher, "_dummy", None)
    hashed.cache_clear()
    yield
    hashed.cache_clear()


@pytest.fixture
def clock() -> Iterator[Clock]:
    """Time that runs on but can be moved."""
    with time_machine.travel(datetime.now(UTC), tick=True) as traveller:
        yield Clock(traveller)
