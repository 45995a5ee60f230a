"""A connection that dies in the middle of a transaction is an outage, told as one, and never a defect."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from sqlalchemy import bindparam, insert, select

from idp.foundation.db.hot import HotConnection, Statement
from idp.foundation.db.session import Database
from idp.foundation.db.time_limit import time_limit
from idp.foundation.ephemeral.models import Counter
from idp.foundation.kernel.errors import StoreUnavailable
from tests.counterparts.postgres import PrivatePostgres

_COLUMNS = (Counter.tenant_id, Counter.key, Counter.count, Counter.expires_at)
ADD = Statement("test_outage_add", insert(Counter).values({c: bindparam(c.key) for c in _COLUMNS}))
READ = Statement("test_outage_read", select(Counter.count).where(Counter.tenant_id == bindparam("tenant")), row=int)


def row(key: str) -> dict[str, Any]:
    return {"tenant_id": "t", "key": key, "count": 1, "expires_at": 0}


def kill(server: PrivatePostgres, url: str) -> None:
    """End every connection to that database, as a restart does."""
    name = url.rpartition("/")[2]
    with psycopg.connect(server.admin_url, autocommit=True) as admin:
        admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,))


@pytest.mark.counterpart
@pytest.mark.parametrize("how", ["run", "many", "commit"])
def test_a_connection_lost_inside_a_transaction_is_an_outage(postgres: PrivatePostgres, how: str) -> None:
    url = postgres.create_database()
    db = Database(url.replace("postgres://", "postgresql+psycopg://"))
    Counter.__table__.create(db.engine)  # type: ignore[attr-defined]

    def work(hot: HotConnection) -> None:
        with hot.transaction():
            hot.run(ADD, **row("a"))
            kill(postgres, url)
            if how == "run":
                hot.run(ADD, **row("b"))
            elif how == "many":
                hot.many(ADD, [row("b"), row("c")])

    with pytest.raises(StoreUnavailable), db.hot() as hot:
        work(hot)
    with db.hot() as hot:
        assert hot.all(READ, tenant="t") == [], "nothing is half-written, and the next one works"
    db.dispose()


@pytest.mark.counterpart
@pytest.mark.parametrize("orm", [False, True])
def test_a_connection_that_died_while_nobody_had_it_is_replaced(postgres: PrivatePostgres, *, orm: bool) -> None:
    url = postgres.create_database()
    db = Database(url.replace("postgres://", "postgresql+psycopg://"))
    Counter.__table__.create(db.engine)  # type: ignore[attr-defined]
    with db.hot(orm=orm) as hot:
        assert hot.all(READ, tenant="t") == []
    kill(postgres, url)
    with db.hot(orm=orm) as hot:
        assert hot.all(READ, tenant="t") == []
    db.dispose()


@pytest.mark.counterpart
@pytest.mark.parametrize("orm", [False, True])
def test_a_connection_lost_under_a_time_limit_is_an_outage(postgres: PrivatePostgres, *, orm: bool) -> None:
    url = postgres.create_database()
    db = Database(url.replace("postgres://", "postgresql+psycopg://"))
    Counter.__table__.create(db.engine)  # type: ignore[attr-defined]
    statement = select(Counter.count)

    def work(hot: HotConnection) -> None:
        rows = db.rows(hot, "t")
        with time_limit(rows, 2):
            kill(postgres, url)
            rows.scalars(statement).all()

    with pytest.raises(StoreUnavailable), db.hot(orm=orm) as hot:
        work(hot)
    with db.hot(orm=orm) as hot, time_limit(db.rows(hot, "t"), 2):
        assert db.rows(hot, "t").scalars(statement).all() == []
    db.dispose()
