"""Which groups of letters stand in a part of the log (docs/decisions/0453). The worker describes the log anew; until
then its parts are looked at as those that nobody described.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0084"
down_revision = "0075"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("log_stretches", sa.Column("grams", sa.LargeBinary()))
    if op.get_bind().dialect.name == "postgresql":
        # a bit of it is asked for at a time: never packed, so that it need not be unpacked for each
        op.execute("ALTER TABLE log_stretches ALTER COLUMN grams SET STORAGE EXTERNAL")
    op.execute("DELETE FROM log_stretches")


def downgrade() -> None:
    op.drop_column("log_stretches", "grams")
