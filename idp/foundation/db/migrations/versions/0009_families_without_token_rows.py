"""What families know of their tokens, which have rows no longer; and when to look whether a row may go.

Columns and rows of the release before stay: its processes run on meanwhile, and its tokens are good until they end. On
Postgres rows are filled and indexes made after the revisions (docs/decisions/0126, 0182).
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from idp.foundation.db.backfills import ENDS_OF_FAMILIES

revision = "0009"
down_revision = "0007"
branch_labels = None
depends_on = None

ALL_END = f"UPDATE authorizations SET {ENDS_OF_FAMILIES} WHERE code_used_at IS NOT NULL"  # noqa: S608 - fixed text
SESSIONS = {"ix_sessions_expires_at": "expires_at", "ix_sessions_idle_expires_at": "idle_expires_at"}


def _not_null(table: str, column: str) -> None:
    """An index over the rows in which something has happened."""
    happened = sa.text(f"{column} IS NOT NULL")
    op.create_index(f"ix_{table}_{column}", table, [column], sqlite_where=happened, postgresql_where=happened)


def upgrade() -> None:
    op.create_table(
        "token_keys",
        sa.Column("kid", sa.String(length=64), nullable=False),
        sa.Column("secret_sealed", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("tenant_id", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("kid", "tenant_id", name="pk_token_keys"),
    )
    op.add_column("authorizations", sa.Column("generation", sa.Integer(), server_default="0", nullable=False))
    for column in ("exchanged_at", "idle_expires_at", "live_until"):
        op.add_column("authorizations", sa.Column(column, sa.BigInteger(), nullable=True))
    op.add_column("authorizations", sa.Column("revoked_tokens", sa.Text(), nullable=True))
    op.add_column("sessions", sa.Column("purge_at", sa.BigInteger(), server_default="0", nullable=False))
    op.drop_index("ix_authorizations_revoked_at", table_name="authorizations")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER INDEX uq_authorizations_code_hash RENAME TO uq_authorizations_code_hash_of_all")
    else:
        _fill_and_index()
    op.drop_index("ix_tokens_idle", table_name="tokens")
    for name in (*SESSIONS, "ix_sessions_ended_at"):
        op.drop_index(name, table_name="sessions")


def _fill_and_index() -> None:
    op.execute(ALL_END)
    op.create_index("ix_authorizations_user_client", "authorizations", ["user_id", "client_id", "tenant_id"])
    op.drop_index("ix_authorizations_user_id", table_name="authorizations")
    op.drop_index("uq_authorizations_code_hash", table_name="authorizations")
    used = sa.text("code_hash IS NOT NULL")
    op.create_index(
        "uq_authorizations_code_hash", "authorizations", ["code_hash", "tenant_id"], unique=True, sqlite_where=used
    )
    op.create_index("ix_sessions_purge_at", "sessions", ["purge_at"])


def downgrade() -> None:
    for name, column in SESSIONS.items():
        op.create_index(name, "sessions", [column])
    _not_null("sessions", "ended_at")
    op.drop_index("ix_sessions_purge_at", table_name="sessions", if_exists=True)
    unpurged = sa.text("purge_at IS NULL")
    op.create_index("ix_tokens_idle", "tokens", ["expires_at"], sqlite_where=unpurged, postgresql_where=unpurged)
    for name in ("uq_authorizations_code_hash", "uq_authorizations_code_hash_of_all"):
        op.drop_index(name, table_name="authorizations", if_exists=True)
    op.create_index("uq_authorizations_code_hash", "authorizations", ["code_hash", "tenant_id"], unique=True)
    _not_null("authorizations", "revoked_at")
    op.create_index("ix_authorizations_user_id", "authorizations", ["user_id", "tenant_id"], if_not_exists=True)
    op.drop_index("ix_authorizations_user_client", table_name="authorizations", if_exists=True)
    with op.batch_alter_table("sessions") as batch:
        batch.drop_column("purge_at")
    with op.batch_alter_table("authorizations") as batch:
        for column in ("revoked_tokens", "live_until", "idle_expires_at", "exchanged_at", "generation"):
            batch.drop_column(column)
    op.drop_table("token_keys")
