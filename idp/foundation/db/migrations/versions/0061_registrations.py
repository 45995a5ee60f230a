"""Clients that make themselves known, and tokens that let them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0061"
down_revision = "0051"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("clients", sa.Column("external_client_id", sa.String(length=255), nullable=True))
    op.create_index("ix_clients_external", "clients", ["tenant_id", "external_client_id"], unique=True)
    op.create_table(
        "client_registrations",
        sa.Column("client_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=True),
        sa.Column("former_hash", sa.String(length=64), nullable=True),
        sa.Column("initial_token_id", sa.String(length=64), nullable=True),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.Column("fetched_at", sa.BigInteger(), nullable=True),
        sa.Column("fresh_until", sa.BigInteger(), nullable=True),
        sa.Column("tenant_id", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("client_id", "tenant_id", name="pk_client_registrations"),
    )
    op.create_index(
        "ix_client_registrations_made", "client_registrations", ["tenant_id", "kind", "created_at", "client_id"]
    )
    op.create_table(
        "initial_access_tokens",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("uses", sa.Integer(), nullable=False),
        sa.Column("uses_left", sa.Integer(), nullable=False),
        sa.Column("policy", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("tenant_id", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", "tenant_id", name="pk_initial_access_tokens"),
    )
    op.create_index("ix_initial_access_tokens_hash", "initial_access_tokens", ["token_hash", "tenant_id"], unique=True)
    op.create_index("ix_initial_access_tokens_listed", "initial_access_tokens", ["tenant_id", "created_at", "id"])
    op.create_index("ix_initial_access_tokens_expires_at", "initial_access_tokens", ["expires_at"])


def downgrade() -> None:
    op.drop_table("initial_access_tokens")
    op.drop_table("client_registrations")
    op.drop_index("ix_clients_external", "clients")
    op.drop_column("clients", "external_client_id")
