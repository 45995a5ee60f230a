"""Which connections are provisioned by SCIM, with which tokens, and what their directories have sent."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0021"
branch_labels = None
depends_on = None

INDEXES = {
    "listed": ["connection_id", "kind", "created_at", "resource_id", "tenant_id"],
    "name": ["name_key", "kind", "connection_id", "tenant_id"],
    "external": ["external_id", "kind", "connection_id", "tenant_id"],
    "account": ["account_id", "connection_id", "tenant_id"],
}
TABLES = ("scim_resources", "scim_tokens", "scim_configurations")


def upgrade() -> None:
    op.create_table(
        "scim_configurations",
        sa.Column("connection_id", sa.String(length=64), nullable=False),
        sa.Column("user_id_attribute", sa.String(length=200), nullable=False),
        sa.Column("mapping", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("tenant_id", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("connection_id", "tenant_id", name="pk_scim_configurations"),
    )
    op.create_table(
        "scim_tokens",
        sa.Column("token_id", sa.String(length=64), nullable=False),
        sa.Column("connection_id", sa.String(length=64), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("valid_until", sa.BigInteger(), nullable=True),
        sa.Column("last_used_at", sa.BigInteger(), nullable=True),
        sa.Column("tenant_id", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("token_id", "tenant_id", name="pk_scim_tokens"),
        sa.UniqueConstraint("token_hash", "tenant_id", name="uq_scim_tokens_token_hash_tenant_id"),
    )
    op.create_index("ix_scim_tokens_connection", "scim_tokens", ["connection_id", "created_at", "tenant_id"])
    op.create_table(
        "scim_resources",
        sa.Column("resource_id", sa.String(length=64), nullable=False),
        sa.Column("connection_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("unique_key", sa.String(length=300), nullable=True),
        sa.Column("name_key", sa.String(length=300), nullable=True),
        sa.Column("external_id", sa.String(length=300), nullable=True),
        sa.Column("account_id", sa.String(length=255), nullable=True),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("tenant_id", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("resource_id", "tenant_id", name="pk_scim_resources"),
        sa.UniqueConstraint(
            "unique_key",
            "kind",
            "connection_id",
            "tenant_id",
            name="uq_scim_resources_unique_key_kind_connection_id_tenant_id",
        ),
    )
    for name, columns in INDEXES.items():
        op.create_index(f"ix_scim_resources_{name}", "scim_resources", columns)


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
