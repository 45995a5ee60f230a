"""What a transaction of a piece of work promises: all of it or nothing, whatever somebody on the way does with errors.

The ORM session and bare statements share the connection, so the same holds between them.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from idp.directory.users.models import User
from idp.foundation.db.hot import transactions_open
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
    with pytest.raises(RuntimeError, match="failed"), work.transaction():
        put(work, "outer")
        with pytest.raises(KeyError), work.transaction():
            put(work, "half")
            raise KeyError
        put(work, "after")
    assert [there(world, key) for key in ("outer", "half", "after")] == [False, False, False]
    put(work, "next")
    assert there(world, "next"), "the connection is good again"


def test_nothing_is_committed_after_a_failed_flush_that_somebody_swallows(world: World, work: Work) -> None:
    with work.transaction():
        work.rows.add(user("auth0|1"))
    work.rows.expunge_all()
    with pytest.raises(RuntimeError, match="failed"), work.transaction():
        put(work, "before")
        work.rows.add(user("auth0|1"))
        with pytest.raises(IntegrityError):
            work.rows.flush()
        put(work, "after")
    assert not there(world, "before")
    assert not there(world, "after")


def test_looking_inside_looking_still_only_looks(world: World, work: Work) -> None:
    with work.transaction(lazily=True), work.looking():
        with work.looking():
            pass
        with pytest.raises(RuntimeError, match="looking"):
            put(work, "written")
    assert not there(world, "written")


def test_no_transaction_of_its_own_begins_while_looking(world: World, work: Work) -> None:
    with work.transaction(lazily=True), work.looking():
        with pytest.raises(RuntimeError, match="looking"), work.transaction():
            put(work, "written")
    assert not there(world, "written")


def test_a_change_to_a_row_that_was_read_before_the_transaction_is_not_lost_silently(world: World, work: Work) -> None:
    with work.transaction():
        work.rows.add(user("auth0|1", name="before"))
    with pytest.raises(RuntimeError, match="read before"), work.transaction(lazily=True):
        with work.looking():
            found = work.rows.scalars(select(User).where(User.user_id == "auth0|1")).one()
        found.name = "changed"
        put(work, "x")
    assert not there(world, "x")


def test_a_lost_connection_ends_the_transaction(world: World, work: Work) -> None:
    with pytest.raises(Exception, match=r"."), work.transaction():
        put(work, "before")
        work.hot._lose()
        work.rows.add(user("auth0|2"))
        work.rows.flush()
    assert not there(world, "before")
    with world.platform.work(TENANT, orm=True) as other:
        assert other.rows.get(User, (TENANT, "auth0|2")) is None
