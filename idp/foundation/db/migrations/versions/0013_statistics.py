"""What happens on a day is counted as it happens (docs/decisions/0132), and how far the dates of log entries are behind
their ids is known (docs/decisions/0131).
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0009"
branch_labels = None
depends_on = None

DAY = 86_400_000
LOGINS = "('s', 'ssa', 'sepft')"
DIGITS = {"postgresql": "substr(log_id, 1, 20) ~ '^[0-9]{20}$'", "sqlite": f"log_id GLOB '{'[0-9]' * 20}*'"}
"""Ids that begin with a moment: all but those that nobody but a test makes."""
OF_DAYS = f"""
INSERT INTO daily_statistics (tenant_id, day, logins, signups, last_active)
SELECT tenant_id, date - date % {DAY}, sum(CASE WHEN type IN {LOGINS} THEN 1 ELSE 0 END),
  sum(CASE WHEN type = 'ss' THEN 1 ELSE 0 END), 0
FROM logs WHERE type IN ('s', 'ssa', 'sepft', 'ss') GROUP BY tenant_id, date - date % {DAY}
"""  # noqa: S608 - constants of this file
OF_PEOPLE = f"""
INSERT INTO last_active_days (tenant_id, user_id, day) SELECT tenant_id, user_id, max(date - date % {DAY})
FROM logs WHERE type IN {LOGINS} AND user_id IS NOT NULL GROUP BY tenant_id, user_id
"""  # noqa: S608 - constants of this file
WHEN_LAST = """
UPDATE daily_statistics SET last_active = (SELECT count(*) FROM last_active_days
  WHERE last_active_days.tenant_id = daily_statistics.tenant_id AND last_active_days.day = daily_statistics.day)
"""


def upgrade() -> None:
    op.create_table(
        "daily_statistics",
        sa.Column("day", sa.BigInteger(), nullable=False),
        sa.Column("logins", sa.Integer(), nullable=False),
        sa.Column("signups", sa.Integer(), nullable=False),
        sa.Column("last_active", sa.Integer(), nullable=False),
        sa.Column("tenant_id", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "day", name=op.f("pk_daily_statistics")),
    )
    op.create_table(
        "last_active_days",
        sa.Column("user_id", sa.String(length=300), nullable=False),
        sa.Column("day", sa.BigInteger(), nullable=False),
        sa.Column("tenant_id", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("user_id", "tenant_id", name=op.f("pk_last_active_days")),
    )
    op.add_column("log_positions", sa.Column("behind", sa.BigInteger(), server_default="0", nullable=False))
    _see_how_far_behind()
    for statement in (OF_DAYS, OF_PEOPLE):
        op.execute(statement)
    op.create_index("ix_last_active_days_day", "last_active_days", ["day"])
    op.create_index("ix_daily_statistics_day", "daily_statistics", ["day"])
    op.execute(WHEN_LAST)


def downgrade() -> None:
    with op.batch_alter_table("log_positions") as positions:
        positions.drop_column("behind")
    op.drop_table("last_active_days")
    op.drop_table("daily_statistics")


def _see_how_far_behind() -> None:
    """The most that the date of an entry is earlier than the moment in its id."""
    digits = DIGITS[op.get_bind().dialect.name]
    found = "SELECT max(CAST(substr(log_id, 1, 14) AS bigint) - date) FROM logs"
    mine = f"{found} WHERE logs.tenant_id = log_positions.tenant_id AND {digits}"
    op.execute(f"UPDATE log_positions SET behind = coalesce(({mine}), 0)")  # noqa: S608 - constants of this file
    op.execute("UPDATE log_positions SET behind = 0 WHERE behind < 0")
