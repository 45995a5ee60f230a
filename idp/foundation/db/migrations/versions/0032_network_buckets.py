"""Suspicious-IP throttling counts by network (docs/decisions/0210)."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "network_buckets",
        sa.Column("network", sa.String(64), nullable=False),
        sa.Column("stage", sa.String(32), nullable=False),
        sa.Column("full_at", sa.BigInteger(), nullable=False),
        sa.Column("tenant_id", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("network", "stage", "tenant_id", name=op.f("pk_network_buckets")),
    )
    op.create_index("ix_network_buckets_full_at", "network_buckets", ["full_at"])


def downgrade() -> None:
    op.drop_table("network_buckets")
