"""The order in which consent, clients and client grants are listed: they grow with people and with applications. Those
of Postgres are built after the revisions (docs/decisions/0125, 0126).
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

INDEXES = {
    "ix_user_grants_listed": "user_grants (tenant_id, created_at, id)",
    "ix_user_grants_client_id": "user_grants (tenant_id, client_id, created_at, id)",
    "ix_clients_listed": "clients (tenant_id, created_at, client_id)",
    "ix_client_grants_listed": "client_grants (tenant_id, created_at, id)",
    "ix_client_grants_audience": "client_grants (tenant_id, audience, created_at, id)",
}
STATISTICS = {
    ("user_grants", "sqlite_autoindex_user_grants_1"): "100000 1 1",
    ("user_grants", "sqlite_autoindex_user_grants_2"): "100000 2 1 1 1",
    ("user_grants", "ix_user_grants_listed"): "100000 100000 1 1",
    ("user_grants", "ix_user_grants_client_id"): "100000 100000 10000 1 1",
    ("client_grants", "sqlite_autoindex_client_grants_1"): "10000 1 1",
    ("client_grants", "sqlite_autoindex_client_grants_2"): "10000 2 1 1 1",
    ("client_grants", "ix_client_grants_listed"): "10000 10000 1 1",
    ("client_grants", "ix_client_grants_audience"): "10000 10000 1000 1 1",
    ("clients", "sqlite_autoindex_clients_1"): "10000 1 1",
    ("clients", "ix_clients_listed"): "10000 10000 1 1",
}
"""As in revision 0011: how many rows share the first, the first two, ... columns of an index."""


def upgrade() -> None:
    if op.get_bind().dialect.name != "sqlite":
        return
    for name, definition in INDEXES.items():
        op.execute(f"CREATE INDEX {name} ON {definition}")
    told = sa.text("INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES (:tbl, :idx, :stat)")
    for (table, index), share in STATISTICS.items():
        op.execute(told.bindparams(tbl=table, idx=index, stat=share))
    op.execute("ANALYZE sqlite_schema")


def downgrade() -> None:
    for name in INDEXES:
        op.execute(f"DROP INDEX IF EXISTS {name}")
    if op.get_bind().dialect.name == "sqlite":
        for table, index in STATISTICS:
            op.execute(
                sa.text("DELETE FROM sqlite_stat1 WHERE tbl = :tbl AND idx = :idx").bindparams(tbl=table, idx=index)
            )
