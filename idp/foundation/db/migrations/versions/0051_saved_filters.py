"""Filters of the dashboard's lists that administrators keep."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0051"
down_revision = "0042"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "saved_filters",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.String(length=300), nullable=False),
        sa.Column("resource", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("tenant_id", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", "tenant_id", name="pk_saved_filters"),
    )
    op.create_index("ix_saved_filters_resource", "saved_filters", ["resource", "tenant_id"])
    op.create_index("ix_saved_filters_user_id", "saved_filters", ["user_id", "tenant_id"])


def downgrade() -> None:
    op.drop_table("saved_filters")
