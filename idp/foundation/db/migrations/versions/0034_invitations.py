"""Invitations by mail, and what people answered when they were told of another account with their address
(docs/decisions/0221, 0222).
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "invitations",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("client_id", sa.String(length=64), nullable=False),
        sa.Column("connection_id", sa.String(length=64), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("email_key", sa.String(length=254), nullable=False),
        sa.Column("inviter", sa.String(length=300), nullable=False),
        sa.Column("user_metadata", sa.Text(), nullable=True),
        sa.Column("app_metadata", sa.Text(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("accepted_at", sa.BigInteger(), nullable=True),
        sa.Column("user_id", sa.String(length=300), nullable=True),
        sa.Column("tenant_id", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", "tenant_id", name=op.f("pk_invitations")),
    )
    op.create_index("ix_invitations_listed", "invitations", ["tenant_id", "created_at", "id"])
    op.create_index("ix_invitations_email_key", "invitations", ["email_key", "client_id", "tenant_id"])
    op.create_index("ix_invitations_client_id", "invitations", ["client_id", "tenant_id"])
    op.create_index("ix_invitations_connection_id", "invitations", ["connection_id", "tenant_id"])
    op.create_index("ix_invitations_user_id", "invitations", ["user_id", "tenant_id"])
    op.create_index("ix_invitations_expires_at", "invitations", ["expires_at"])
    op.create_table(
        "declined_links",
        sa.Column("user_id", sa.String(length=300), nullable=False),
        sa.Column("other_id", sa.String(length=300), nullable=False),
        sa.Column("declined_at", sa.BigInteger(), nullable=False),
        sa.Column("tenant_id", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("user_id", "other_id", "tenant_id", name=op.f("pk_declined_links")),
    )
    op.create_index("ix_declined_links_other_id", "declined_links", ["other_id", "tenant_id"])
    op.create_index("ix_declined_links_declined_at", "declined_links", ["declined_at"])


def downgrade() -> None:
    op.drop_table("declined_links")
    op.drop_table("invitations")
