"""Second factors of people, the browsers that they trust, and with each user which kinds they have."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None

IMPORTED = "imported"
"""What stands with users whose factors came along in an import and were not used yet."""


def upgrade() -> None:
    op.create_table(
        "authentication_methods",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.String(length=300), nullable=False),
        sa.Column("type", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=128), nullable=True),
        sa.Column("confirmed", sa.Boolean(), nullable=False),
        sa.Column("preferred", sa.String(length=16), nullable=True),
        sa.Column("secret_sealed", sa.Text(), nullable=True),
        sa.Column("last_step", sa.BigInteger(), nullable=True),
        sa.Column("code_hash", sa.String(length=64), nullable=True),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("phone_number", sa.String(length=32), nullable=True),
        sa.Column("credential_id", sa.Text(), nullable=True),
        sa.Column("credential_hash", sa.String(length=64), nullable=True),
        sa.Column("public_key", sa.Text(), nullable=True),
        sa.Column("sign_count", sa.BigInteger(), nullable=True),
        sa.Column("aaguid", sa.String(length=36), nullable=True),
        sa.Column("transports", sa.Text(), nullable=True),
        sa.Column("user_handle", sa.String(length=128), nullable=True),
        sa.Column("rp_id", sa.String(length=253), nullable=True),
        sa.Column("backup_eligible", sa.Boolean(), nullable=True),
        sa.Column("backed_up", sa.Boolean(), nullable=True),
        sa.Column("identity_user_id", sa.String(length=255), nullable=True),
        sa.Column("user_agent", sa.String(length=512), nullable=True),
        sa.Column("details", sa.Text(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("enrolled_at", sa.BigInteger(), nullable=True),
        sa.Column("last_auth_at", sa.BigInteger(), nullable=True),
        sa.Column("pending_until", sa.BigInteger(), nullable=True),
        sa.Column("tenant_id", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", "tenant_id", name="pk_authentication_methods"),
    )
    op.create_index("ix_authentication_methods_user_id", "authentication_methods", ["user_id", "tenant_id"])
    op.create_index(
        "uq_authentication_methods_credential",
        "authentication_methods",
        ["credential_hash", "tenant_id"],
        unique=True,
    )
    op.create_index("ix_authentication_methods_pending", "authentication_methods", ["pending_until"])
    op.create_table(
        "remembered_browsers",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.String(length=300), nullable=False),
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=True),
        sa.Column("user_agent", sa.String(length=512), nullable=True),
        sa.Column("ip", sa.String(length=64), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("last_used_at", sa.BigInteger(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.Column("tenant_id", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", "tenant_id", name="pk_remembered_browsers"),
    )
    op.create_index("ix_remembered_browsers_user_id", "remembered_browsers", ["user_id", "tenant_id"])
    op.create_index("ix_remembered_browsers_ends_at", "remembered_browsers", ["ends_at"])
    op.add_column("users", sa.Column("factors", sa.String(length=200), nullable=True))
    op.add_column("users", sa.Column("factors_changed_at", sa.BigInteger(), nullable=True))
    op.execute(
        sa.text(
            "UPDATE users SET factors = :imported WHERE EXISTS (SELECT 1 FROM imported_factors f"
            " WHERE f.user_id = users.user_id AND f.tenant_id = users.tenant_id)"
        ).bindparams(imported=IMPORTED)
    )


def downgrade() -> None:
    op.drop_column("users", "factors_changed_at")
    op.drop_column("users", "factors")
    for table in ("remembered_browsers", "authentication_methods"):
        op.drop_table(table)
