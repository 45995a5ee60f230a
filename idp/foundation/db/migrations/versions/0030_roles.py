"""Roles, permissions of people, and groups of directories with their members: those that directories have sent before
are taken from what they sent.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0015"
branch_labels = None
depends_on = None

TABLES = (
    "roles",
    "role_permissions",
    "user_roles",
    "user_permissions",
    "directory_groups",
    "group_members",
    "group_roles",
)
INDEXES = {
    "ix_roles_listed": "roles (tenant_id, created_at, id)",
    "ix_role_permissions_api": "role_permissions (resource_server_id, permission, tenant_id)",
    "ix_user_roles_role": "user_roles (role_id, user_id, tenant_id)",
    "ix_user_permissions_api": "user_permissions (resource_server_id, permission, tenant_id)",
    "ix_directory_groups_listed": "directory_groups (tenant_id, created_at, id)",
    "ix_directory_groups_connection": "directory_groups (connection_id, tenant_id)",
    "ix_group_members_account": "group_members (account_id, connection_id, tenant_id)",
    "ix_group_roles_role": "group_roles (role_id, group_id, tenant_id)",
}
AT_ONCE = 500
LETTERS = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
FOLDED = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    _create("roles", _id(), _text("name", 255), _folded(), sa.Column("description", sa.Text()), *_times(), key=("id",))
    _create("role_permissions", *_permission("role_id", 64), key=("role_id", "resource_server_id", "permission"))
    _create("user_roles", _text("user_id", 300), _text("role_id", 64), _made(), key=("user_id", "role_id"))
    _create(
        "user_permissions",
        *_permission("user_id", 300),
        _made(),
        key=("user_id", "resource_server_id", "permission"),
    )
    _create(
        "directory_groups",
        _id(),
        _text("connection_id", 64),
        _text("source_id", 64),
        _text("name", 300),
        _folded(),
        sa.Column("external_id", sa.String(length=300)),
        *_times(),
        key=("id",),
    )
    _create(
        "group_members",
        _text("group_id", 64),
        _text("account_id", 255),
        _text("connection_id", 64),
        _made(),
        key=("group_id", "account_id"),
    )
    _create("group_roles", _text("group_id", 64), _text("role_id", 64), _made(), key=("group_id", "role_id"))
    for name, definition in INDEXES.items():
        op.execute(f"CREATE INDEX {name} ON {definition}")
    _take_over(op.get_bind())


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)


def _create(table: str, *columns: sa.Column[Any], key: tuple[str, ...]) -> None:
    unique = {"roles": ("name",), "directory_groups": ("source_id", "connection_id")}.get(table)
    more = []
    if unique is not None:
        named = "_".join((*unique, "tenant_id"))
        more = [sa.UniqueConstraint(*unique, "tenant_id", name=f"uq_{table}_{named}")]
    op.create_table(
        table,
        *columns,
        _text("tenant_id", 64),
        sa.PrimaryKeyConstraint(*key, "tenant_id", name=f"pk_{table}"),
        *more,
    )


def _id() -> sa.Column[Any]:
    return _text("id", 64)


def _text(name: str, length: int) -> sa.Column[Any]:
    return sa.Column(name, sa.String(length=length), nullable=False)


def _folded() -> sa.Column[Any]:
    return sa.Column("name_folded", FOLDED, nullable=False)


def _made() -> sa.Column[Any]:
    return sa.Column("created_at", sa.BigInteger(), nullable=False)


def _times() -> Iterable[sa.Column[Any]]:
    return _made(), sa.Column("updated_at", sa.BigInteger(), nullable=False)


def _permission(whose: str, length: int) -> Iterable[sa.Column[Any]]:
    return _text(whose, length), _text("resource_server_id", 64), _text("permission", 280)


def _take_over(connection: sa.Connection) -> None:
    """Groups that directories have sent, with the accounts in them: one group after the other."""
    from idp.foundation.kernel.folding import fold

    made = sa.text(
        "INSERT INTO directory_groups (tenant_id, id, connection_id, source_id, name, name_folded, external_id,"
        " created_at, updated_at)"
        " VALUES (:tenant, :id, :connection, :source, :name, :folded, :external, :made, :changed)"
    )
    joined = sa.text(
        "INSERT INTO group_members (tenant_id, group_id, account_id, connection_id, created_at)"
        " VALUES (:tenant, :id, :account, :connection, :made)"
    )
    for row in _groups(connection):
        document = json.loads(row.document)
        name = str(document.get("displayName") or row.resource_id)[:300]
        about = {"tenant": row.tenant_id, "connection": row.connection_id, "made": row.created_at}
        about["id"] = "grp_" + "".join(secrets.choice(LETTERS) for _ in range(22))
        more = {"source": row.resource_id, "name": name, "folded": fold(name), "external": row.external_id}
        connection.execute(made, {**about, **more, "changed": row.updated_at})
        members = [str(each["value"]) for each in document.get("members") or () if each.get("value")]
        accounts = sorted(_accounts(connection, row, members))
        if accounts:
            connection.execute(joined, [{**about, "account": account} for account in accounts])


def _groups(connection: sa.Connection) -> Iterator[sa.Row[Any]]:
    statement = sa.text(
        "SELECT tenant_id, resource_id, connection_id, external_id, document, created_at, updated_at"
        " FROM scim_resources WHERE kind = 'Group' AND resource_id > :last ORDER BY resource_id LIMIT 100"
    )
    last = ""
    while rows := connection.execute(statement, {"last": last}).all():
        yield from rows
        last = rows[-1].resource_id


def _accounts(connection: sa.Connection, row: sa.Row[Any], members: list[str]) -> set[str]:
    statement = sa.text(
        "SELECT account_id FROM scim_resources WHERE tenant_id = :tenant AND connection_id = :connection"
        " AND account_id IS NOT NULL AND resource_id IN :some"
    ).bindparams(sa.bindparam("some", expanding=True))
    found: set[str] = set()
    for start in range(0, len(members), AT_ONCE):
        some = members[start : start + AT_ONCE]
        about = {"tenant": row.tenant_id, "connection": row.connection_id, "some": some}
        found.update(each.account_id for each in connection.execute(statement, about))
    return found
