"""Every hot statement costs the same when its tables have grown, though it was planned while they were empty and nobody
ever analyzed them (docs/decisions/0119).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import partial
from importlib import import_module
from typing import Any

import pytest
from psycopg import sql as pg
from sqlalchemy import BigInteger, Boolean, Integer, LargeBinary, Table

from idp.foundation.db.hot import Statement
from idp.foundation.db.schema import metadata
from idp.foundation.kernel import clock
from idp.processes import purges
from tests.house.source import modules
from tests.world.fixtures import on_both_stores
from tests.world.templates import BARE, Template
from tests.world.world import World

for _name in modules():
    if not _name.startswith(("connectors", "idp.__main__", "idp.foundation.db.migrations")):
        import_module(_name)
purges.statements()
purges._kept()

ROWS = 20_000
KEPT = {"user_activity", "user_counts"}
"""What the database keeps by itself with the users (docs/decisions/0126)."""
CONFIGURATION = frozenset(
    {
        "tenants",
        "tenant_documents",
        "custom_domains",
        "authorization_objects",
        "clients",
        "client_grants",
        "resource_servers",
        "connections",
        "connection_clients",
        "connection_keys",
        "blacklisted_tokens",
        "scim_configurations",
        "signing_keys",
        "log_positions",
        "token_keys",
        "subject_keys",
        "initial_access_tokens",
        "client_registrations",
        "signal_streams",
    }
)
"""Tables that stay as small as an administrator makes them, or lets them become (``max_clients`` of registration):
statements may read all that a tenant has there.
"""
COUNTED = frozenset({"retention_logs_count"})
"""Statements that read as many rows as they are about: what a command says it will delete."""
MOST = {"sqlite": 4_000, "postgresql": 120}
"""Instructions of SQLite's machine; pages that Postgres looks at, those of the indexes that it writes included."""
OTHERS = {
    "sqlite": {"failure_blocked": 120_000},
    "postgresql": {"user_keep": 150, "user_put_off_deletion": 150},
}
"""What these may take instead: instructions for a walk over 5,000 rows at most (docs/decisions/0368); pages of what a
person does once in a year at most, when a moment changes that is in an index, so that Postgres writes the user into all
twenty of them.
"""
FOREIGN = {"sqlite": "_postgresql", "postgresql": "_sqlite"}
LATER = 10**12
"""What ends, ends in thirty years."""
MEASURED = "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) "


@pytest.fixture
def template() -> Template:
    """A tenant without people."""
    return BARE


@pytest.fixture
def dates() -> int:
    """This moment."""
    return clock.now_ms()


def statements(store: str) -> dict[str, Statement[Any]]:
    return {
        name: each
        for name, each in Statement.registry.items()
        if not name.endswith(FOREIGN[store]) and name not in COUNTED and not name.startswith("test_")
    }


def values_of(statement: Statement[Any], store: str, moment: int, types: Sequence[str]) -> dict[str, Any]:
    """Parameters, in their order, that name the 17th row of each table, or one that is new, at this moment. ``types``
    are those that Postgres finds.
    """
    sql, fixed = statement.sql(store)
    binds: dict[str, Any] = getattr(statement.clause.compile(), "binds", {})
    made: dict[str, Any] = {}
    for place, name in enumerate(names_in(sql, store)):
        kind = types[place] if types else str(binds[name].type).lower() if name in binds else ""
        if name in fixed:
            made[name] = fixed[name]
        elif name.startswith("tenant"):
            made[name] = "default"
        elif kind.endswith("[]"):
            made[name] = ["x17"]
        elif "json_each" in sql and name not in fixed and f":{name})" in sql.split("json_each", 1)[1][:40]:
            made[name] = '["x17"]'
        elif name.endswith("_metadata"):
            made[name] = "{}"
        elif kind == "boolean":
            made[name] = False
        elif name in {"amount", "limit"} or kind == "integer":
            made[name] = 10
        elif kind == "bigint" or name in {"now", "before", "floor"}:
            made[name] = moment
        else:
            made[name] = f"y{place}" if "INSERT" in sql and "ON CONFLICT" not in sql else "x17"
    return made


def names_in(sql: str, store: str) -> list[str]:
    return list(dict.fromkeys(re.findall(r"(?<!:):(\w+)" if store == "sqlite" else r"%\((\w+)\)s", sql)))


def filled(table: Table, number: str, moment: int) -> str:
    """INSERT … SELECT of rows that belong together by their number; ``number`` is where it comes from."""
    columns = {}
    for column in table.columns:
        if column.key == "tenant_id":
            columns[column.name] = "'default'"
        elif column.key.startswith("connection"):
            columns[column.name] = "'x17'"  # most tenants have one
        elif column.nullable and (column.name.endswith("ed_at") or isinstance(column.type, LargeBinary)):
            continue  # has not happened, or is not known
        elif isinstance(column.type, Boolean):
            columns[column.name] = "false"
        elif isinstance(column.type, BigInteger):
            columns[column.name] = f"{moment + LATER} + g" if column.name != "created_at" else f"{moment} - g"
        elif isinstance(column.type, Integer):
            columns[column.name] = "0"
        elif "JSON" in type(column.type).__name__:
            columns[column.name] = "'{}'"
        else:
            columns[column.name] = "'x' || g"
    return f"INSERT INTO {table.name} ({', '.join(columns)}) SELECT {', '.join(columns.values())} FROM {number}"


def grown(store: str, moment: int) -> Iterator[str]:
    number = f"generate_series(1, {ROWS}) AS g"
    if store == "sqlite":
        counted = f"WITH RECURSIVE numbers(g) AS (SELECT 1 UNION ALL SELECT g + 1 FROM numbers WHERE g < {ROWS})"
        number = f"({counted} SELECT g FROM numbers)"
    for table in metadata().sorted_tables:
        if table.name not in CONFIGURATION | KEPT:
            yield filled(table, number, moment)


@on_both_stores
def test_a_hot_statement_costs_as_much_as_it_did_on_empty_tables(world: World, store: str, dates: int) -> None:
    with world.platform.db.hot() as hot:
        driver = hot._ready().driver
        prices = on_postgres(driver.cursor(), dates) if store == "postgresql" else on_sqlite(driver, dates)
    most = dict.fromkeys(prices, MOST[store]) | OTHERS[store]
    assert {name: price for name, price in prices.items() if price > most[name]} == {}


def on_postgres(cursor: Any, moment: int) -> dict[str, int]:
    for table in metadata().sorted_tables:
        cursor.execute(f"ALTER TABLE {table.name} SET (autovacuum_enabled = off)")
    for name, statement in statements("postgresql").items():
        sql, _ = statement.sql("postgresql")
        order = names_in(sql, "postgresql")
        text = re.sub(r"%\((\w+)\)s", partial(_numbered, order), sql)
        cursor.execute(f"PREPARE {name} AS {text.replace('%%', '%')}")
        in_vain(cursor, executed(cursor, name, statement, moment, "EXPLAIN "))
    for sql in grown("postgresql", moment):
        cursor.execute(sql)
    prices = {}
    for name, statement in statements("postgresql").items():
        plan = in_vain(cursor, executed(cursor, name, statement, moment, MEASURED))[0]["Plan"]
        prices[name] = plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]
    return prices


def executed(cursor: Any, name: str, statement: Statement[Any], moment: int, prefix: str) -> pg.Composed:
    found = "SELECT parameter_types::text[] FROM pg_prepared_statements WHERE name = %s"
    types = cursor.execute(found, (name,)).fetchone()[0]
    values = list(values_of(statement, "postgresql", moment, types).values())
    given = pg.SQL("({})").format(pg.SQL(", ").join(map(pg.Literal, values))) if values else pg.SQL("")
    return pg.SQL(prefix + "EXECUTE ") + pg.Identifier(name) + given


def _numbered(order: Sequence[str], found: re.Match[str]) -> str:
    return f"${order.index(found[1]) + 1}"


def in_vain(cursor: Any, command: Any) -> Any:
    """Run it and take it back."""
    cursor.execute("BEGIN")
    try:
        return cursor.execute(command).fetchone()[0]
    finally:
        cursor.execute("ROLLBACK")


def on_sqlite(driver: Any, moment: int) -> dict[str, int]:
    for sql in grown("sqlite", moment):
        driver.execute(sql)
    prices: dict[str, int] = {}
    for name, statement in statements("sqlite").items():
        steps = 0

        def step() -> int:
            nonlocal steps
            steps += 10
            return 0

        driver.execute("BEGIN")
        driver.set_progress_handler(step, 10)
        try:
            driver.execute(statement.sql("sqlite")[0], values_of(statement, "sqlite", moment, ())).fetchall()
        finally:
            driver.set_progress_handler(None, 0)
            driver.execute("ROLLBACK")
        prices[name] = steps
    return prices
