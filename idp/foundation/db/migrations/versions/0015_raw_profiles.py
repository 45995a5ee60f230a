"""What sources say of people beside the profile: kept apart, with the identity."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("identities", sa.Column("raw_profile", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("identities", "raw_profile")
