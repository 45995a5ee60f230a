"""Who was locked out lately, and which networks are kept out, is found by an index (docs/decisions/0368)."""

from __future__ import annotations

from alembic import op

revision = "0071"
down_revision = "0070"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_login_failures_newest", "login_failures", ["tenant_id", "last_at"])
    op.create_index("ix_network_buckets_emptiest", "network_buckets", ["tenant_id", "stage", "full_at"])


def downgrade() -> None:
    op.drop_index("ix_network_buckets_emptiest", table_name="network_buckets")
    op.drop_index("ix_login_failures_newest", table_name="login_failures")
