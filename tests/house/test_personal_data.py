"""Every table says whose its rows are (docs/decisions/0201): a feature's ``personal``, or here why nobody's."""

from __future__ import annotations

from idp.foundation.db.base import SEALED
from idp.foundation.db.schema import metadata
from idp.wiring import personal

NOBODYS = {
    "initial_access_tokens": "of applications to come; administrators name them",
    "subject_keys": "keys",
    "tenants": "the tenant's own",
    "clients": "applications",
    "client_grants": "of applications",
    "signal_streams": "of applications",
    "client_registrations": "of applications",
    "connection_clients": "of applications",
    "connections": "sources",
    "member_invitations": "roles for whoever accepts; who gave them is forgotten with that person",
    "connection_keys": "of connections",
    "resource_servers": "APIs",
    "roles": "names and texts of administrators",
    "role_permissions": "of roles",
    "directory_groups": "names that a directory gives",
    "authorization_objects": "names and texts of administrators",
    "group_roles": "of groups",
    "scim_configurations": "of connections",
    "scim_tokens": "of connections",
    "custom_domains": "the tenant's own",
    "signing_keys": "the tenant's own",
    "token_keys": "the tenant's own",
    "jobs": "numbers, for a day",
    "job_parts": "files of imports and exports: sealed, and gone after a day",
    "job_errors": "rows of a file that were refused, for a day: nobody has an account of them",
    "tenant_documents": "the tenant's own settings and texts",
    "blacklisted_tokens": "numbers of tokens",
    "network_buckets": "networks, for as long as they wait",
    "counters": "hashes of networks and names, for minutes",
    "daily_statistics": "numbers",
    "user_counts": "numbers",
    "log_positions": "numbers",
    "log_stretches": "names of applications, connections and APIs in a part of the log",
    "one_time_codes": "keyed hashes of addresses and codes, for minutes",
    "outbox": "what is sent to somebody: sealed, and gone a week after it was done",
    "mailbox_messages": "development only",
}
SECRETS = ("hash", "secret", "sealed", "password", "code")


def test_every_table_is_somebodys_or_nobodys() -> None:
    theirs = {each.table for each in personal()}
    tables = {table.name for table in metadata().sorted_tables}
    assert theirs & NOBODYS.keys() == set()
    assert tables - theirs - NOBODYS.keys() == set(), "say whose its rows are: personal= of its feature, or above"
    assert theirs <= tables
    assert NOBODYS.keys() <= tables


def test_tables_that_name_people_are_theirs() -> None:
    naming = {table.name for table in metadata().sorted_tables if {"user_id", "account_id"} & set(table.columns.keys())}
    assert naming - {each.table for each in personal()} == set()


def test_nothing_secret_is_shown() -> None:
    shown = [
        f"{each.table}.{column.name}"
        for each in personal()
        if each.archived
        for column in each.model.__table__.columns
        if column.name not in each.hidden and column.info != SEALED and any(word in column.name for word in SECRETS)
    ]
    assert shown == ["users.last_password_reset", "database_accounts.password_set_at", "authorizations.code_used_at"]
