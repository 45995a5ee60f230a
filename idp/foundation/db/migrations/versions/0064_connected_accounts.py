"""Accounts at sources that people connected without signing in by them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0064"
down_revision = "0065"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "connected_accounts",
        sa.Column("connection_id", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.String(length=255), nullable=False),
        sa.Column("user_id", sa.String(length=300), nullable=False),
        sa.Column("tokens_sealed", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("tenant_id", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("connection_id", "account_id", "user_id", "tenant_id", name="pk_connected_accounts"),
    )
    op.create_index("ix_connected_accounts_user_id", "connected_accounts", ["user_id", "tenant_id"])


def downgrade() -> None:
    op.drop_table("connected_accounts")
