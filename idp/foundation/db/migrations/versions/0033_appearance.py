"""Documents of a tenant beside its row, tokens that administrators refused, and keys of devices."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0034"
branch_labels = None
depends_on = None

TABLES = ("device_keys", "blacklisted_tokens", "tenant_documents")


def upgrade() -> None:
    op.create_table(
        "tenant_documents",
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("tenant_id", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("kind", "name", "tenant_id", name="pk_tenant_documents"),
    )
    op.create_table(
        "blacklisted_tokens",
        sa.Column("jti", sa.String(length=255), nullable=False),
        sa.Column("aud", sa.String(length=600), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("tenant_id", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("jti", "aud", "tenant_id", name="pk_blacklisted_tokens"),
    )
    op.create_index("ix_blacklisted_tokens_created_at", "blacklisted_tokens", ["created_at"])
    op.create_table(
        "device_keys",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.String(length=300), nullable=False),
        sa.Column("client_id", sa.String(length=64), nullable=False),
        sa.Column("device_name", sa.String(length=255), nullable=False),
        sa.Column("device_id", sa.String(length=255), nullable=False),
        sa.Column("public_key", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("tenant_id", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", "tenant_id", name="pk_device_keys"),
        sa.UniqueConstraint(
            "user_id",
            "client_id",
            "device_id",
            "tenant_id",
            name="uq_device_keys_user_id_client_id_device_id_tenant_id",
        ),
    )


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
