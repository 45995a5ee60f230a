"""Log entries are listed in the order of their ids: indexes end with the id alone, and none is by date
(docs/decisions/0131). Those of Postgres are built after the revisions (docs/decisions/0126).
"""

from __future__ import annotations

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

SEARCHED_BY = ("type", "user_id", "client_id", "user_name", "ip")


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for name in SEARCHED_BY:
            op.create_index(f"ix_logs_{name}_log_id", "logs", ["tenant_id", name, "log_id"])
            op.drop_index(f"ix_logs_{name}", table_name="logs")
    op.drop_index("ix_logs_date", table_name="logs")


def downgrade() -> None:
    op.create_index("ix_logs_date", "logs", ["tenant_id", "date", "log_id"])
    for name in SEARCHED_BY:
        op.create_index(f"ix_logs_{name}", "logs", ["tenant_id", name, "date", "log_id"], if_not_exists=True)
        op.drop_index(f"ix_logs_{name}_log_id", table_name="logs", if_exists=True)
