"""A read replica answers what may be a second old, and nothing else; without it the primary does (decision 0138)."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from idp.foundation.apikit import Endpoint
from idp.foundation.db import replica as module
from idp.foundation.db.replica import Replica
from idp.foundation.kernel.errors import StoreUnavailable
from idp.foundation.settings import SettingsError
from idp.management import mount
from idp.operations.health.checks import replica_problems
from idp.wiring import api_modules
from tests.counterparts.postgres import PrivatePostgres, find_postgres
from tests.world.management import Api
from tests.world.templates import BARE, settings_for
from tests.world.world import World

pytestmark = [pytest.mark.counterpart, pytest.mark.slow, pytest.mark.timeout(180)]
SOON_S = 20


@pytest.fixture(scope="module")
def primary() -> Iterator[PrivatePostgres]:
    """A server with a standby of its own."""
    if find_postgres() is None:
        pytest.skip("not run: needs Postgres (Debian package postgresql)")
    server = PrivatePostgres.start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def standby(primary: PrivatePostgres) -> Iterator[PrivatePostgres]:
    """What follows it."""
    server = primary.standby()
    yield server
    server.stop()


@pytest.fixture
def world(primary: PrivatePostgres, standby: PrivatePostgres, tmp_path: Path) -> Iterator[World]:
    """A tenant on the primary whose process knows the standby."""
    url = primary.create_database()
    replica = url.replace(str(primary.port), str(standby.port))
    made = World.furnished(url, BARE, tmp_path, DATABASE_REPLICA_URL=replica)
    caught_up(primary, standby)
    yield made
    made.close()


def ask(server: PrivatePostgres, question: str) -> Any:
    with psycopg.connect(server.admin_url, autocommit=True) as connection:
        row = connection.execute(question.encode()).fetchone()
        return row and row[0]


def caught_up(primary: PrivatePostgres, standby: PrivatePostgres) -> None:
    written = ask(primary, "SELECT pg_current_wal_insert_lsn()")
    deadline = time.monotonic() + SOON_S
    while ask(standby, f"SELECT pg_last_wal_replay_lsn() < '{written}'::pg_lsn"):
        assert time.monotonic() < deadline, "the standby does not follow"
        time.sleep(0.05)


def pause(standby: PrivatePostgres, *, end: bool = False) -> None:
    ask(standby, f"SELECT pg_wal_replay_{'resume' if end else 'pause'}()")


def followed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Until the process finds that its replica has everything; it looks no more afterwards."""
    replica = world.platform.db.replica
    assert replica is not None
    deadline = time.monotonic() + SOON_S
    monkeypatch.setattr(module, "LOOK_S", 0.0)
    while True:
        with world.context() as work:
            hot = replica.connection(work.hot)
        if hot is not None:
            hot.close()
            break
        assert time.monotonic() < deadline, "the replica is never fresh"
        time.sleep(0.05)
    monkeypatch.setattr(module, "LOOK_S", 3_600.0)


def asked(world: World, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Where endpoints ran, from now on."""
    found: list[str] = []
    before = Endpoint.run

    def run(self: Any, raw: Any, work: Any) -> Any:
        port = work.hot.connection().connection.driver_connection.info.port
        found.append("primary" if port == world.platform.db.engine.url.port else "replica")
        return before(self, raw, work)

    monkeypatch.setattr(Endpoint, "run", run)
    return found


STALE = {"/users", "/logs", "/users/{id}/logs", "/stats/active-users", "/stats/daily"}


def test_these_endpoints_and_no_others_may_be_stale() -> None:
    assert {each.path for each in mount.endpoints(tuple(api_modules())) if each.stale} == STALE


def test_lists_come_from_the_replica_and_everything_else_from_the_primary(
    world: World, monkeypatch: pytest.MonkeyPatch, primary: PrivatePostgres, standby: PrivatePostgres
) -> None:
    api = Api(world, world.management().token)
    jane = world.user(name="Jane Doe")
    caught_up(primary, standby)
    followed(world, monkeypatch)
    found = asked(world, monkeypatch)
    assert [each["user_id"] for each in api.get("/users", q='name:"Jane Doe"').json] == [jane.user_id]
    assert api.get("/logs").status_code == 200
    assert api.get("/stats/daily").status_code == 200
    assert found == ["replica"] * 3
    found.clear()
    assert api.get(f"/users/{jane.user_id}").json["name"] == "Jane Doe"
    assert len(api.get("/users-by-email", email=jane.email).json) == 1
    assert api.get("/clients").status_code == 200
    assert api.patch(f"/users/{jane.user_id}", {"name": "Jane Roe"}).status_code == 200
    assert found == ["primary"] * 4


def test_a_replica_that_is_behind_is_not_asked(
    world: World, monkeypatch: pytest.MonkeyPatch, primary: PrivatePostgres, standby: PrivatePostgres
) -> None:
    api = Api(world, world.management().token)
    monkeypatch.setattr(module, "LOOK_S", 0.0)
    monkeypatch.setattr(module, "STALE_S", -1.0)  # nothing may be old: what was seen a moment ago is not enough
    pause(standby)
    try:
        world.user(name="Jane Doe")
        found = asked(world, monkeypatch)
        assert len(api.get("/users", q='name:"Jane Doe"').json) == 1
        assert found == ["primary"]
    finally:
        pause(standby, end=True)
    caught_up(primary, standby)
    followed(world, monkeypatch)
    assert len(api.get("/users", q='name:"Jane Doe"').json) == 1
    assert found == ["primary", "replica"]


def test_a_replica_that_goes_away_is_not_missed(
    world: World, monkeypatch: pytest.MonkeyPatch, standby: PrivatePostgres
) -> None:
    api = Api(world, world.management().token)
    world.user(name="Jane Doe")
    monkeypatch.setattr(module, "LOOK_S", -1.0)
    found = asked(world, monkeypatch)
    standby.go_away()
    try:
        assert len(api.get("/users", q='name:"Jane Doe"').json) == 1
        assert found[-1] == "primary"
        assert "does not answer" in str(list(replica_problems(world.platform.settings)))
    finally:
        standby.come_back()


def test_a_statement_that_the_replica_gives_up_is_run_on_the_primary(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    api = Api(world, world.management().token)
    tried: list[int] = []
    before = Endpoint.run

    def run(self: Any, raw: Any, work: Any) -> Any:
        port = work.hot.connection().connection.driver_connection.info.port
        tried.append(port)
        if port != world.platform.db.engine.url.port:
            raise StoreUnavailable(detail="canceling statement due to conflict with recovery")
        return before(self, raw, work)

    monkeypatch.setattr(Replica, "_usable", lambda *_: True)
    monkeypatch.setattr(Endpoint, "run", run)
    assert api.get("/users").status_code == 200
    assert len(tried) == 2


def test_the_doctor_looks_at_it(world: World, primary: PrivatePostgres, tmp_path: Path) -> None:
    assert list(replica_problems(world.platform.settings)) == []
    empty = primary.create_database()
    url = str(world.platform.settings.database_url)
    settings = settings_for(url, tmp_path, DATABASE_REPLICA_URL=empty)
    assert "without our tables" in str(list(replica_problems(settings)))
    settings = settings_for(url, tmp_path, DATABASE_REPLICA_URL=url)
    assert "takes writes itself" in str(list(replica_problems(settings)))


def test_a_replica_is_of_postgres(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="DATABASE_REPLICA_URL needs a DATABASE_URL of Postgres"):
        settings_for(f"sqlite:///{tmp_path}/idp.db", tmp_path, DATABASE_REPLICA_URL="postgres://localhost/x")


REFUSING = """
    CREATE SCHEMA refusing;
    CREATE FUNCTION refusing.pg_current_wal_insert_lsn() RETURNS pg_lsn LANGUAGE plpgsql AS
        $$ BEGIN RAISE 'wal_level must be set to logical' USING ERRCODE = '55000'; END $$;
    CREATE FUNCTION refusing.pg_last_wal_replay_lsn() RETURNS pg_lsn LANGUAGE plpgsql AS
        $$ BEGIN RAISE 'not supported' USING ERRCODE = '0A000'; END $$;
"""


def test_a_server_that_refuses_to_say_its_position_is_used(
    primary: PrivatePostgres, standby: PrivatePostgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Aurora, on either side."""
    url = primary.create_database()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(REFUSING)
        name = url.rpartition("/")[2]
        connection.execute(f'ALTER DATABASE "{name}" SET search_path = refusing, pg_catalog, public'.encode())
    replica = url.replace(str(primary.port), str(standby.port))
    made = World.furnished(url, BARE, tmp_path, DATABASE_REPLICA_URL=replica)
    caught_up(primary, standby)
    api = Api(made, made.management().token)
    found = asked(made, monkeypatch)
    assert [api.get("/users").status_code for _ in range(3)] == [200] * 3
    assert found == ["replica"] * 3
    made.close()
