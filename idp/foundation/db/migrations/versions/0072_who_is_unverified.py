"""Who is not verified, in the order of names and of addresses (docs/decisions/0411). On Postgres these indexes are
built after the revisions.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0072"
down_revision = "0071"
branch_labels = None
depends_on = None

INDEXES = {f"ix_users_unverified_{name}": f"{name}_folded" for name in ("name", "email")}
STATISTICS = "100000 100000 20 1"
"""As in revision 0011: how many rows share the first, the first two, ... columns. Of fewer rows SQLite would think that
so few are not verified altogether, and would put them in order by itself wherever another order is asked for.
"""


def upgrade() -> None:
    if op.get_bind().dialect.name != "sqlite":
        return
    told = sa.text("INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('users', :idx, :stat)")
    for name, column in INDEXES.items():
        op.execute(f"CREATE INDEX {name} ON users (tenant_id, {column}, user_id) WHERE email_verified = 0")
        op.execute(told.bindparams(idx=name, stat=STATISTICS))
    op.execute("ANALYZE sqlite_schema")


def downgrade() -> None:
    for name in INDEXES:
        op.execute(f"DROP INDEX IF EXISTS {name}")
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DELETE FROM sqlite_stat1 WHERE idx LIKE 'ix_users_unverified_%'")
