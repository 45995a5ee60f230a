"""Who was locked out lately, and which networks are kept out, is found by an index (docs/decisions/0368)."""

from __future__ import annotations

from alembic import op

revision = "0071"
down_revision = "0070"
branch_labels = None
depends_on = None


NEWEST, EMPTIEST = "ix_login_failures_last_at", "ix_network_buckets_emptiest"
"""They do not begin with the tenant: no statement by a key is ever planned on them (docs/decisions/0010)."""


def upgrade() -> None:
    op.drop_index(NEWEST, table_name="login_failures")
    op.create_index(NEWEST, "login_failures", ["last_at", "tenant_id"])
    op.create_index(EMPTIEST, "network_buckets", ["stage", "full_at", "tenant_id"])


def downgrade() -> None:
    op.drop_index(EMPTIEST, table_name="network_buckets")
    op.drop_index(NEWEST, table_name="login_failures")
    op.create_index(NEWEST, "login_failures", ["last_at"])
