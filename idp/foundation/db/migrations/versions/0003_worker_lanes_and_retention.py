"""Whom background work waits for, and indexes by which what is over is found."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0001"
branch_labels = None
depends_on = None

PARTIAL = {
    "ix_sessions_ended_at": ("sessions", "ended_at", "ended_at IS NOT NULL"),
    "ix_authorizations_revoked_at": ("authorizations", "revoked_at", "revoked_at IS NOT NULL"),
    "ix_tokens_used_at": ("tokens", "used_at", "used_at IS NOT NULL"),
    "ix_tokens_idle": ("tokens", "expires_at", "purge_at IS NULL"),
}


def upgrade() -> None:
    op.add_column("outbox", sa.Column("receiver", sa.String(length=32), server_default="-", nullable=False))
    op.create_index(
        "ix_outbox_turns",
        "outbox",
        ["task", "tenant_id", "receiver", "run_at"],
        unique=False,
        sqlite_where=sa.text("done_at IS NULL"),
        postgresql_where=sa.text("done_at IS NULL"),
    )
    op.create_index("ix_outbox_created_at", "outbox", ["created_at"], unique=False)
    op.create_index("ix_mailbox_messages_created_at", "mailbox_messages", ["created_at"], unique=False)
    op.create_index("ix_sessions_idle_expires_at", "sessions", ["idle_expires_at"], unique=False)
    for name, (table, column, condition) in PARTIAL.items():
        op.create_index(
            name,
            table,
            [column],
            unique=False,
            sqlite_where=sa.text(condition),
            postgresql_where=sa.text(condition),
        )
    # the release before deleted sessions first, and who took part in them later
    op.execute(
        "DELETE FROM session_clients WHERE NOT EXISTS (SELECT 1 FROM sessions"
        " WHERE sessions.tenant_id = session_clients.tenant_id AND sessions.id = session_clients.session_id)"
    )


def downgrade() -> None:
    for name, (table, _, _) in PARTIAL.items():
        op.drop_index(name, table_name=table)
    op.drop_index("ix_sessions_idle_expires_at", table_name="sessions")
    op.drop_index("ix_mailbox_messages_created_at", table_name="mailbox_messages")
    op.drop_index("ix_outbox_created_at", table_name="outbox")
    op.drop_index("ix_outbox_turns", table_name="outbox")
    with op.batch_alter_table("outbox") as batch:
        batch.drop_column("receiver")
