"""Indexes of names say when their users were created, too (docs/decisions/0476). On Postgres these indexes are built
after the revisions.
"""

# ruff: noqa: S608 - every name in these statements is one of this file
from __future__ import annotations

from alembic import op

revision = "0086"
down_revision = "0084"
branch_labels = None
depends_on = None

NAMES = ("email", "name", "given_name", "family_name", "nickname")
UNVERIFIED = ("name", "email")


def upgrade() -> None:
    if op.get_bind().dialect.name != "sqlite":
        return
    for name in NAMES:
        op.execute(f"CREATE INDEX ix_users_by_{name} ON users (tenant_id, {name}_folded, user_id, created_at)")
        op.execute(f"DROP INDEX ix_users_sorted_{name}")
        # what is told of an index goes with it (revision 0011): as many rows share the first columns as before
        op.execute(
            f"INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('users', 'ix_users_by_{name}', '100000 100000 20 1 1')"
        )
    _last()
    op.execute("ANALYZE sqlite_schema")


def _last() -> None:
    """Of indexes that cost the same SQLite takes the one that was made last. That has to be the one of those who are
    not verified where these are asked for in that order (revision 0072), or all users of that order are looked through.
    """
    for name in UNVERIFIED:
        op.execute(f"DROP INDEX IF EXISTS ix_users_unverified_{name}")
        op.execute(
            f"CREATE INDEX ix_users_unverified_{name} ON users (tenant_id, {name}_folded, user_id)"
            " WHERE email_verified = 0"
        )
        op.execute(
            "INSERT INTO sqlite_stat1 (tbl, idx, stat)"
            f" VALUES ('users', 'ix_users_unverified_{name}', '100000 100000 20 1')"
        )


def downgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    for name in NAMES:
        op.execute(f"DROP INDEX IF EXISTS ix_users_by_{name}")
        if sqlite:
            op.execute(f"CREATE INDEX ix_users_sorted_{name} ON users (tenant_id, {name}_folded, user_id)")
            op.execute(
                "INSERT INTO sqlite_stat1 (tbl, idx, stat)"
                f" VALUES ('users', 'ix_users_sorted_{name}', '100000 100000 20 1')"
            )
    if sqlite:
        _last()
        op.execute("ANALYZE sqlite_schema")
