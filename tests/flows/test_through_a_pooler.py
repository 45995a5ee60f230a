"""The flows through a PgBouncer in transaction mode that hands each transaction to another server connection: what is
prepared, set or locked on a connection must not be missed on the next (decision 0137).

Every flow test runs so with ``GATEHOUSE_TEST_STORE=pgbouncer``.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from idp.directory.users.models import User
from idp.foundation.db import migrate
from idp.foundation.db.engine import open_engine
from idp.foundation.db.migrations import HEAD
from tests.counterparts.pgbouncer import PrivatePgBouncer
from tests.counterparts.postgres import PrivatePostgres
from tests.flows.test_code_flow import (  # noqa: F401 - the same tests
    test_every_kind_of_client_completes_the_walk,
    test_the_second_application_signs_in_silently,
)
from tests.flows.test_refresh_tokens import *  # noqa: F403
from tests.world.management import Api
from tests.world.world import Person, World

pytestmark = pytest.mark.counterpart


@pytest.fixture
def store() -> str:
    """Whatever a test asks for."""
    return "pgbouncer"


PREPARED = "SELECT count(*) FROM pg_prepared_statements"
SET = """SELECT count(*) FROM pg_settings WHERE source = 'session'
    AND name IN ('enable_seqscan', 'jit', 'plan_cache_mode', 'statement_timeout')"""


def test_nothing_is_prepared_or_set_on_a_connection(world: World) -> None:
    seen: set[int] = set()
    for _ in range(6):
        with world.context() as work:
            driver = work.hot.connection().connection.driver_connection
            (pid,) = driver.execute("SELECT pg_backend_pid()").fetchone()  # type: ignore[union-attr]
            seen.add(pid)
            for question in (PREPARED, SET):
                assert driver.execute(question).fetchone() == (0,)  # type: ignore[union-attr]
    assert len(seen) > 1, "each transaction meets another connection of the server"


def test_a_search_sets_its_time_limit_for_itself_alone(world: World, jane: Person) -> None:
    api = Api(world, world.management().token)
    for _ in range(4):
        assert [each["user_id"] for each in api.get("/users", q=f'email:"{jane.email}"').json] == [jane.user_id]
    with world.context() as work:
        for _ in range(6):
            driver = work.hot.connection().connection.driver_connection
            assert driver.execute("SHOW statement_timeout").fetchone() == ("0",)  # type: ignore[union-attr]


def test_many_at_once(world: World) -> None:
    api = Api(world, world.management().token)

    def one(number: int) -> int:
        members = {"connection": "Username-Password-Authentication", "email": f"u{number}@example.com"}
        created = api.post("/users", {**members, "password": "Sufficient-Passw0rd"})
        return int(created.status_code)

    with ThreadPoolExecutor(4) as callers:
        assert set(callers.map(one, range(8))) == {201}
    with world.context() as work:
        assert work.rows.query(User).filter(User.email.like("u_@example.com")).count() == 8


def test_an_empty_database_is_migrated_through_it(postgres: PrivatePostgres, pgbouncer: PrivatePgBouncer) -> None:
    name = postgres.create_database().rpartition("/")[2]
    url = pgbouncer.url(name).replace("postgres://", "postgresql+psycopg://")
    assert migrate.upgrade(url)
    assert not migrate.upgrade(url)
    engine = open_engine(url)
    assert migrate.stored_revision(engine) == HEAD
    engine.dispose()
