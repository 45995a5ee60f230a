"""What families know of their tokens, which have rows no longer; and when to look whether a row may go.

Columns and rows of the release before stay: its processes run on meanwhile, and its tokens are good until they end.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0007"
branch_labels = None
depends_on = None

FAMILY = "tokens.authorization_id = authorizations.id AND tokens.tenant_id = authorizations.tenant_id"
_OF = f"SELECT {{}} FROM tokens WHERE {FAMILY}"  # noqa: S608 - fixed text
_GOOD = "tokens.kind = 'refresh' AND tokens.revoked_at IS NULL AND tokens.used_at IS NULL"
ALL_END = f"""
    UPDATE authorizations SET
      live_until = CASE WHEN EXISTS ({_OF.format("1")} AND tokens.expires_at IS NULL AND tokens.revoked_at IS NULL)
        THEN NULL ELSE COALESCE(({_OF.format("max(tokens.expires_at)")}), code_used_at) END,
      idle_expires_at = CASE WHEN EXISTS ({_OF.format("1")} AND {_GOOD} AND tokens.expires_at IS NULL)
        THEN NULL ELSE COALESCE(({_OF.format("max(tokens.expires_at)")} AND {_GOOD}), code_used_at) END,
      exchanged_at = (
        {_OF.format("max(tokens.created_at)")} AND tokens.kind = 'refresh'
          AND tokens.created_at > authorizations.created_at + 60000
      ),
      purge_at = COALESCE(purge_at, created_at)
    WHERE code_used_at IS NOT NULL
"""  # noqa: S608 - fixed text
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
    op.execute(ALL_END)
    op.create_index("ix_authorizations_user_client", "authorizations", ["user_id", "client_id", "tenant_id"])
    op.drop_index("ix_authorizations_user_id", table_name="authorizations")
    op.drop_index("ix_authorizations_revoked_at", table_name="authorizations")
    op.drop_index("uq_authorizations_code_hash", table_name="authorizations")
    used = sa.text("code_hash IS NOT NULL")
    op.create_index(
        "uq_authorizations_code_hash",
        "authorizations",
        ["code_hash", "tenant_id"],
        unique=True,
        sqlite_where=used,
        postgresql_where=used,
    )
    op.drop_index("ix_tokens_idle", table_name="tokens")
    op.create_index("ix_sessions_purge_at", "sessions", ["purge_at"])
    for name in (*SESSIONS, "ix_sessions_ended_at"):
        op.drop_index(name, table_name="sessions")


def downgrade() -> None:
    for name, column in SESSIONS.items():
        op.create_index(name, "sessions", [column])
    _not_null("sessions", "ended_at")
    op.drop_index("ix_sessions_purge_at", table_name="sessions")
    unpurged = sa.text("purge_at IS NULL")
    op.create_index("ix_tokens_idle", "tokens", ["expires_at"], sqlite_where=unpurged, postgresql_where=unpurged)
    op.drop_index("uq_authorizations_code_hash", table_name="authorizations")
    op.create_index("uq_authorizations_code_hash", "authorizations", ["code_hash", "tenant_id"], unique=True)
    _not_null("authorizations", "revoked_at")
    op.create_index("ix_authorizations_user_id", "authorizations", ["user_id", "tenant_id"])
    op.drop_index("ix_authorizations_user_client", table_name="authorizations")
    with op.batch_alter_table("sessions") as batch:
        batch.drop_column("purge_at")
    with op.batch_alter_table("authorizations") as batch:
        for column in ("revoked_tokens", "live_until", "idle_expires_at", "exchanged_at", "generation"):
            batch.drop_column(column)
    op.drop_table("token_keys")
