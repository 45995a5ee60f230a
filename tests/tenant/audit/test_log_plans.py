"""At a hundred thousand entries every list of the log looks at about as many rows as it shows: rows are counted, never
times.

The statements are the product's own, caught while the Management API answers.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event, text

from idp.foundation.kernel import clock
from idp.tenant.audit.log_ids import PER_MS, log_id
from tests.scale.fill import LOGGED_MS, Amounts, fill
from tests.scale.people import account_id, email, ip
from tests.world.fixtures import on_both_stores
from tests.world.templates import INSTALLED, Template
from tests.world.world import World

pytestmark = [on_both_stores, pytest.mark.slow, pytest.mark.timeout(600)]
PEOPLE, ENTRIES = 5_000, 100_000
FEW = 2_000
"""Rows that a list may look at: those it shows, those it skips, and some that are not what was asked for."""
PARTS = 8_000
"""The same where the part of the log that nobody has described yet is walked through."""
NAMES = ENTRIES + 12_000
"""The same where the first letter of a name are looked for: in its index, without the entries themselves."""
COUNTED = 11_000
"""The same where it counts, which ends at ten thousand."""
STEPS_PER_ROW = 20
"""Instructions of SQLite's machine that are counted as a row: a few more where all its columns are shown."""
WHO = 40 * 25
"""Somebody of the database connection."""
LISTS: dict[str, tuple[str, dict[str, str], int]] = {
    "newest": ("/logs", {}, FEW),
    "last page": ("/logs", {"page": "9", "per_page": "100"}, FEW),
    "oldest first": ("/logs", {"sort": "date:1"}, FEW),
    "counted": ("/logs", {"include_totals": "true"}, COUNTED),
    "from an id": ("/logs", {"from_": "middle", "take": "100"}, FEW),
    "of a user": (f"/users/auth0|{account_id(WHO)}/logs", {}, FEW),
    "user_id": ("/logs", {"q": f'user_id:"auth0|{account_id(WHO)}"'}, FEW),
    "user_name": ("/logs", {"q": f'user_name:"{email(WHO)}"'}, FEW),
    "ip": ("/logs", {"q": f'ip:"{ip(WHO)}"'}, FEW),
    "type": ("/logs", {"q": "type:ss"}, FEW),
    "types": ("/logs", {"q": "type:(fp OR ss)"}, FEW),
    "a type that nothing has": ("/logs", {"q": "type:fcp"}, FEW),
    "a day": ("/logs", {"q": "date:[day TO day]"}, FEW),
    "up to a day": ("/logs", {"q": "date:[* TO day]"}, FEW),
    "a type on a day": ("/logs", {"q": "type:fp AND date:[day TO day]"}, 6_000),
    "a day before everything": ("/logs", {"q": "date:[2018-12-18 TO 2018-12-18]"}, FEW),
    "a word that stands nowhere": ("/logs", {"q": "nobody"}, PARTS),
    "two words that stand nowhere": ("/logs", {"q": "nobody OR nothing"}, PARTS),
    "an address": ("/logs", {"q": f'"{email(WHO)}"'}, PARTS),
    "a word of a type": ("/logs", {"q": "type:s AND nobody"}, PARTS),
    "part of a name": ("/logs", {"q": "user_name:*nobody*"}, PARTS),
    "part of an id": ("/logs", {"q": "user_id:*nobody*"}, PARTS),
    "part of an address": ("/logs", {"q": "ip:*nobody*"}, PARTS),
    "first letter of a name": ("/logs", {"q": "user_name:_*"}, NAMES),
    "first letter of an id": ("/logs", {"q": "user_id:_*"}, NAMES),
    "first letter of an address": ("/logs", {"q": "ip:_*"}, NAMES),
    "part of anything": ("/logs", {"q": "*nobody*"}, PARTS),
    "part of a description": ("/logs", {"q": "description:*nobody*"}, PARTS),
    "no such connection": ("/logs", {"q": 'connection:"nowhere"'}, PARTS),
    "no such application": ("/logs", {"q": 'client_name:"Nothing"'}, PARTS),
    "no such audience": ("/logs", {"q": 'audience:"urn:nothing"'}, PARTS),
    "no such browser": ("/logs", {"q": "user_agent:Lynx"}, PARTS),
    "an application": ("/logs", {"q": "client_name:*"}, PARTS),
    "daily statistics": ("/stats/daily", {}, 100),
    "active users": ("/stats/active-users", {}, 100),
}


@pytest.fixture
def template() -> Template:
    return INSTALLED


@pytest.fixture
def environment() -> dict[str, str]:
    return {"IDP_RATE_LIMITS": "off"}


def test_lists_look_at_few_rows(world: World, store: str) -> None:
    fill(world, Amounts(users=PEOPLE, logs=ENTRIES))
    with world.platform.db.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        connection.execute(text("VACUUM logs" if store == "postgresql" else "ANALYZE logs"))  # as autovacuum does
    middle = clock.now_ms() - LOGGED_MS // 2
    stands_for = {"middle": log_id(middle * PER_MS), "day": clock.iso(middle)[:10]}
    api = world.caller()
    looked_at, wrong = {}, {}
    for name, (path, asked, most) in LISTS.items():
        query = {key: _replaced(value, stands_for) for key, value in asked.items()}
        with _caught(world) as statements:
            answer = api.get(path, **query)
        assert (answer.status_code, len(statements) > 0) == (200, True), (name, answer.json)
        looked_at[name] = sum(_visited(world, *each) for each in statements)
        if looked_at[name] > most:
            wrong[name] = [(_visited(world, *each), each[0][-300:]) for each in statements]
        if most == NAMES:
            assert any(_by_index_alone(world, *each) for each in statements), name
    print(store, looked_at)
    assert wrong == {}, looked_at


def _replaced(text: str, names: dict[str, str]) -> str:
    for name, value in names.items():
        text = text.replace(name, value)
    return text


@contextmanager
def _caught(world: World) -> Iterator[list[tuple[str, Any]]]:
    """What is asked of the log and of its statistics meanwhile."""
    caught: list[tuple[str, Any]] = []

    def take(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if statement.startswith("SELECT") and ("FROM log" in statement or "daily_statistics" in statement):
            caught.append((statement, parameters))

    event.listen(world.platform.db.engine, "before_cursor_execute", take)
    try:
        yield caught
    finally:
        event.remove(world.platform.db.engine, "before_cursor_execute", take)


def _by_index_alone(world: World, statement: str, parameters: Any) -> bool:
    """Whether the statement reads the names out of their index, which is a tenth of the entries."""
    pooled = world.platform.db.engine.raw_connection()
    try:
        driver: Any = pooled.driver_connection
        if isinstance(driver, sqlite3.Connection):
            plan = driver.execute(f"EXPLAIN QUERY PLAN {statement}", parameters).fetchall()
            return any("USING COVERING INDEX ix_logs_" in str(row) for row in plan)
        (found,) = driver.execute(f"EXPLAIN (FORMAT JSON) {statement}", parameters).fetchone()
        return '"Index Only Scan"' in json.dumps(found) and '"ix_logs_' in json.dumps(found)
    finally:
        pooled.close()


def _visited(world: World, statement: str, parameters: Any) -> int:
    """How many rows the statement looks at."""
    pooled = world.platform.db.engine.raw_connection()
    try:
        driver: Any = pooled.driver_connection
        if not isinstance(driver, sqlite3.Connection):
            (plan,) = driver.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", parameters).fetchone()
            return _rows(plan[0]["Plan"])
        steps = [0]

        def step() -> int:
            steps[0] += 1
            return 0

        driver.set_progress_handler(step, STEPS_PER_ROW)
        driver.execute(statement, parameters).fetchall()
        driver.set_progress_handler(None, 0)
        return steps[0]
    finally:
        pooled.close()


def _rows(node: dict[str, Any]) -> int:
    """Of every part of the plan that reads a table or an index."""
    removed = sum(node.get(f"Rows Removed by {why}", 0) for why in ("Filter", "Index Recheck"))
    own = (node["Actual Rows"] + removed) * node["Actual Loops"] if "Scan" in node["Node Type"] else 0
    return int(own) + sum(_rows(each) for each in node.get("Plans", ()))
