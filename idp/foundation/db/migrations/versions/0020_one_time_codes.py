"""Short codes that are sent to people have a table of their own: what is decided about them is one conditional write
(docs/decisions/0175).
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "one_time_codes",
        sa.Column("key_hash", sa.String(64), nullable=False),
        sa.Column("code_mac", sa.String(64), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.Column("tenant_id", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("key_hash", "tenant_id", name=op.f("pk_one_time_codes")),
    )
    op.create_index("ix_one_time_codes_expires_at", "one_time_codes", ["expires_at"])


def downgrade() -> None:
    op.drop_table("one_time_codes")
