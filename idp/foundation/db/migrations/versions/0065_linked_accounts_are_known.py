"""Linked accounts are known by the address or number they brought along (docs/decisions/0322)."""

from __future__ import annotations

import json
import string
import unicodedata

import sqlalchemy as sa
from alembic import op

revision = "0065"
down_revision = "0063"
branch_labels = None
depends_on = None
COLUMNS = {"linked_email_key": 254, "linked_number": 32}
IDENTITIES = sa.table(
    "identities",
    *(
        sa.column(name, sa.String)
        for name in ("tenant_id", "connection_id", "identity_user_id", "profile_data", *COLUMNS)
    ),
    sa.column("position", sa.Integer),
)


def upgrade() -> None:
    for name, length in COLUMNS.items():
        op.add_column("identities", sa.Column(name, sa.String(length=length), nullable=True))
    _fill(op.get_bind())
    for name in COLUMNS:
        there = sa.text(f"{name} IS NOT NULL")
        op.create_index(
            f"ix_identities_{name}",
            "identities",
            [name, "connection_id", "tenant_id"],
            sqlite_where=there,
            postgresql_where=there,
        )


def downgrade() -> None:
    for name in COLUMNS:
        op.drop_index(f"ix_identities_{name}", table_name="identities")
        op.drop_column("identities", name)


def _fill(connection: sa.Connection) -> None:
    """Of the accounts that are linked by now."""
    i = IDENTITIES.c
    linked = sa.select(i.tenant_id, i.connection_id, i.identity_user_id, i.profile_data).where(i.position > 0)
    for row in connection.execute(linked).all():
        data = json.loads(row.profile_data or "{}")
        email, number = data.get("email"), data.get("phone_number")
        known = {
            "linked_email_key": _key(email)[:254] if isinstance(email, str) and email else None,
            "linked_number": number if isinstance(number, str) and 0 < len(number) <= 32 else None,
        }
        key = (
            i.tenant_id == row.tenant_id,
            i.connection_id == row.connection_id,
            i.identity_user_id == row.identity_user_id,
        )
        connection.execute(sa.update(IDENTITIES).where(*key).values(**known))


def _key(email: str) -> str:
    """As ``email_key`` was when this was written: NFC, lower case for the letters of ASCII."""
    lowered = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)
    return unicodedata.normalize("NFC", email.strip()).translate(lowered)
