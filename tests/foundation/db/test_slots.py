"""Connections of hot paths: as many as there is work at a time, and what each has prepared stays."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import psycopg
import pytest
from sqlalchemy import bindparam, event, insert, select, text

from idp.foundation.db import slots
from idp.foundation.db.hot import HotConnection, Statement
from idp.foundation.db.session import Database
from idp.foundation.ephemeral.models import Counter
from idp.foundation.kernel.errors import StoreUnavailable
from tests.counterparts.postgres import PrivatePostgres
from tests.world.fixtures import on_both_stores
from tests.world.world import World

_COLUMNS = (Counter.tenant_id, Counter.key, Counter.count, Counter.expires_at)
ADD = Statement("test_slot_add", insert(Counter).values({c: bindparam(c.key) for c in _COLUMNS}))
ALL = Statement("test_slot_all", select(Counter.count).where(Counter.tenant_id == bindparam("tenant")), row=int)
SOON = 10


@pytest.fixture
def db(postgres: PrivatePostgres) -> Iterator[Database]:
    """Two connections on Postgres."""
    url = postgres.create_database().replace("postgres://", "postgresql+psycopg://")
    made = Database(url, hot_connections=2)
    Counter.__table__.create(made.engine)  # type: ignore[attr-defined]
    yield made
    made.dispose()


def add(hot: HotConnection, key: str, count: int = 1) -> None:
    hot.run(ADD, tenant_id="t", key=key, count=count, expires_at=0)


def pid(hot: HotConnection) -> int:
    return int(driver(hot).info.backend_pid)


def driver(hot: HotConnection) -> Any:
    return hot.connection().connection.driver_connection


def prepared(hot: HotConnection) -> set[str]:
    """What the server says is prepared on that connection."""
    return {
        name for (name,) in driver(hot).execute("SELECT name FROM pg_prepared_statements", prepare=False).fetchall()
    }


@pytest.mark.counterpart
def test_what_answered_a_moment_ago_is_lent_without_asking(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Queries that callers shape: the pool's look whether the server is there is a question of its own."""
    looks: list[object] = []
    event.listen(db.engine, "checkout", lambda *_: looks.append(1))
    for _ in range(3):
        with db.hot(orm=True) as hot:
            assert hot.all(ALL, tenant="t") == []
    assert len(looks) == 1
    monkeypatch.setattr(slots, "ANSWERS_S", -1.0)
    with db.hot(orm=True) as hot:
        assert hot.all(ALL, tenant="t") == []
    assert len(looks) == 2
    assert db.pool_slots.idle == 1


@pytest.mark.counterpart
def test_the_connection_used_last_is_taken_first(db: Database) -> None:
    with db.hot() as first, db.hot() as second:
        last = pid(first)
        assert pid(second) != last
    for _ in range(3):
        with db.hot() as hot:
            assert pid(hot) == last
    assert db.slots.size == 2


@pytest.mark.counterpart
def test_who_finds_none_waits_for_the_next_one(db: Database) -> None:
    found = threading.Event()

    def third() -> None:
        with db.hot():
            found.set()

    with db.hot(), db.hot():
        thread = threading.Thread(target=third)
        thread.start()
        assert not found.wait(0.1)
        assert db.slots.size == 2
    assert found.wait(SOON)
    thread.join()
    assert db.slots.size == 2


@pytest.mark.counterpart
@pytest.mark.usefixtures("patient")
def test_a_hundred_threads_share_two(db: Database) -> None:
    failed: list[BaseException] = []

    def work(number: int) -> None:
        try:
            for turn in range(5):
                with db.hot() as hot, hot.transaction():
                    add(hot, f"{number}.{turn}")
        except BaseException as error:  # noqa: BLE001 - told below
            failed.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with db.hot() as hot:
        assert (len(hot.all(ALL, tenant="t")), failed, db.slots.size) == (500, [], 2)


@pytest.mark.counterpart
def test_when_all_are_busy_for_long_the_store_is_not_available(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(db.slots, "_wait_s", 0.0)
    with db.hot(), db.hot(), pytest.raises(StoreUnavailable), db.hot():
        pass
    with db.hot() as hot:
        assert hot.all(ALL, tenant="t") == []


@pytest.mark.counterpart
def test_what_was_disposed_of_ends_when_it_comes_back(db: Database) -> None:
    with db.hot() as hot:
        old = pid(hot)
        db.dispose()
        assert hot.all(ALL, tenant="t") == [], "whoever has it goes on"
    with db.hot() as hot:
        assert pid(hot) != old
    assert db.slots.size == 1


@pytest.mark.counterpart
def test_what_is_prepared_stays_whatever_the_values_and_the_transactions_are(db: Database) -> None:
    with db.hot() as hot:
        with hot.transaction():
            add(hot, "a", 1)
        names = prepared(hot)
        assert ADD.name in names
        with suppress(KeyError), hot.transaction():
            add(hot, "b", 2**20)
            raise KeyError
        hot.all(ALL, tenant="t")
    with db.hot() as hot:
        add(hot, "c", 2**30)
        assert prepared(hot) - names == {ALL.name}
        assert sorted(hot.all(ALL, tenant="t")) == [1, 2**30]


@pytest.mark.counterpart
def test_a_statement_whose_table_was_changed_is_prepared_again(db: Database) -> None:
    with db.hot() as hot:
        add(hot, "a")
        assert hot.all(ALL, tenant="t") == [1]
        with db.engine.begin() as other:
            other.execute(text("ALTER TABLE counters ALTER COLUMN count TYPE bigint"))
        assert hot.all(ALL, tenant="t") == [1]
        driver(hot).execute("DEALLOCATE ALL")
        assert hot.all(ALL, tenant="t") == [1]


@pytest.mark.counterpart
def test_a_text_is_stored_whole_or_not_at_all(db: Database) -> None:
    with db.hot() as hot:
        with pytest.raises(psycopg.DataError):
            add(hot, "before\0behind")
        assert hot.all(ALL, tenant="t") == []


@pytest.mark.counterpart
def test_nobody_gets_a_connection_with_an_open_transaction(db: Database) -> None:
    with db.hot() as hot:
        before = pid(hot)
        driver(hot).execute("BEGIN")
    with db.hot() as hot:
        assert pid(hot) != before


@on_both_stores
def test_orm_sessions_share_the_connections_one_after_the_other(world: World) -> None:
    for _ in range(20):
        with world.context() as work:
            assert work.rows.execute(text("SELECT 1")).scalar() == 1
    assert world.platform.db.slots.size == 1


@pytest.mark.parametrize("store", [pytest.param("postgresql", marks=pytest.mark.counterpart)], indirect=True)
def test_every_statement_says_of_what_type_its_parameters_are(world: World, store: str) -> None:
    """Postgres prepares it without having seen a value."""
    refused: dict[str, bytes] = {}
    with world.context() as work:
        for name, each in Statement.registry.items():
            if not name.endswith("_sqlite") and not name.startswith("test_"):
                result = driver(work.hot).pgconn.prepare(f"once {name}".encode(), each.numbered().text)
                refused |= {name: result.error_message} if result.error_message else {}
    assert refused == {}


def read_by_statement(db: Database) -> list[int]:
    with db.hot() as hot, hot.transaction():
        return hot.all(ALL, tenant="t")


def read_as_rows(db: Database) -> list[int]:
    with db.hot() as hot:
        return list(db.rows(hot, "t").scalars(select(Counter.count)).all())


@pytest.mark.counterpart
@pytest.mark.parametrize("read", [read_by_statement, read_as_rows])
@pytest.mark.parametrize("change", ["ALTER TABLE counters ALTER COLUMN count TYPE bigint", "DEALLOCATE ALL"])
def test_what_was_prepared_for_another_table_fails_once_at_most(
    db: Database, read: Callable[[Database], list[int]], change: str
) -> None:
    """Within a transaction nothing can be prepared again, and what SQLAlchemy prepared is psycopg's to know."""
    with db.hot() as hot:
        add(hot, "a")
    for _ in range(3):
        assert read(db) == [1]
    with db.hot() as hot:
        driver(hot).execute(change, prepare=False)
    with suppress(StoreUnavailable):
        read(db)
    assert [read(db) for _ in range(3)] == [[1]] * 3
    assert db.slots.in_use == 0
