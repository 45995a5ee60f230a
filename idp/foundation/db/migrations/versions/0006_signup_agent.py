"""Which browser an account was made with, to say so where its address is proven."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("users", sa.Column("signup_agent", sa.String(length=512), nullable=True))


def downgrade() -> None:
    op.drop_column("users", "signup_agent")
