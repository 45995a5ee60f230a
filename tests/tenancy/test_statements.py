"""Hot statements carry no session that filters for them: each one has to name the tenant itself, for every table it
touches.
"""

from __future__ import annotations

import re
from collections import Counter
from importlib import import_module

import pytest

from idp.foundation.db.base import TenantScoped
from idp.foundation.db.hot import Statement
from idp.foundation.db.schema import metadata
from idp.processes import purges
from tests.house.source import modules

for _name in modules():
    if not _name.startswith(("connectors", "idp.__main__", "idp.foundation.db.migrations")):
        import_module(_name)

OVER_ALL_TENANTS = {
    **{
        f"purge_{purge.name}": "expired rows go, whoever's they are; rows are named by the place where they were found"
        for purge, _ in purges.statements()
    },
    **{
        f"retention_{kept.retention.table}": "rows are named by the place where they were found inside the tenant"
        for kept in purges._kept()
    },
    **{
        f"{what}_make_room": "rows are named by the place where they were found inside the tenant"
        for what in ("authorization", "delegation")
    },
    "signal_events_forget_oldest": "rows are named by the place where they were found inside the tenant",
    "custom_domain_tenant": "a request is placed: whose host name this is",
    "outbox_take_sqlite": "the worker serves every tenant and reads each task's tenant from its row",
    "outbox_take_postgresql": "the worker serves every tenant and reads each task's tenant from its row",
    "outbox_any_due": "the worker asks whether anybody has something due",
    "outbox_next_tenant": "the worker asks which tenant's turn it is",
    "outbox_oldest_waiting": "a figure for the operator: the age of the oldest waiting task",
}
"""Statements that concern all tenants, and why. Nobody's request runs them."""

FOREIGN = {"sqlite": "_postgresql", "postgresql": "_sqlite"}
"""Statements of the other dialect alone end so."""
SCOPED = {table.name for table in metadata().sorted_tables if "tenant_id" in table.columns}
USE = re.compile(r"\b(?:FROM|JOIN|UPDATE|,)\s+(?P<table>\w+)\b(?!\.)(?:\s+AS\s+(?P<alias>\w+))?")
MADE = re.compile(r"INSERT INTO (?P<table>\w+) \((?P<columns>[^)]*)\)")
EQUAL = re.compile(r"\b(?P<name>\w+)\.tenant_id = (?::|%\()?(?P<other>\w+(?:\.tenant_id)?)")
ALTERNATIVE = re.compile(r"\((?:(?!\bSELECT\b)[^()])*\bOR\b[^()]*\)")
SMALL = re.compile(r"\((?:(?!\bSELECT\b|\bOR\b|tenant)[^()])*\)(?!s)")


def certain(sql: str) -> str:
    """The text without conditions that need not hold: alternatives in parentheses."""
    before = None
    while before != sql:
        before, sql = sql, ALTERNATIVE.sub("ALTERNATIVE", SMALL.sub("", sql))
    return sql


def unconstrained(sql: str) -> list[str]:
    """Tables of tenants that the statement touches more often than it ties them to the tenant parameter."""
    rest = certain(MADE.sub("", sql))
    used = Counter[str]()
    for found in USE.finditer(rest):
        if found["table"] in SCOPED:
            used[found["alias"] or found["table"]] += 1
    ties = [(found["name"], found["other"].removesuffix(".tenant_id")) for found in EQUAL.finditer(rest)]
    tied = {"tenant"}
    while more := {name for pair in ties if tied & set(pair) for name in pair} - tied:
        tied |= more
    bound = Counter(name for pair in ties if set(pair) <= tied for name in set(pair))
    missing = [name for name, times in used.items() if bound[name] < times]
    return missing + [
        each["table"] for each in MADE.finditer(sql) if each["table"] in SCOPED and "tenant_id" not in each["columns"]
    ]


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_every_statement_stays_inside_a_tenant(dialect: str) -> None:
    statements = {name: each for name, each in Statement.registry.items() if not name.endswith(FOREIGN[dialect])}
    found = {name: unconstrained(each.sql(dialect)[0]) for name, each in statements.items()}
    assert {name: tables for name, tables in found.items() if tables and name not in OVER_ALL_TENANTS} == {}
    assert {name for name, tables in found.items() if tables} == {
        name for name in OVER_ALL_TENANTS if name in statements
    }


@pytest.mark.parametrize(
    ("sql", "tables"),
    [
        ("SELECT users.name FROM users WHERE users.user_id = :user", ["users"]),
        ("SELECT users.name FROM users WHERE users.tenant_id = :tenant AND users.user_id = :user", []),
        ("SELECT users.name FROM users WHERE users.tenant_id = %(tenant)s", []),
        ("SELECT users.name FROM users WHERE (users.tenant_id = :tenant OR users.user_id = :user)", ["users"]),
        (
            "SELECT 1 FROM users JOIN tokens ON tokens.user_id = users.user_id WHERE users.tenant_id = :tenant",
            ["tokens"],
        ),
        ("SELECT 1 FROM users JOIN tokens ON tokens.tenant_id = users.tenant_id WHERE users.tenant_id = :tenant", []),
        ("SELECT 1 FROM users JOIN tokens ON tokens.tenant_id = users.tenant_id", ["users", "tokens"]),
        ("SELECT 1 FROM users AS a JOIN users AS b ON b.user_id = a.user_id WHERE a.tenant_id = :tenant", ["b"]),
        ("DELETE FROM users WHERE users.tenant_id = :tenant AND x IN (SELECT x FROM users WHERE y = :y)", ["users"]),
        ("UPDATE users SET name = :name WHERE users.tenant_id IS NOT NULL", ["users"]),
        ("INSERT INTO users (user_id, tenant_id) VALUES (:user, :tenant)", []),
        ("INSERT INTO users (user_id) VALUES (:user)", ["users"]),
    ],
)
def test_the_reader_of_statements_sees_what_is_missing(sql: str, tables: list[str]) -> None:
    assert unconstrained(sql) == tables


def test_every_table_but_that_of_tenants_is_a_tenants_own() -> None:
    models = {str(mapped.__tablename__) for mapped in _scoped()}
    assert {table.name for table in metadata().sorted_tables} - SCOPED == {"tenants"}
    assert models == SCOPED


def _scoped() -> list[type]:
    from idp.foundation.db.base import Base

    return [mapper.class_ for mapper in Base.registry.mappers if issubclass(mapper.class_, TenantScoped)]
