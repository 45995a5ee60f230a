"""What users granted by the claims parameter, claim by claim."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("user_grants", sa.Column("claims", sa.Text(), nullable=False, server_default="[]"))


def downgrade() -> None:
    op.drop_column("user_grants", "claims")
