"""Groups, roles and permissions of the Authorization Extension, and who has them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "authorization_objects",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("tenant_id", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", "tenant_id", name="pk_authorization_objects"),
    )
    op.create_index("ix_authorization_objects_kind", "authorization_objects", ["tenant_id", "kind", "created_at", "id"])
    op.create_table(
        "authorization_members",
        sa.Column("object_id", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.String(length=300), nullable=False),
        sa.Column("tenant_id", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("object_id", "user_id", "tenant_id", name="pk_authorization_members"),
    )
    op.create_index("ix_authorization_members_user", "authorization_members", ["user_id", "tenant_id"])


def downgrade() -> None:
    for table in ("authorization_members", "authorization_objects"):
        op.drop_table(table)
