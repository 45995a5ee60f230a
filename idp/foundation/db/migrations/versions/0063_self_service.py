"""What people change of their own account: another address, its deletion, the theme of pages."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0063"
down_revision = "0062"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("users", sa.Column("theme", sa.String(length=8), nullable=True))
    op.add_column("users", sa.Column("deletion_due", sa.BigInteger(), nullable=True))
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "CREATE INDEX ix_users_deletion_due ON users (tenant_id, deletion_due, user_id)"
            " WHERE deletion_due IS NOT NULL"
        )
    op.create_table(
        "address_changes",
        sa.Column("user_id", sa.String(length=300), nullable=False),
        sa.Column("connection_id", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.String(length=255), nullable=False),
        sa.Column("old_email", sa.String(length=254), nullable=False),
        sa.Column("new_email", sa.String(length=254), nullable=False),
        sa.Column("old_confirmed_at", sa.BigInteger(), nullable=True),
        sa.Column("new_confirmed_at", sa.BigInteger(), nullable=True),
        sa.Column("locale", sa.String(length=35), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("tenant_id", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("user_id", "tenant_id", name="pk_address_changes"),
    )
    op.create_index("ix_address_changes_expires_at", "address_changes", ["expires_at"])


def downgrade() -> None:
    op.drop_table("address_changes")
    op.execute("DROP INDEX IF EXISTS ix_users_deletion_due")
    op.drop_column("users", "deletion_due")
    op.drop_column("users", "theme")
