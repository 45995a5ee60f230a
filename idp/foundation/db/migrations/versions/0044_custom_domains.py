"""Host names of their own under which tenants answer (docs/decisions/0245)."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0047"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "custom_domains",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("domain", sa.String(length=253), nullable=False),
        sa.Column("held", sa.String(length=253), nullable=True),
        sa.Column("type", sa.String(length=32), nullable=False),
        sa.Column("by_record", sa.String(length=8), nullable=False),
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("tls_policy", sa.String(length=32), nullable=True),
        sa.Column("client_ip_header", sa.String(length=32), nullable=True),
        sa.Column("proxy_key_hash", sa.String(length=64), nullable=True),
        sa.Column("domain_metadata", sa.Text(), nullable=False),
        sa.Column("relying_party_identifier", sa.String(length=253), nullable=True),
        sa.Column("problem", sa.String(length=500), nullable=True),
        sa.Column("verified_at", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("tenant_id", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", "tenant_id", name=op.f("pk_custom_domains")),
    )
    op.create_index("ix_custom_domains_domain", "custom_domains", ["domain", "tenant_id"], unique=True)
    op.create_index("ix_custom_domains_held", "custom_domains", ["held"], unique=True)
    op.create_index("ix_custom_domains_listed", "custom_domains", ["tenant_id", "created_at", "id"])


def downgrade() -> None:
    op.drop_table("custom_domains")
