"""Administrators; versions of what people edit; which object a log entry is about."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0047"
down_revision = "0039"
branch_labels = None
depends_on = None

EDITED = (
    "clients",
    "client_grants",
    "connections",
    "resource_servers",
    "roles",
    "tenants",
    "tenant_documents",
    "users",
)


def upgrade() -> None:
    for table in EDITED:
        op.add_column(table, sa.Column("version", sa.Integer(), server_default="1", nullable=False))
    op.add_column("logs", sa.Column("object", sa.Text(), nullable=True))
    if op.get_bind().dialect.name == "sqlite":
        op.execute("CREATE INDEX ix_logs_object_log_id ON logs (tenant_id, object, log_id) WHERE object IS NOT NULL")
    op.create_table(
        "tenant_members",
        sa.Column("user_id", sa.String(length=300), nullable=False),
        sa.Column("roles", sa.Text(), nullable=False),
        sa.Column("client_ids", sa.Text(), nullable=False),
        sa.Column("added_by", sa.String(length=300), nullable=True),
        sa.Column("blocked", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("last_seen_at", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("tenant_id", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("user_id", "tenant_id", name="pk_tenant_members"),
    )
    op.create_table(
        "member_sessions",
        sa.Column("session_id", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.String(length=300), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("tenant_id", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("session_id", "tenant_id", name="pk_member_sessions"),
    )
    op.create_index("ix_member_sessions_seen_at", "member_sessions", ["seen_at"])
    op.create_index("ix_member_sessions_user_id", "member_sessions", ["user_id", "tenant_id"])
    op.create_table(
        "member_invitations",
        sa.Column("invitation_id", sa.String(length=64), nullable=False),
        sa.Column("roles", sa.Text(), nullable=False),
        sa.Column("client_ids", sa.Text(), nullable=False),
        sa.Column("added_by", sa.String(length=300), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("tenant_id", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("invitation_id", "tenant_id", name="pk_member_invitations"),
    )
    op.create_index("ix_member_invitations_created_at", "member_invitations", ["created_at"])


def downgrade() -> None:
    for table in ("member_invitations", "member_sessions", "tenant_members"):
        op.drop_table(table)
    op.execute("DROP INDEX IF EXISTS ix_logs_object_log_id")
    op.drop_column("logs", "object")
    for table in reversed(EDITED):
        op.drop_column(table, "version")
