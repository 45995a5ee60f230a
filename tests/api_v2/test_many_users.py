"""A hundred thousand users: every search, order and total of ``GET /users`` visits little more than it answers, on both
stores (docs/decisions/0125-0127). What is counted are rows that Postgres visits and steps of SQLite's machine, never
time.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Engine, event, text

from idp.foundation.db.engine import open_engine
from idp.foundation.db.schema import metadata
from idp.foundation.kernel.folding import fold
from tests.world.templates import BARE, Databases
from tests.world.world import World

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
MANY = 100_000
OTHERS = 20_000
"""Users of a second tenant, who must cost the first nothing."""
GIVEN = ("Anna", "Bernd", "Chloé", "David", "Emma", "Farid", "Greta", "Hugo", "Ines", "Jonas")
MOMENT = 1_700_000_000_000


def _row(number: int, tenant: str) -> dict[str, Any]:
    given, family = GIVEN[number % 10], f"F{number % 997:03d}amily"
    email, name = f"{given}.{number}@{('acme', 'initech')[number % 2]}.example".lower(), f"{given} {family}"
    nickname = f"{given}{number}"
    often = number % 10 == 0
    return {
        "tenant_id": tenant,
        "user_id": f"auth0|{number * 7919 % 1_000_003:07d}",
        "email": email,
        "email_key": email,
        "email_verified": given < "Farid" or number % 3 == 0,  # whoever is not stands behind the first names
        "phone_number": f"+49301{number:06d}" if often else None,
        "phone_verified": True if often else None,
        "username": f"user{number:06d}" if number % 10 == 5 else None,
        "name": name,
        "given_name": given,
        "family_name": family,
        "nickname": nickname,
        "blocked": number % 2_000 == 0,
        "profile": {},
        "user_metadata": {"employee": f"E{number}", "plan": "gold" if number % 4 == 0 else "free"},
        "app_metadata": {"badges": [{"no": number % 5_000}], **_shares(number)} if often else None,
        "last_login": MOMENT + number * 7919 % 1_000_003 if number % 4 else None,
        "last_ip": f"10.0.{number % 250}.{number // 250 % 250}",
        "logins_count": number % 50,
        "created_at": MOMENT + number // 3,
        "updated_at": MOMENT + number * 104_729 % 1_000_003,
        "email_folded": fold(email),
        "name_folded": fold(name),
        "given_name_folded": fold(given),
        "family_name_folded": fold(family),
        "nickname_folded": fold(nickname),
    }


def _shares(number: int) -> dict[str, str]:
    """One in a hundred, one in fifty, and two in a hundred who are all new."""
    shares = {"one": number % 100 == 0, "two": number % 50 == 0, "new": number >= MANY - 20_000}
    return {f"is_{name}": f"surely{name}" for name, whether in shares.items() if whether}


def _identity(user: dict[str, Any], number: int) -> dict[str, Any]:
    return {
        "tenant_id": user["tenant_id"],
        "connection_id": "con_1",
        "identity_user_id": user["user_id"].removeprefix("auth0|"),
        "user_id": user["user_id"],
        "position": 0,
        "provider": "auth0",
        "connection": "few" if number % 5_000 == 0 else "many",
        "is_social": False,
    }


def _grant(user: dict[str, Any], number: int) -> dict[str, Any]:
    return {
        "tenant_id": user["tenant_id"],
        "id": f"gra_{user['tenant_id']}{number}",
        "user_id": user["user_id"],
        "client_id": "rare" if number % 5_000 == 0 else "common",
        "audience": "",
        "scope": ["openid"],
        "claims": [],
        "created_at": MOMENT + number // 3,
    }


def fill(url: str) -> None:
    """The users and one identity for each."""
    tables = metadata().tables
    engine = open_engine(url)
    sqlite = engine.dialect.name == "sqlite"
    options = {} if sqlite else {"isolation_level": "AUTOCOMMIT"}
    with engine.connect().execution_options(**options) as connection:
        if sqlite:
            connection.exec_driver_sql("PRAGMA cache_size=-400000")
            connection.commit()
        for tenant, amount in (("default", MANY), ("acme", OTHERS)):
            users = [_row(number, tenant) for number in range(amount)]
            beside = {
                "identities": [_identity(each, n) for n, each in enumerate(users)],
                "user_grants": [_grant(each, n) for n, each in enumerate(users)],
            }
            for table, rows in {"users": users, **beside}.items():
                if sqlite:
                    connection.execute(tables[table].insert(), rows)
                else:
                    _copy(connection.connection.driver_connection, table, rows)
        if sqlite:
            connection.commit()
        else:
            for table in ("users", "user_activity", "user_counts", "identities", "user_grants"):
                connection.execute(text(f"VACUUM ANALYZE {table}"))
    engine.dispose()


def _copy(driver: Any, table: str, rows: list[dict[str, Any]]) -> None:
    with driver.cursor() as cursor, cursor.copy(f"COPY {table} ({', '.join(rows[0])}) FROM STDIN") as sink:
        for row in rows:
            sink.write_row([json.dumps(each) if isinstance(each, dict | list) else each for each in row.values()])


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.counterpart)])
def crowd(
    request: pytest.FixtureRequest, databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    """A process on a database with very many users."""
    world = World.copy(databases, BARE, request.param, tmp_path_factory.mktemp("crowd"), IDP_RATE_LIMITS="off")
    fill(world.platform.settings.database_url)
    yield world
    world.close()


class Cost:
    """What the statements of some calls visit: rows on Postgres, steps of its machine on SQLite."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._seen: list[tuple[str, Any]] = []

    def remember(self, _connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        """A statement went to the driver."""
        if statement.lstrip().startswith(("SELECT", "WITH")) and "statement_timeout" not in statement:
            self._seen.append((statement, parameters))

    def spent(self) -> int:
        """By the statements since last asked."""
        seen, self._seen = self._seen, []
        with self._engine.connect() as connection:
            driver: Any = connection.connection.driver_connection
            return sum((_steps if self._engine.dialect.name == "sqlite" else _visited)(driver, *each) for each in seen)


def _steps(driver: Any, statement: str, parameters: Any) -> int:
    counted = [0]
    driver.set_progress_handler(lambda: counted.__setitem__(0, counted[0] + 100), 100)
    driver.execute(statement, parameters).fetchall()
    driver.set_progress_handler(None, 0)
    return counted[0]


def _visited(driver: Any, statement: str, parameters: Any) -> int:
    if "enable_bitmapscan" in statement:  # which plans may be made from here on
        for plan in ("enable_bitmapscan", "enable_seqscan"):
            driver.execute(f"SELECT set_config('{plan}', %(setting)s, false)", parameters, prepare=False)
        return 0
    plan = driver.execute(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {statement}", parameters, prepare=False)
    return _rows(plan.fetchone()[0][0]["Plan"])


_LIGHT = 10
"""So many entries of an index that are collected by their places cost as much as one row."""


def _rows(node: dict[str, Any]) -> int:
    """Rows that this node and those below it looked at."""
    own = 0
    if "Relation Name" in node or "Index Name" in node:
        names = ("Actual Rows", "Rows Removed by Filter", "Rows Removed by Index Recheck")
        own = int(sum(node.get(name, 0) for name in names) * node["Actual Loops"])
        own //= _LIGHT if node["Node Type"] == "Bitmap Index Scan" else 1
    return own + sum(_rows(each) for each in node.get("Plans", ()))


@pytest.fixture
def cost(crowd: World) -> Iterator[Cost]:
    found = Cost(crowd.platform.db.engine)
    event.listen(crowd.platform.db.engine, "before_cursor_execute", found.remember)
    yield found
    event.remove(crowd.platform.db.engine, "before_cursor_execute", found.remember)


ONE, PAGE, DEEP, LATE, COUNTED = 100, 5_000, 12_000, 25_000, 40_000
STEPS = {ONE: 130_000, PAGE: 250_000, DEEP: 250_000, LATE: 800_000, COUNTED: 1_500_000}
"""How many steps of SQLite's machine go with so many rows."""
SEARCHES = [
    ('email:"anna.4710@acme.example"', ONE, 1),
    ("email:ANNA.4710@acme.example", ONE, 1),
    ("email:anna.4710*", ONE, 2),
    ("email:*4710@acme*", ONE, 10),
    ("name:nobody*", ONE, 0),
    ("name:*nobody*", ONE, 0),
    (r"name:*CHLOÉ\ F12*", PAGE, 50),
    ("anna.4710@acme.example", ONE, 1),
    ("user004715", ONE, 1),
    ("*nna4710*", PAGE, 2),
    ("auth0|0007919", ONE, 1),
    ("user_id:auth0|00079*", PAGE, 12),
    ("phone_number:+49301004710", ONE, 1),
    ("username:user00471*", ONE, 1),
    ('user_metadata.employee:"E4711"', ONE, 1),
    ("user_metadata.employee:E4711", ONE, 1),
    ("app_metadata.badges.no:4710", PAGE, 20),
    ("user_metadata.employee:nobody", ONE, 0),
    ("blocked:true", PAGE, 50),
    ("last_ip:10.0.1.1", PAGE, 2),
    ("last_login:[2023-11-14T22:13:20 TO 2023-11-14T22:13:20]", PAGE, None),
    ("identities.connection:few", PAGE, 20),
    ("identities.user_id:0007919", ONE, 1),
    ("email:anna.4710* OR user_metadata.employee:E4711", PAGE, 3),
    ("name:*nobody* OR phone_number:+49301004710", PAGE, 1),
    ("email.domain:acme.example", PAGE, 50),
    ("name:a*", DEEP, 50),
    ('given_name:"anna" AND user_metadata.plan:gold', DEEP, 50),
    ("user_metadata.plan:gold", DEEP, 50),
    ("_exists_:phone_number", DEEP, 50),
    ("app_metadata.is_one:surelyone", DEEP, 50),
    ("app_metadata.is_two:surelytwo", DEEP, 50),
    ("app_metadata.is_new:surelynew", LATE, 50),
    ("blocked:true AND blocked:false", ONE, 0),
    ("email_verified:true AND NOT email_verified:true", ONE, 0),
    ("(name:a* OR name:b*) AND email_verified:true AND email_verified:false", ONE, 0),
    ("user_metadata.plan:gold AND NOT user_metadata.plan:gold", ONE, 0),
    ("email_verified:false", PAGE, 50),
]


@pytest.mark.parametrize(("query", "rows", "found"), SEARCHES)
def test_a_search_visits_what_it_finds(crowd: World, cost: Cost, query: str, rows: int, found: int | None) -> None:
    answer = crowd.caller().get("/users", q=query)
    assert answer.status_code == 200, answer.json
    if found is not None:
        assert len(answer.json) == found
    spent = cost.spent()
    print(query, spent)
    assert spent <= _limit(crowd, rows)


SORTS = ["user_id", "email", "email_verified", "phone_number", "phone_verified", "name", "given_name", "family_name"]
SORTS += ["nickname", "username", "blocked", "created_at", "updated_at", "last_login", "last_ip", "logins_count"]


@pytest.mark.parametrize("direction", ["1", "-1"])
@pytest.mark.parametrize("field", SORTS)
def test_an_order_is_that_of_an_index(crowd: World, cost: Cost, field: str, direction: str) -> None:
    answer = crowd.caller().get("/users", sort=f"{field}:{direction}", per_page=50)
    assert len(answer.json) == 50
    assert cost.spent() <= _limit(crowd, PAGE)
    answer = crowd.caller().get("/users", sort=f"{field}:{direction}", per_page=50, page=19)
    assert len(answer.json) == 50
    assert cost.spent() <= _limit(crowd, DEEP)


@pytest.mark.parametrize("direction", ["1", "-1"])
@pytest.mark.parametrize("field", ["name", "email"])
def test_whoever_is_not_verified_is_listed_in_these_orders(
    crowd: World, cost: Cost, field: str, direction: str
) -> None:
    answer = crowd.caller().get("/users", q="email_verified:false", sort=f"{field}:{direction}", per_page=50)
    assert len(answer.json) == 50
    assert cost.spent() <= _limit(crowd, PAGE)


def test_lists_and_totals_read_no_more_than_a_page(crowd: World, cost: Cost) -> None:
    api = crowd.caller()
    assert api.get("/users", include_totals="true").json["total"] == MANY
    assert cost.spent() <= _limit(crowd, PAGE)
    assert api.get("/users", include_totals="true", page=19).json["total"] == MANY
    assert cost.spent() <= _limit(crowd, DEEP)
    assert api.get("/users", q="user_metadata.plan:gold", include_totals="true").json["total"] == 3_000
    assert cost.spent() <= _limit(crowd, COUNTED)
    assert api.get("/users", q="email:*@acme.example", include_totals="true").json["total"] == 3_000
    assert cost.spent() <= _limit(crowd, COUNTED)
    assert len(api.get("/users-by-email", email="anna.4710@acme.example").json) == 1
    assert cost.spent() <= _limit(crowd, ONE)


def test_consent_is_listed_in_the_order_of_an_index(crowd: World, cost: Cost) -> None:
    api = crowd.caller()
    for query, found in (({}, 50), ({"client_id": "common", "page": 19}, 50), ({"client_id": "rare"}, 20)):
        assert len(api.get("/grants", **query).json) == found
        assert cost.spent() <= _limit(crowd, PAGE), query
    assert len(api.get("/grants", user_id="auth0|0007919").json) == 1
    assert cost.spent() <= _limit(crowd, ONE)
    assert api.get("/grants", include_totals="true").json["total"] == 10_000
    assert cost.spent() <= _limit(crowd, COUNTED)


def _limit(world: World, rows: int) -> int:
    return STEPS[rows] if world.platform.db.sqlite else rows
