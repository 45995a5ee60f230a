"""Pictures that sources brought along as bytes (docs/decisions/0231)."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0044"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "pictures",
        sa.Column("connection_id", sa.String(length=64), nullable=False),
        sa.Column("identity_user_id", sa.String(length=255), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("tenant_id", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("connection_id", "identity_user_id", "tenant_id", name="pk_pictures"),
        sa.UniqueConstraint("id", "tenant_id", name="uq_pictures_id_tenant_id"),
    )


def downgrade() -> None:
    op.drop_table("pictures")
