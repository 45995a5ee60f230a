"""Of each day it is counted, too, how many people signed in, how many sign-ins failed, and how many second factors were
proven (docs/decisions/0371). What the log still knows of the days before is counted here.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0070"
down_revision = "0066"
branch_labels = None
depends_on = None

DAY = 86_400_000
COLUMNS = ("active", "failures", "factors")
LOGINS = "('s', 'ssa', 'sepft')"
FAILURES = "('f', 'fp', 'fu', 'limit_wc', 'pwd_leak')"
FACTORS = "('gd_auth_succeed', 'gd_recovery_succeed')"
OF_DAYS = f"""
INSERT INTO daily_statistics (tenant_id, day, logins, signups, last_active, active, failures, factors)
SELECT tenant_id, date - date % {DAY}, 0, 0, 0,
  count(DISTINCT CASE WHEN type IN {LOGINS} THEN user_id END),
  sum(CASE WHEN type IN {FAILURES} THEN 1 ELSE 0 END),
  sum(CASE WHEN type IN {FACTORS} THEN 1 ELSE 0 END)
FROM logs WHERE type IN {LOGINS} OR type IN {FAILURES} OR type IN {FACTORS}
GROUP BY tenant_id, date - date % {DAY}
ON CONFLICT (tenant_id, day) DO UPDATE
SET active = excluded.active, failures = excluded.failures, factors = excluded.factors
"""  # noqa: S608 - constants of this file


def upgrade() -> None:
    for name in COLUMNS:
        op.add_column("daily_statistics", sa.Column(name, sa.Integer(), server_default="0", nullable=False))
    op.execute(OF_DAYS)


def downgrade() -> None:
    with op.batch_alter_table("daily_statistics") as days:
        for name in COLUMNS:
            days.drop_column(name)
