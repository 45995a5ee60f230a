"""What a transaction of a piece of work promises: all of it or nothing, whatever somebody on the way does with errors.

The ORM session and bare statements share the connection, so the same holds between them.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from idp.directory.users.models import User
from idp.foundation.db.hot import TransactionFailed, UniqueViolation
from idp.foundation.db.slow_work import transactions_open
from idp.foundation.ephemeral import one_time
from idp.foundation.tenancy.work import Work
from tests.world.fixtures import on_both_stores
from tests.world.templates import TENANT
from tests.world.world import World

pytestmark = on_both_stores
KIND, TTL_MS = "test", 60_000


@pytest.fixture
def work(world: World) -> Iterator[Work]:
    with world.platform.work(TENANT, orm=True) as made:
        yield made
        assert transactions_open() == 0


def put(work: Work, key: str) -> None:
    one_time.put(work, KIND, key, {"a": 1}, ttl_ms=TTL_MS)


def there(world: World, key: str) -> bool:
    with world.platform.work(TENANT) as work:
        return one_time.peek(work, KIND, key, dict) is not None


def user(user_id: str, **members: object) -> User:
    return User(user_id=user_id, created_at=1, updated_at=1, **members)


def test_half_a_change_is_not_committed_where_somebody_swallows_an_error(world: World, work: Work) -> None:
    def half() -> None:
        with work.transaction():
            put(work, "half")
            raise KeyError

    def whole() -> None:
        with work.transaction():
            put(work, "outer")
            with suppress(KeyError):
                half()

    with pytest.raises(TransactionFailed):
        whole()
    assert [there(world, key) for key in ("outer", "half")] == [False, False]
    put(work, "next")
    assert there(world, "next"), "the connection is good again"


def test_nothing_is_written_after_a_failed_flush_that_somebody_swallows(world: World, work: Work) -> None:
    def write() -> None:
        with work.transaction():
            put(work, "before")
            work.rows.add(user("auth0|1"))
            with suppress(IntegrityError):
                work.rows.flush()
            put(work, "after")

    with work.transaction():
        work.rows.add(user("auth0|1"))
    work.rows.expunge_all()
    with pytest.raises(TransactionFailed):
        write()
    assert [there(world, key) for key in ("before", "after")] == [False, False]


def test_a_statement_that_failed_and_was_swallowed_is_told_at_the_commit(world: World, work: Work) -> None:
    """Postgres has aborted the transaction and answers COMMIT with ROLLBACK; SQLite has not."""

    def write() -> None:
        with work.transaction():
            put(work, "once")
            with suppress(UniqueViolation):
                put(work, "once")

    with pytest.raises(TransactionFailed):
        write()
    assert not there(world, "once")


def test_looking_inside_looking_still_only_looks(world: World, work: Work) -> None:
    with work.transaction(lazily=True), work.looking():
        with work.looking():
            pass
        with pytest.raises(RuntimeError, match="looking"):
            put(work, "written")
    assert not there(world, "written")


def test_no_transaction_of_its_own_begins_while_looking(work: Work) -> None:
    with work.transaction(lazily=True), work.looking(), pytest.raises(RuntimeError, match="looking"):
        work.transaction().__enter__()


def test_a_change_to_a_row_that_was_read_before_the_transaction_is_not_lost_silently(work: Work) -> None:
    def change() -> None:
        with work.transaction(lazily=True):
            with work.looking():
                found = work.rows.scalars(select(User).where(User.user_id == "auth0|1")).one()
            found.name = "changed"

    with work.transaction():
        work.rows.add(user("auth0|1", name="before"))
    with pytest.raises(RuntimeError, match="read before"):
        change()


def test_a_lost_connection_ends_the_transaction(world: World, work: Work) -> None:
    """Nothing of it goes on over another connection, where each statement would commit by itself."""

    def write() -> None:
        with work.transaction():
            put(work, "before")
            lose(work)
            with suppress(TransactionFailed, sqlite3.ProgrammingError):
                put(work, "after")
            work.rows.add(user("auth0|2"))
            work.rows.flush()

    with pytest.raises((TransactionFailed, sqlite3.ProgrammingError)):
        write()
    assert not there(world, "before")
    with world.platform.work(TENANT, orm=True) as other:
        assert other.rows.get(User, (TENANT, "auth0|2")) is None


def lose(work: Work) -> None:
    """The connection is closed, as where the server went away."""
    driver: Any = work.hot.connection().connection.driver_connection
    driver.close()
