"""Shared signals: streams, the people in them, and events on their way (docs/decisions/0379)."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0066"
down_revision = "0065"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "signal_streams",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("client_id", sa.String(length=64), nullable=False),
        sa.Column("domain", sa.String(length=255), nullable=True),
        sa.Column("method", sa.String(length=8), nullable=False),
        sa.Column("endpoint_url", sa.String(length=2048), nullable=True),
        sa.Column("authorization_sealed", sa.Text(), nullable=True),
        sa.Column("events", sa.Text(), nullable=False),
        sa.Column("subject_format", sa.String(length=16), nullable=False),
        sa.Column("description", sa.String(length=255), nullable=True),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=255), nullable=True),
        sa.Column("held_by", sa.String(length=16), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("verified_at", sa.BigInteger(), nullable=True),
        sa.Column("delivered_at", sa.BigInteger(), nullable=True),
        sa.Column("failing_since", sa.BigInteger(), nullable=True),
        sa.Column("failure", sa.String(length=500), nullable=True),
        sa.Column("tenant_id", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", "tenant_id", name="pk_signal_streams"),
        sa.UniqueConstraint("client_id", "tenant_id", name="uq_signal_streams_client_id_tenant_id"),
    )
    op.create_table(
        "signal_subjects",
        sa.Column("stream_id", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.String(length=300), nullable=False),
        sa.Column("added", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("tenant_id", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("stream_id", "user_id", "tenant_id", name="pk_signal_subjects"),
    )
    op.create_index("ix_signal_subjects_user_id", "signal_subjects", ["user_id", "tenant_id"])
    op.create_table(
        "signal_events",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("stream_id", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.String(length=300), nullable=True),
        sa.Column("about_stream", sa.Boolean(), nullable=False),
        sa.Column("claims_sealed", sa.Text(), nullable=False),
        sa.Column("taken_until", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("tenant_id", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", "tenant_id", name="pk_signal_events"),
    )
    waiting = ["stream_id", "tenant_id", "created_at", "id"]
    op.create_index("ix_signal_events_waiting", "signal_events", waiting)
    op.create_index("ix_signal_events_user_id", "signal_events", ["user_id", "tenant_id"])
    op.create_index("ix_signal_events_created_at", "signal_events", ["created_at"])


def downgrade() -> None:
    op.drop_table("signal_events")
    op.drop_table("signal_subjects")
    op.drop_table("signal_streams")
