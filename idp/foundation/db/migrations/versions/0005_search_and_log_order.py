"""Names are kept folded for searching; log entries have a column for each member that can be searched for, keys that
begin with the tenant, and a number per tenant that their ids follow (docs/decisions/0100, 0101).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

from idp.foundation.kernel.folding import fold

revision = "0005"
down_revision = "0006"
branch_labels = None
depends_on = None

FOLDED = ("email", "name", "given_name", "family_name", "nickname")
LENGTHS = {"user_name": 300, "ip": 64}
MEMBERS = (
    "user_name",
    "ip",
    "description",
    "client_name",
    "connection",
    "connection_id",
    "strategy",
    "strategy_type",
    "audience",
    "scope",
    "user_agent",
)
NARROWED_BY = ("type", "user_id", "client_id", "user_name", "ip")
BATCH = 2_000
DIGITS = 20
FOLDED_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
USERS = sa.table("users", sa.column("tenant_id"), sa.column("user_id"), *(sa.column(name) for name in FOLDED))
LOGS = sa.table("logs", *(sa.column(name) for name in ("tenant_id", "log_id", "data", *MEMBERS)))
POSITIONS = sa.table("log_positions", sa.column("tenant_id"), sa.column("position"))


def upgrade() -> None:
    for name in FOLDED:
        op.add_column("users", sa.Column(f"{name}_folded", FOLDED_TEXT, nullable=True))
    _fold_names()
    for name in FOLDED:
        op.create_index(f"ix_users_{name}_folded", "users", [f"{name}_folded", "tenant_id"])

    op.create_table(
        "log_positions",
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("tenant_id", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", name=op.f("pk_log_positions")),
    )
    op.drop_index("ix_logs_type", table_name="logs")
    op.drop_index("ix_logs_user_id", table_name="logs")
    for name in MEMBERS:
        kind = sa.String(length=LENGTHS[name]) if name in LENGTHS else sa.Text()
        op.add_column("logs", sa.Column(name, kind, nullable=True))
    _key("tenant_id", "log_id")
    _spread_members()
    _begin_counting()
    op.create_index("ix_logs_date", "logs", ["tenant_id", "date", "log_id"])
    for name in NARROWED_BY:
        op.create_index(f"ix_logs_{name}", "logs", ["tenant_id", name, "date", "log_id"])


def downgrade() -> None:
    for name in (*NARROWED_BY, "date"):
        op.drop_index(f"ix_logs_{name}", table_name="logs")
    _gather_members()
    _key("log_id", "tenant_id")
    with op.batch_alter_table("logs") as logs:
        for name in MEMBERS:
            logs.drop_column(name)
    op.create_index("ix_logs_user_id", "logs", ["user_id", "tenant_id", "log_id"])
    op.create_index("ix_logs_type", "logs", ["type", "tenant_id", "log_id"])
    op.drop_table("log_positions")
    for name in FOLDED:
        op.drop_index(f"ix_users_{name}_folded", table_name="users")
    with op.batch_alter_table("users") as users:
        for name in FOLDED:
            users.drop_column(f"{name}_folded")


def _key(*columns: str) -> None:
    with op.batch_alter_table("logs") as logs:
        logs.drop_constraint("pk_logs", type_="primary")
        logs.create_primary_key("pk_logs", list(columns))


def _batches(table: Any, key: str) -> Iterator[list[Any]]:
    """Every row, some at a time, in the order of (tenant, key)."""
    order = (table.c.tenant_id, table.c[key])
    after: tuple[str, str] | None = None
    while True:
        statement = sa.select(table).order_by(*order).limit(BATCH)
        if after is not None:
            statement = statement.where(sa.tuple_(*order) > sa.tuple_(*after))
        rows = list(op.get_bind().execute(statement).mappings())
        if not rows:
            return
        yield rows
        after = (rows[-1]["tenant_id"], rows[-1][key])


def _fold_names() -> None:
    places = ", ".join(f"{name}_folded = :{name}" for name in FOLDED)
    statement = sa.text(f"UPDATE users SET {places} WHERE tenant_id = :tenant_id AND user_id = :user_id")  # noqa: S608 - names of this file
    for rows in _batches(USERS, "user_id"):
        values = [
            {
                "tenant_id": row["tenant_id"],
                "user_id": row["user_id"],
                **{name: fold(text) if (text := row[name]) is not None else None for name in FOLDED},
            }
            for row in rows
        ]
        op.get_bind().execute(statement, values)


def _spread_members() -> None:
    """From the document of an entry into its columns."""
    for rows in _batches(LOGS, "log_id"):
        values = []
        for row in rows:
            data = json.loads(row["data"])
            spread = {name: _text(data.pop(name, None), LENGTHS.get(name)) for name in MEMBERS}
            values.append({"tenant_id": row["tenant_id"], "log_id": row["log_id"], "data": _json(data), **spread})
        op.get_bind().execute(_update(), values)


def _gather_members() -> None:
    for rows in _batches(LOGS, "log_id"):
        values = []
        for row in rows:
            said = {name: text for name in MEMBERS if (text := row[name]) is not None}
            data = {**said, **json.loads(row["data"])}
            empty = dict.fromkeys(MEMBERS)
            values.append({"tenant_id": row["tenant_id"], "log_id": row["log_id"], "data": _json(data), **empty})
        op.get_bind().execute(_update(), values)


def _update() -> sa.TextClause:
    places = ", ".join(f"{name} = :{name}" for name in ("data", *MEMBERS))
    return sa.text(f"UPDATE logs SET {places} WHERE tenant_id = :tenant_id AND log_id = :log_id")  # noqa: S608 - names of this file


def _begin_counting() -> None:
    """Ids go on behind the newest one."""
    newest = sa.select(LOGS.c.tenant_id, sa.func.max(LOGS.c.log_id)).group_by(LOGS.c.tenant_id)
    for tenant_id, log_id in op.get_bind().execute(newest).all():
        if str(log_id)[:DIGITS].isdecimal():
            op.get_bind().execute(
                sa.insert(POSITIONS).values(tenant_id=tenant_id, position=int(str(log_id)[:DIGITS]) + 1)
            )


def _text(value: object, length: int | None) -> str | None:
    if value is None:
        return None
    text = value if isinstance(value, str) else _json(value)
    return text.replace("\0", "")[:length]


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
