"""Fixtures of flows and security tests. A conftest imports the ones it wants."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest
import time_machine

from idp.foundation.tenancy.work import Platform
from idp.operations import installation
from idp.tenant.audit import log
from idp.tenant.audit.log import Batch
from tests.counterparts.postgres import PrivatePostgres
from tests.world.world import Browser, Person, World, copy_sqlite, settings_for

EVERYWHERE = os.environ.get("GATEHOUSE_TEST_STORE", "sqlite")
"""``postgresql`` runs every flow on the private Postgres."""
on_both_stores = pytest.mark.parametrize(
    "store", ["sqlite", pytest.param("postgresql", marks=pytest.mark.counterpart)], indirect=True
)
_numbers = count(1)


class Clock:
    """Moves the time of this process."""

    def __init__(self, traveller: Any) -> None:
        self._traveller = traveller

    def forward(self, **amount: float) -> None:
        """``forward(hours=2)``."""
        self._traveller.shift(timedelta(**amount))


def _install(database_url: str, var: Path) -> dict[str, Any]:
    platform = Platform.open(settings_for(database_url, var))
    try:
        return installation.install(platform)
    finally:
        platform.db.dispose()


@pytest.fixture(scope="session")
def installed_sqlite(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """A freshly installed database to copy, and what ``idp init`` said about it."""
    folder = tmp_path_factory.mktemp("installed")
    return folder / "idp.db", _install(f"sqlite:///{folder / 'idp.db'}", folder)


@pytest.fixture(scope="session")
def installed_postgres(
    postgres: PrivatePostgres, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, dict[str, Any]]:
    """The same on Postgres."""
    url = postgres.create_database()
    return url.rpartition("/")[2], _install(url, tmp_path_factory.mktemp("installed"))


@pytest.fixture
def store(request: pytest.FixtureRequest) -> str:
    """Which database; see ``on_both_stores``."""
    return str(getattr(request, "param", EVERYWHERE))


@pytest.fixture
def world(
    store: str, request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[World]:
    """A tenant on a database of its own."""
    monkeypatch.setattr(log, "batch", Batch())
    if store == "sqlite":
        template, installed = request.getfixturevalue("installed_sqlite")
        url = copy_sqlite(template, tmp_path)
    else:
        server: PrivatePostgres = request.getfixturevalue("postgres")
        origin, installed = request.getfixturevalue("installed_postgres")
        url = _copy_postgres(server, origin)
    made = World(Platform.open(settings_for(url, tmp_path)), installed)
    yield made
    made.close()


def _copy_postgres(server: PrivatePostgres, origin: str) -> str:
    name = f"copy_{os.getpid()}_{next(_numbers)}"
    with psycopg.connect(server.admin_url, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{origin}"'.encode())
    return f"postgres://postgres@127.0.0.1:{server.port}/{name}"


@pytest.fixture
def browser(world: World) -> Browser:
    """A fresh browser profile."""
    return world.browser()


@pytest.fixture
def jane(world: World) -> Person:
    """Somebody with an account."""
    return world.user(name="Jane Doe", given_name="Jane", family_name="Doe")


@pytest.fixture
def clock() -> Iterator[Clock]:
    """Time that runs on but can be moved."""
    with time_machine.travel(datetime.now(UTC), tick=True) as traveller:
        yield Clock(traveller)
