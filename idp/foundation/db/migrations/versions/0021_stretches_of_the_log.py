"""Which names stand in which part of the log (docs/decisions/0181). The worker describes what is there already."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "log_stretches",
        sa.Column("last_id", sa.String(length=64), nullable=False),
        sa.Column("first_id", sa.String(length=64), nullable=False),
        sa.Column("names", sa.Text(), nullable=True),
        sa.Column("tenant_id", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "last_id", name=op.f("pk_log_stretches")),
    )


def downgrade() -> None:
    op.drop_table("log_stretches")
