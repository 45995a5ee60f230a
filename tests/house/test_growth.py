"""Nothing grows for ever: every table is purged, kept as long as its tenant says, or has a reason not to grow with use.
What is purged is found by an index, however many rows stand.
"""

from __future__ import annotations

import pytest

from idp.foundation.db.hot import Statement
from idp.foundation.db.schema import metadata
from idp.foundation.kernel import clock, sizes
from idp.processes import purges
from idp.wiring import retentions
from tests.counterparts.program import ROOT
from tests.world.fixtures import on_both_stores
from tests.world.templates import BARE, Template
from tests.world.world import World

BOUNDED = {
    "tenant_documents": "configuration: a few for each tenant, of names that are listed",
    "device_keys": "50 for each user; they go with the user",
    "custom_domains": "20 for each tenant",
    "tenants": "one for each tenant that an operator makes",
    "clients": "configuration: made and deleted by administrators",
    "client_registrations": "one for each client that made itself known; the worker removes those nobody used",
    "client_grants": "configuration: one for each client, API and kind of subject",
    "resource_servers": "configuration",
    "connections": "configuration",
    "connection_clients": "configuration: one for each connection and client",
    "connection_keys": "five for each connection at most: rotating drops the oldest; they go with the connection",
    "signing_keys": "rotated and revoked by administrators",
    "token_keys": "one for each tenant",
    "subject_keys": "one for each tenant",
    "users": "people stay until somebody deletes them; sign-ups are limited by network",
    "user_activity": "one for each user; the database deletes it with the user",
    "user_counts": "one for each tenant, on Postgres a few hundred: now and then a writer adds them up",
    "identities": "one or a few for each user; they go with the user",
    "connected_accounts": "as many as people connect, fifty each; they go with their owner and with the connection",
    "pictures": "one for each account whose source has photos; they go with the account",
    "database_accounts": "one for each user of a database connection; they go with the user",
    "imported_factors": "ten for each user who was imported; they go with the user, or when they are enrolled",
    "user_grants": "one for each user, client and API; they go with any of them",
    "scim_configurations": "one for each connection that is provisioned; it goes with the connection",
    "scim_tokens": "ten for each of these",
    "scim_resources": "one for each user of these, and 5,000 groups at most; they go with the connection",
    "roles": "configuration: 1,000 for each tenant",
    "role_permissions": "configuration: 1,000 for each role; they go with it and with their API",
    "user_roles": "50 for each user; they go with the user and the role",
    "user_permissions": "1,000 for each user; they go with the user and the API",
    "directory_groups": "one for each group that a directory has sent; they go with the connection",
    "group_members": "one for each account in these; they go with the group and the account",
    "group_roles": "50 for each group; they go with the group and the role",
    "authorization_objects": "2,000 of each of three kinds for each tenant",
    "authorization_members": "one for each user and group or role of these; they go with the user",
    "tenant_members": "500 for each tenant; they go with the user",
    "saved_filters": "50 for each administrator; they go with the user",
    "signal_streams": "one for each receiver of shared signals, 100 for each tenant; they go with their client",
    "signal_subjects": "10,000 for each of these; they go with the stream and the user",
    "log_positions": "one for each tenant",
    "log_stretches": "one for five thousand log entries; the worker deletes it behind the last of them",
}
"""Tables without a purge, and why they do not grow with use."""
OPERATIONS = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")


def test_every_table_is_purged_or_does_not_grow_with_use() -> None:
    purged = {purge.table for purge, _ in purges.statements()} | {each.table for each in retentions()}
    tables = {table.name for table in metadata().sorted_tables}
    assert purged & BOUNDED.keys() == set()
    assert tables - purged - BOUNDED.keys() == set(), "say when rows of these go, or why they do not grow"
    assert purged <= tables


def test_operators_read_what_is_deleted_when() -> None:
    purged = {purge.table for purge, _ in purges.statements()} | {each.table for each in retentions()}
    assert sorted(table for table in purged if f"`{table}`" not in OPERATIONS) == []


def test_operators_read_how_much_is_kept_of_what_strangers_send() -> None:
    rows = [f"| {size.what} | {size.most:,} |" for size in sizes.TABLE]
    assert [row for row in rows if row not in OPERATIONS] == []


@pytest.fixture
def template() -> Template:
    """The plans are asked of a fresh database: they must be right before anybody has counted rows."""
    return BARE


@on_both_stores
def test_what_is_over_is_found_by_an_index(world: World, store: str) -> None:
    before = clock.now_ms()
    found: dict[str, list[str]] = {}
    with world.platform.db.hot() as hot:
        for name, statement, values in _purges():
            found[name] = _walks(hot, statement, store, {**values, "before": before, "amount": 10})
    assert {name: lines for name, lines in found.items() if lines} == {}


def _purges() -> list[tuple[str, Statement[object], dict[str, str]]]:
    own = [(purge.name, statement, {}) for purge, statement in purges.statements()]
    kept = [(each.retention.table, each.delete, {"tenant": "default"}) for each in purges._kept()]
    return [*own, *kept]  # type: ignore[list-item]


def _walks(hot: object, statement: Statement[object], store: str, values: dict[str, object]) -> list[str]:
    """The lines of the plan that walk a whole table or index."""
    sql, fixed = statement.sql(store)
    cursor = hot._ready().driver.cursor()  # type: ignore[attr-defined]
    explain = "EXPLAIN QUERY PLAN " if store == "sqlite" else "EXPLAIN "
    lines = [str(row[-1]) for row in cursor.execute(explain + sql, {**fixed, **values}).fetchall()]
    if store == "sqlite":
        return [line for line in lines if line.startswith("SCAN")]
    return [line for line in lines if "Seq Scan" in line]
