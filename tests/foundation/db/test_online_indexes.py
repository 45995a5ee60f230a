"""Indexes of large tables on Postgres are built while others write; what is missing is made up for, or said."""

from __future__ import annotations

import re
import secrets
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import Engine, event, text

from idp.foundation.db import backfills, migrate, online_indexes
from idp.foundation.db.engine import open_engine
from tests.api_v2.test_users import create
from tests.counterparts.postgres import PrivatePostgres
from tests.world.templates import BARE
from tests.world.world import World

pytestmark = pytest.mark.counterpart
ADD = (
    "INSERT INTO users (tenant_id, user_id, email, email_verified, blocked, profile, logins_count, created_at,"
    " updated_at) VALUES ('default', %s, %s, false, false, '{}', 0, 1, 2)"
)
SIGN_IN = "UPDATE users SET last_login = %s, logins_count = logins_count + 1 WHERE user_id = %s"


@pytest.fixture
def engine(postgres_url: str) -> Iterator[Engine]:
    """A database of the release before, in use."""
    engine = open_engine("postgresql+psycopg://" + postgres_url.partition("://")[2])
    with engine.begin() as connection:
        migrate._run(connection, "upgrade", "0007")
    yield engine
    engine.dispose()


def test_nobody_who_writes_waits_for_an_index(engine: Engine, postgres_url: str) -> None:
    with psycopg.connect(postgres_url, autocommit=True) as connection, connection.cursor() as cursor:
        cursor.executemany(ADD, [(f"auth0|{n:06d}", f"u{n}@example.com") for n in range(12_000)])
    done, written, failed = threading.Event(), [0], []

    def write() -> None:
        with psycopg.connect(postgres_url, autocommit=True) as connection:
            connection.execute("SET lock_timeout = '5s'")
            while not done.is_set():
                number = written[0]
                try:
                    connection.execute(ADD, (f"new|{number}", f"new{number}@example.com"))
                    connection.execute(SIGN_IN, (number + 1, f"auth0|{number % 12_000:06d}"))
                    connection.execute("DELETE FROM users WHERE user_id = %s", (f"auth0|{11_999 - number:06d}",))
                except psycopg.Error as error:
                    failed.append(error)
                    return
                written[0] += 1

    writer = threading.Thread(target=write)
    writer.start()
    url = engine.url.render_as_string(hide_password=False)
    assert migrate.upgrade(url)
    done.set()
    writer.join()
    assert (failed, written[0] > 0) == ([], True)
    assert online_indexes.lacking(engine) == ([], [])
    with engine.connect() as connection:
        kept = "SELECT user_id, tenant_id, last_login, last_ip, logins_count, updated_at FROM"
        odd = f"({kept} users EXCEPT {kept} user_activity) UNION ALL ({kept} user_activity EXCEPT {kept} users)"
        assert connection.execute(text(odd)).all() == []
        users = connection.execute(text("SELECT count(*) FROM users")).scalar()
        assert connection.execute(text("SELECT sum(amount) FROM user_counts")).scalar() == users
        old = "SELECT count(*) FROM pg_indexes WHERE indexname LIKE 'ix_users_%_folded' OR indexname = :name"
        assert connection.execute(text(old), {"name": "ix_users_created_at"}).scalar() == 0
    assert not migrate.upgrade(url)


FAMILIES = """
    INSERT INTO authorizations (tenant_id, id, client_id, user_id, scope, request, offline, rotating, code_hash,
      code_used_at, created_at, purge_at)
    SELECT 'default', 'rlp_' || lpad(g::text, 19, '0'), 'client', 'auth0|' || g %% 1000, 'openid', '{}', true, true,
      'hash' || g, 10, 5, 7 FROM generate_series(1, %s) AS g
"""
TOKENS = """
    INSERT INTO tokens (tenant_id, token_hash, kind, authorization_id, client_id, user_id, scope, created_at,
      expires_at)
    SELECT 'default', kind || g, kind, 'rlp_' || lpad(g::text, 19, '0'), 'client', 'auth0|' || g %% 1000, 'openid', 10,
      ends FROM generate_series(1, %s) AS g, (VALUES ('access', 90), ('refresh', 70)) AS of (kind, ends)
"""
MANY = 100_000


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_nobody_who_signs_in_waits_for_families_to_be_rewritten(engine: Engine, postgres_url: str) -> None:
    """Revision 0009: nothing of a large table is written or indexed inside its transaction."""
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(FAMILIES, (MANY,))
        connection.execute(TOKENS, (MANY,))
    inside: list[str] = []
    done, written, failed = threading.Event(), [0], []

    def watch(connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        touches = re.search(r"(UPDATE|INSERT INTO|INDEX .* ON) (authorizations|sessions)\b", statement)
        if touches is not None and not connection.connection.driver_connection.autocommit:
            inside.append(statement)

    def write() -> None:
        with psycopg.connect(postgres_url, autocommit=True) as connection:
            connection.execute("SET lock_timeout = '5s'")
            while not done.is_set():
                try:
                    for change in ("revoked_at = 1", "device = '{}'"):
                        where = f"WHERE user_id = 'auth0|{written[0] % 1000}'"
                        connection.execute(f"UPDATE authorizations SET {change} {where}".encode())
                except psycopg.Error as error:
                    failed.append(error)
                    return
                written[0] += 1

    writer = threading.Thread(target=write)
    writer.start()
    event.listen(Engine, "before_cursor_execute", watch)
    try:
        assert migrate.upgrade(engine.url.render_as_string(hide_password=False))
    finally:
        event.remove(Engine, "before_cursor_execute", watch)
        done.set()
        writer.join()
    assert (inside, failed, written[0] > 0) == ([], [], True)
    assert online_indexes.lacking(engine) == ([], [])
    with engine.connect() as connection:
        told = "SELECT count(*) FROM authorizations WHERE (live_until, idle_expires_at, purge_at) = (90, 70, 7)"
        assert connection.execute(text(told)).scalar() == MANY
        replaced = "SELECT count(*) FROM pg_indexes WHERE indexname IN (:old, :former)"
        names = {"old": "ix_authorizations_user_id", "former": "uq_authorizations_code_hash_of_all"}
        assert connection.execute(text(replaced), names).scalar() == 0


def test_a_family_that_somebody_holds_is_waited_for_and_one_that_moved_on_is_left(
    engine: Engine, postgres_url: str
) -> None:
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(FAMILIES, (3,))
        connection.execute(TOKENS, (3,))
    with engine.begin() as revising:
        migrate._run(revising, "upgrade", "0009")
    filling = threading.Thread(target=_fill, args=(engine,))
    with psycopg.connect(postgres_url) as holder:
        holder.execute("UPDATE authorizations SET device = '{}' WHERE id LIKE '%1'")
        holder.execute("UPDATE authorizations SET generation = 1, live_until = 500 WHERE id LIKE '%2'")
        filling.start()
        with psycopg.connect(postgres_url, autocommit=True) as connection:
            third = "SELECT live_until FROM authorizations WHERE id LIKE '%3'"
            while connection.execute(third).fetchone() == (None,):
                done = filling.is_alive()
                assert done, "it waited for somebody before it had written what nobody holds"
    filling.join()
    with engine.connect() as connection:
        found = connection.execute(text("SELECT live_until FROM authorizations ORDER BY id")).scalars().all()
    assert found == [90, 500, 90]


def _fill(engine: Engine) -> None:
    with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        backfills.families(connection)


def test_an_index_that_was_interrupted_is_built_anew(engine: Engine) -> None:
    url = engine.url.render_as_string(hide_password=False)
    migrate.upgrade(url)
    with engine.begin() as connection:
        connection.execute(
            text("UPDATE pg_index SET indisvalid = false WHERE indexrelid = CAST('ix_users_listed' AS regclass)")
        )
        connection.execute(text("DROP INDEX ix_users_text"))
    assert online_indexes.lacking(engine) == (["ix_users_listed", "ix_users_text"], [])
    assert migrate.upgrade(url)
    assert online_indexes.lacking(engine) == ([], [])


def test_a_database_without_trigrams_is_searched_all_the_same(postgres: PrivatePostgres, tmp_path: Path) -> None:
    name = f"plain_{secrets.token_hex(6)}"
    with psycopg.connect(postgres.admin_url, autocommit=True) as admin:
        admin.execute(f'CREATE ROLE "{name}" LOGIN'.encode())
        admin.execute(f'CREATE DATABASE "{name}"'.encode())
    there = postgres.admin_url.rpartition("/")[0] + f"/{name}"
    with psycopg.connect(there, autocommit=True) as admin:
        admin.execute(f'GRANT CREATE ON SCHEMA public TO "{name}"'.encode())
    world = World.furnished(
        f"postgres://{name}@127.0.0.1:{postgres.port}/{name}", BARE, tmp_path, IDP_RATE_LIMITS="off"
    )
    api = world.caller()
    create(api, "jane@example.com", user_id="jane")
    assert len(api.get("/users", q="email:*ane@exam*").json) == 1
    assert online_indexes.lacking(world.platform.db.engine) == (["ix_users_text"], ["pg_trgm"])
    with psycopg.connect(there, autocommit=True) as admin:
        admin.execute("CREATE EXTENSION pg_trgm")
    assert migrate.upgrade(world.platform.settings.database_url)
    assert online_indexes.lacking(world.platform.db.engine) == ([], [])
    assert len(api.get("/users", q="email:*ane@exam*").json) == 1
    world.close()


def test_searches_are_planned_for_what_they_ask(engine: Engine) -> None:
    """The sixth search of a kind would be planned for any value, and read everybody in the order of the page."""
    with engine.connect() as connection:
        for name, value in (("plan_cache_mode", "force_custom_plan"), ("jit", "off")):
            assert connection.execute(text(f"SHOW {name}")).scalar() == value
