"""Every revision with rows of the release before in the tables: what they say is still said, forward and back, on both
stores.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, inspect, text

from idp.foundation.db import migrate, online_indexes
from idp.foundation.db.engine import open_engine
from idp.foundation.db.schema import is_modelled, metadata

OPTIONS = {"compare_type": True, "include_object": is_modelled}
CHAIN = [
    "0001",
    "0003",
    "0004",
    "0006",
    "0005",
    "0007",
    "0009",
    "0013",
    "0014",
    "0011",
    "0012",
    "0020",
    "0021",
    "0018",
    "0015",
    "0030",
    "0032",
    "0035",
    "0034",
    "0033",
    "0031",
    "0039",
    "0047",
    "0044",
    "0041",
    "0042",
    "0051",
    "0061",
    "0062",
    "0063",
    "0064",
    "0065",
    "0066",
    "0070",
    "0071",
    "0072",
    "0075",
    "0084",
    "0086",
]
"""The order in which revisions run: whoever adds one gives it rows here."""
DIRECTORY = (
    "INSERT INTO scim_resources (tenant_id, resource_id, connection_id, kind, name_key, external_id, account_id,"
    " document, version, created_at, updated_at)"
    " VALUES (:tenant, :id, 'con_1', :kind, :id, :external, :account, :document, 1, 1, 2)"
)
BROUGHT = (
    "INSERT INTO imported_factors (tenant_id, user_id, number, kind, value_sealed, created_at)"
    " SELECT tenant_id, user_id, '00', 'totp', 'v2', 1 FROM users WHERE user_id = 'auth0|1'"
)
"""A second factor from before anybody was asked for one."""
SENT: list[dict[str, Any]] = [
    {"tenant": tenant, "id": name, "kind": "User", "external": None, "account": f"acme|{name}", "document": "{}"}
    for tenant, name in (("default", "jane"), ("default", "joe"), ("acme", "jane"))
] + [
    {
        "tenant": "default",
        "id": "crew",
        "kind": "Group",
        "external": "g-1",
        "account": None,
        "document": json.dumps({"displayName": "Crew Straße", "members": [{"value": "jane"}, {"value": "crew"}]}),
    }
]
MANY = 2_050
"""More rows than revision 0005 reads at a time."""
MOMENT = 1_700_000_000_000
NEWEST = f"{MOMENT + 5:014d}000007{'9' * 19}"
"""An id as the first release made them: milliseconds, a counter, randomness."""
USER = (
    "INSERT INTO users (tenant_id, user_id, email, name, given_name, family_name, nickname, email_verified, blocked,"
    " profile, logins_count, created_at, updated_at)"
    " VALUES (:tenant, :id, :email, :name, :given, :family, :nickname, false, false, '{}', 3, 1, 2)"
)
ENTRY = (
    "INSERT INTO logs (tenant_id, log_id, date, type, user_id, client_id, data)"
    " VALUES (:tenant, :id, :date, 's', 'auth0|1', 'client', :data)"
)
GRANT = (
    "INSERT INTO user_grants (tenant_id, id, user_id, client_id, audience, scope, created_at)"
    " VALUES ('default', 'gra_1', 'auth0|1', 'client', 'https://api.example/', 'openid read:a', 1)"
)
FAMILY = (
    "INSERT INTO authorizations (tenant_id, id, client_id, user_id, scope, request, offline, rotating, code_hash,"
    " code_used_at, created_at, purge_at)"
    " VALUES ('default', :id, 'client', 'auth0|1', 'openid offline_access', '{}', true, true, :id, 10, 5, :purge)"
)
TOKEN = (
    "INSERT INTO tokens (tenant_id, token_hash, kind, authorization_id, client_id, user_id, scope,"
    " created_at, expires_at) VALUES ('default', :hash, :kind, :family, 'client', 'auth0|1', 'openid', :created, :ends)"
)
LINKED = (
    "INSERT INTO identities (tenant_id, connection_id, identity_user_id, user_id, position, provider, connection,"
    " is_social, profile_data) VALUES ('default', 'con_1', 'linked', 'auth0|1', 1, 'auth0', 'Users', FALSE, :data)"
)
SESSION = (
    "INSERT INTO sessions (tenant_id, id, secret_hash, user_id, cookie_mode, methods, device, created_at, updated_at,"
    " authenticated_at, last_interacted_at, idle_expires_at, expires_at)"
    " VALUES ('default', 'sid', 'hash', 'auth0|1', 'persistent', '[]', '{}', 1, 1, 1, 1, 2, 3)"
)
JANE = {
    "email": "Jane@Example.com",
    "name": "Straße ÉLAN",
    "given": "e\u0301tude",
    "family": "ΣΊΣΥΦΟΣ",
    "nickname": None,
}
FOLDED = {
    "email_folded": "jane@example.com",
    "name_folded": "strasse élan",
    "given_name_folded": "étude",
    "family_name_folded": "σίσυφοσ",
    "nickname_folded": None,
}
SAID: dict[str, Any] = {
    "user_name": "jane@example.com",
    "ip": "203.0.113.9",
    "description": "Ünïcode: 日本",
    "client_name": "App",
    "connection": "Users",
    "connection_id": "con_1",
    "strategy": "auth0",
    "strategy_type": "database",
    "audience": "https://api.example/",
    "scope": "openid profile",
    "user_agent": "a browser",
}
OTHERS = {"details": {"request": {"method": "post", "ü": [1, None]}}, "hostname": "id.example.test"}
ODD = {"user_name": "x" * 400, "scope": ["openid", "email"], "description": "a\0b", "ip": None}
ODD_SPREAD = {"user_name": "x" * 300, "scope": '["openid","email"]', "description": "ab", "ip": None}


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.counterpart)])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A database of the first release, in use."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path}/idp.db"
    else:
        given: str = request.getfixturevalue("postgres_url")
        url = "postgresql+psycopg://" + given.removeprefix("postgres://").removeprefix("postgresql://")
    engine = open_engine(url)
    move(engine, "upgrade", "0001")
    with engine.begin() as connection:
        furnish(connection)
    yield engine
    engine.dispose()


def move(engine: Engine, direction: str, revision: str) -> None:
    """In one transaction, as the product does."""
    with engine.begin() as connection:
        migrate._run(connection, direction, revision)


def furnish(connection: Connection) -> None:
    """Users and log entries of two tenants, more than are read at a time, and a grant."""
    crowd = [
        {**JANE, "tenant": tenant, "id": f"auth0|{number:05d}", "email": f"U{number}@EXAMPLE.com", "nickname": "Ö"}
        for tenant, amount in (("default", MANY), ("acme", 3))
        for number in range(amount)
    ]
    nobody = dict.fromkeys(JANE)
    connection.execute(
        text(USER),
        [*crowd, {**JANE, "tenant": "default", "id": "auth0|1"}, {**nobody, "tenant": "default", "id": "auth0|2"}],
    )
    plain = [
        {
            "tenant": tenant,
            "id": f"{MOMENT:014d}{number:025d}",
            "date": MOMENT,
            "data": packed({"ip": f"10.0.0.{number}"}),
        }
        for tenant, amount in (("default", MANY), ("acme", 3))
        for number in range(amount)
    ]
    odd = (("full", {**SAID, **OTHERS}), ("odd", ODD), ("empty", {}))
    connection.execute(
        text(ENTRY),
        [
            *plain,
            *({"tenant": "acme", "id": name, "date": MOMENT, "data": packed(data)} for name, data in odd),
            {"tenant": "default", "id": NEWEST, "date": MOMENT + 5, "data": "{}"},
        ],
    )
    connection.execute(text(GRANT))
    connection.execute(text(FAMILY), [{"id": "ends", "purge": 7}, {"id": "endless", "purge": None}])
    connection.execute(text(FAMILY), [{"id": name, "purge": 7} for name in ("switched", "bare")])
    kept = [("a", "access", "ends", 10, 90), ("b", "refresh", "ends", 10, 70), ("c", "refresh", "ends", 70_000, 80)]
    kept += [("d", "refresh", "endless", 10, None), ("e", "access", "endless", 10, 90)]
    kept += [("f", "refresh", "switched", 10, 70), ("g", "refresh", "switched", 20, None)]
    kept += [("h", "access", "bare", 10, 90)]
    names = ("hash", "kind", "family", "created", "ends")
    connection.execute(text(TOKEN), [dict(zip(names, each, strict=True)) for each in kept])
    connection.execute(text(SESSION))


def packed(data: dict[str, Any]) -> str:
    return json.dumps(data)


def one(connection: Connection, table: str, **key: str) -> dict[str, Any]:
    """The row with that key."""
    where = " AND ".join(f"{name} = :{name}" for name in key)
    found = connection.execute(text(f"SELECT * FROM {table} WHERE {where}"), key).mappings().one()
    return dict(found)


def count(connection: Connection, table: str, where: str) -> int:
    return int(connection.execute(text(f"SELECT count(*) FROM {table} WHERE {where}")).scalar_one())


def shape(engine: Engine) -> dict[str, Any]:
    """Columns, keys and indexes of every table."""
    seen = inspect(engine)
    return {
        table: (
            {each["name"]: (str(each["type"]), each["nullable"]) for each in seen.get_columns(table)},
            seen.get_pk_constraint(table)["constrained_columns"],
            {each["name"]: (each["column_names"], bool(each["unique"])) for each in seen.get_indexes(table)},
        )
        for table in seen.get_table_names()
    }


def revised(tables: dict[str, Any]) -> dict[str, Any]:
    """The same without the indexes that no revision makes."""
    online = {name for each in online_indexes.INDEXES for name in (each.name, *each.replaces)}
    return {
        table: (columns, key, {name: index for name, index in indexes.items() if name not in online})
        for table, (columns, key, indexes) in tables.items()
    }


def test_the_chain_is_the_one_walked_here() -> None:
    scripts = ScriptDirectory.from_config(migrate.configuration())
    assert [each.revision for each in scripts.walk_revisions()][::-1] == CHAIN


def test_rows_come_along_from_revision_to_revision(engine: Engine) -> None:
    before = shape(engine)
    shapes = [before]
    for revision in CHAIN[1:]:
        if revision == "0030":
            with engine.begin() as connection:
                connection.execute(text(DIRECTORY), SENT)
        if revision == "0042":
            with engine.begin() as connection:
                connection.execute(text(BROUGHT))
        if revision == "0065":
            with engine.begin() as connection:
                connection.execute(
                    text(LINKED), {"data": packed({"email": "Maria@X.Example", "phone_number": "+1202"})}
                )
        move(engine, "upgrade", revision)
        shapes.append(shape(engine))
    assert online_indexes.build(engine) is (engine.dialect.name == "postgresql")
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection, opts=OPTIONS), metadata()) == []
        users_are_folded(connection)
        entries_are_spread(connection)
        entries_are_counted(connection)
        assert one(connection, "user_grants", id="gra_1")["claims"] == "[]"
        assert one(connection, "users", user_id="auth0|1")["signup_agent"] is None
        assert one(connection, "users", user_id="auth0|1")["language"] is None
        families_know_their_tokens(connection)
        activity_is_kept(connection)
        groups_are_taken_over(connection)
        everything_has_a_version(connection)
        assert one(connection, "users", user_id="auth0|1")["factors"] == "imported"
        assert one(connection, "users", user_id="auth0|2")["factors"] is None
        linked = one(connection, "identities", identity_user_id="linked")
        assert (linked["linked_email_key"], linked["linked_number"]) == ("maria@x.example", "+1202")
    for revision, expected in zip(CHAIN[-2::-1], shapes[-2::-1], strict=True):
        move(engine, "downgrade", revision)
        found = shape(engine)
        if engine.dialect.name == "postgresql" and revision in CHAIN[CHAIN.index("0009") :]:  # built online, and stays
            assert revised(found) == revised(expected), revision
        else:
            assert found == expected, revision
    with engine.connect() as connection:
        entries_are_gathered(connection)
        jane = one(connection, "users", user_id="auth0|1")
        assert (jane["email"], jane["name"], jane["logins_count"]) == (JANE["email"], JANE["name"], 3)
        assert count(connection, "users", "tenant_id = 'default'") == MANY + 2
        assert one(connection, "user_grants", id="gra_1")["scope"] == "openid read:a"
    move(engine, "upgrade", CHAIN[-1])
    with engine.connect() as connection:
        users_are_folded(connection)
        entries_are_spread(connection)


def test_at_once_is_the_same_as_one_by_one(engine: Engine) -> None:
    url = engine.url.render_as_string(hide_password=False)
    assert migrate.upgrade(url)
    with engine.connect() as connection:
        users_are_folded(connection)
        entries_are_spread(connection)
        entries_are_counted(connection)
    migrate.downgrade(url, "0001")
    with engine.connect() as connection:
        entries_are_gathered(connection)


def everything_has_a_version(connection: Connection) -> None:
    """What people edit counts from one on, and old entries are about no object."""
    assert one(connection, "users", user_id="auth0|1")["version"] == 1
    assert count(connection, "users", "version <> 1") == 0
    assert one(connection, "logs", log_id=NEWEST)["object"] is None


def families_know_their_tokens(connection: Connection) -> None:
    """Until when a family lives, and that everything is looked at soon."""
    ends, endless = (one(connection, "authorizations", id=name) for name in ("ends", "endless"))
    columns = ("live_until", "idle_expires_at", "exchanged_at", "generation", "purge_at")
    assert [ends[name] for name in columns] == [90, 80, 70_000, 0, 7]
    assert [endless[name] for name in columns] == [None, None, None, 0, 5]
    switched, bare = (one(connection, "authorizations", id=name) for name in ("switched", "bare"))
    assert [switched[name] for name in columns[:2]] == [None, None], "its newest refresh token never ends"
    assert [bare[name] for name in columns[:2]] == [90, bare["code_used_at"]], "it has no refresh token"
    assert one(connection, "sessions", id="sid")["purge_at"] == 0


def groups_are_taken_over(connection: Connection) -> None:
    """Groups that a directory sent before there were any here, and who is in them."""
    crew = one(connection, "directory_groups", source_id="crew")
    columns = ("tenant_id", "connection_id", "name", "name_folded", "external_id", "created_at", "updated_at")
    assert [crew[name] for name in columns] == ["default", "con_1", "Crew Straße", "crew strasse", "g-1", 1, 2]
    member = one(connection, "group_members", group_id=crew["id"])
    assert (member["tenant_id"], member["account_id"], member["connection_id"]) == ("default", "acme|jane", "con_1")


def users_are_folded(connection: Connection) -> None:
    """Everybody is found, whatever their case."""
    jane = one(connection, "users", user_id="auth0|1")
    assert {name: jane[name] for name in FOLDED} == FOLDED
    nobody = one(connection, "users", user_id="auth0|2")
    assert {nobody[name] for name in FOLDED} == {None}
    crowd = "email_folded LIKE 'u%@example.com' AND nickname_folded = 'ö' AND tenant_id"
    assert count(connection, "users", f"{crowd} = 'default'") == MANY
    assert count(connection, "users", f"{crowd} = 'acme'") == 3


def activity_is_kept(connection: Connection) -> None:
    """Users of the release before have a row beside theirs, and are counted."""
    jane = one(connection, "user_activity", user_id="auth0|1")
    assert (jane["last_login"], jane["logins_count"], jane["updated_at"]) == (None, 3, 2)
    assert count(connection, "user_activity", "tenant_id = 'default'") == MANY + 2
    counts = connection.execute(text("SELECT tenant_id, amount FROM user_counts"))
    assert {row.tenant_id: row.amount for row in counts} == {"default": MANY + 2, "acme": 3}


def entries_are_spread(connection: Connection) -> None:
    """What can be searched for has a column, and stands nowhere else; ids go on behind the newest."""
    full = one(connection, "logs", tenant_id="acme", log_id="full")
    assert {name: full[name] for name in SAID} == SAID
    assert json.loads(full["data"]) == OTHERS
    assert (full["type"], full["user_id"], full["client_id"], full["date"]) == ("s", "auth0|1", "client", MOMENT)
    odd = one(connection, "logs", tenant_id="acme", log_id="odd")
    assert {name: odd[name] for name in ODD_SPREAD} == ODD_SPREAD
    assert odd["data"] == "{}"
    empty = one(connection, "logs", tenant_id="acme", log_id="empty")
    assert {empty[name] for name in SAID} == {None}
    assert count(connection, "logs", "ip LIKE '10.0.0.%' AND data = '{}' AND tenant_id = 'default'") == MANY
    assert count(connection, "logs", "tenant_id = 'acme'") == 6
    assert one(connection, "log_positions", tenant_id="default")["position"] == int(NEWEST[:20]) + 1


def entries_are_counted(connection: Connection) -> None:
    """What happened before the statistics began is in them; every entry here is a sign-in of the same person."""
    assert one(connection, "log_positions", tenant_id="default")["behind"] == 0
    day = str(MOMENT - MOMENT % 86_400_000)
    for tenant, amount in (("default", MANY + 1), ("acme", 6)):
        row = one(connection, "daily_statistics", tenant_id=tenant)
        assert (str(row["day"]), row["logins"], row["signups"], row["last_active"]) == (day, amount, 0, 1)
        assert (row["active"], row["failures"], row["factors"]) == (1, 0, 0)
        assert str(one(connection, "last_active_days", tenant_id=tenant)["day"]) == day


def entries_are_gathered(connection: Connection) -> None:
    """The document of an entry says everything again."""
    full = one(connection, "logs", tenant_id="acme", log_id="full")
    assert json.loads(full["data"]) == {**SAID, **OTHERS}
    assert "ip" not in full
    odd = json.loads(one(connection, "logs", tenant_id="acme", log_id="odd")["data"])
    assert odd == {name: value for name, value in ODD_SPREAD.items() if value is not None}
    assert count(connection, "logs", "data LIKE '%10.0.0.%' AND tenant_id = 'default'") == MANY
