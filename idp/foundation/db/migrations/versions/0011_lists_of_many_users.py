"""What lists and searches of very many users stand on: who signs in when in a table of its own, the number of users,
and on SQLite the indexes; on Postgres those are built after the revisions (docs/decisions/0125-0127).
"""

# ruff: noqa: S608 - every name in these statements is one of this file
from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from idp.foundation.db.online_indexes import create_extension

revision = "0011"
down_revision = "0014"
branch_labels = None
depends_on = None

ACTIVITY = ("last_login", "last_ip", "logins_count", "updated_at")
FOLDED = ("email", "name", "given_name", "family_name", "nickname")
TEXTS = (*(f"{name}_folded" for name in FOLDED), "username", "phone_number", "user_id")
ONLINE = (
    "ix_users_listed",
    "ix_users_sorted_user_id",
    *(f"ix_users_sorted_{name}" for name in (*FOLDED, "username", "phone_number")),
    *(f"ix_users_sorted_{name}" for name in ("email_verified", "phone_verified", "blocked")),
    "ix_users_text",
    "ix_users_user_metadata",
    "ix_users_app_metadata",
    "ix_identities_connection",
)
SQLITE_INDEXES = {
    "ix_users_listed": "users (tenant_id, created_at, user_id)",
    "ix_users_sorted_user_id": "users (tenant_id, user_id)",
    **{f"ix_users_sorted_{name}": f"users (tenant_id, {name}_folded, user_id)" for name in FOLDED},
    "ix_users_sorted_username": "users (tenant_id, username, user_id) WHERE username IS NOT NULL",
    "ix_users_sorted_phone_number": "users (tenant_id, phone_number, user_id) WHERE phone_number IS NOT NULL",
    "ix_users_sorted_email_verified": "users (tenant_id, email_verified, user_id)",
    "ix_users_sorted_phone_verified": "users (tenant_id, phone_verified, user_id) WHERE phone_verified IS NOT NULL",
    "ix_users_sorted_blocked": "users (tenant_id, blocked, user_id) WHERE blocked = 1",
    **{f"ix_user_activity_{name}": f"user_activity (tenant_id, {name}, user_id)" for name in ACTIVITY},
    "ix_identities_connection": "identities (tenant_id, connection, user_id)",
}
MANY = 100_000
STATISTICS = {
    "users": {
        "sqlite_autoindex_users_1": (1, 1),
        "ix_users_email_key": (1, 1),
        "ix_users_listed": (MANY, 1, 1),
        "ix_users_sorted_user_id": (MANY, 1),
        **{f"ix_users_sorted_{name}": (MANY, 20, 1) for name in FOLDED},
        "ix_users_sorted_username": (MANY, 2, 1),
        "ix_users_sorted_phone_number": (MANY, 2, 1),
        "ix_users_sorted_email_verified": (MANY, MANY // 2, 1),
        "ix_users_sorted_phone_verified": (MANY, MANY // 2, 1),
        "ix_users_sorted_blocked": (100, 100, 1),
    },
    "user_activity": {
        "sqlite_autoindex_user_activity_1": (1, 1),
        "ix_user_activity_last_login": (MANY, 2, 1),
        "ix_user_activity_last_ip": (MANY, 20, 1),
        "ix_user_activity_logins_count": (MANY, MANY // 50, 1),
        "ix_user_activity_updated_at": (MANY, 2, 1),
    },
    "identities": {
        "sqlite_autoindex_identities_1": (1, 1, 1),
        "ix_identities_user_id": (1, 1),
        "ix_identities_connection": (MANY, MANY // 10, 1),
    },
}
"""How many rows share the first, the first two, ... columns of an index. SQLite believes that ten rows share a tenant
until it is told otherwise; whoever runs ANALYZE replaces this by what is so.
"""
REPLACED = {"ix_users_created_at": "created_at", **{f"ix_users_{name}_folded": f"{name}_folded" for name in FOLDED}}

_COLUMNS = f"user_id, tenant_id, {', '.join(ACTIVITY)}"
_NEWER = ", ".join(f"{name} = excluded.{name}" for name in ACTIVITY)
_MOVED = " OR ".join(f"OLD.{name} IS DISTINCT FROM NEW.{name}" for name in ACTIVITY)
_ROW = f"NEW.user_id, NEW.tenant_id, {', '.join(f'NEW.{name}' for name in ACTIVITY)}"
_UPSERT = f"ON CONFLICT (user_id, tenant_id) DO UPDATE SET {_NEWER}"
POSTGRES = (
    # one statement that makes ten thousand users runs these once
    f"""
    CREATE FUNCTION users_were_made() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE tenant varchar;
    BEGIN
        INSERT INTO user_activity ({_COLUMNS}) SELECT {_COLUMNS} FROM made {_UPSERT};
        INSERT INTO user_counts (tenant_id, part, amount)
            SELECT tenant_id, gen_random_uuid()::text, count(*) FROM made GROUP BY tenant_id;
        IF random() < 0.02 THEN
            FOR tenant IN SELECT DISTINCT tenant_id FROM made LOOP PERFORM gather_user_counts(tenant); END LOOP;
        END IF;
        RETURN NULL;
    END $$
    """,
    f"""
    CREATE FUNCTION user_was_active() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO user_activity ({_COLUMNS}) VALUES ({_ROW}) {_UPSERT};
        RETURN NULL;
    END $$
    """,
    """
    CREATE FUNCTION users_were_deleted() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE tenant varchar;
    BEGIN
        DELETE FROM user_activity a USING gone g WHERE a.user_id = g.user_id AND a.tenant_id = g.tenant_id;
        INSERT INTO user_counts (tenant_id, part, amount)
            SELECT tenant_id, gen_random_uuid()::text, -count(*) FROM gone GROUP BY tenant_id;
        IF random() < 0.02 THEN
            FOR tenant IN SELECT DISTINCT tenant_id FROM gone LOOP PERFORM gather_user_counts(tenant); END LOOP;
        END IF;
        RETURN NULL;
    END $$
    """,
    # nobody waits for a counter: each writer adds a row, and now and then one adds up those that nobody holds
    """
    CREATE FUNCTION gather_user_counts(tenant varchar) RETURNS void LANGUAGE sql AS $$
        WITH gone AS (
            DELETE FROM user_counts WHERE tenant_id = tenant AND part IN (
                SELECT part FROM user_counts WHERE tenant_id = tenant FOR UPDATE SKIP LOCKED
            ) RETURNING amount
        )
        INSERT INTO user_counts (tenant_id, part, amount)
            SELECT tenant, gen_random_uuid()::text, sum(amount) FROM gone HAVING count(*) > 0
    $$
    """,
    (
        "CREATE TRIGGER users_were_made AFTER INSERT ON users REFERENCING NEW TABLE AS made"
        " FOR EACH STATEMENT EXECUTE FUNCTION users_were_made()"
    ),
    (
        f"CREATE TRIGGER user_was_active AFTER UPDATE OF {', '.join(ACTIVITY)} ON users"
        f" FOR EACH ROW WHEN ({_MOVED}) EXECUTE FUNCTION user_was_active()"
    ),
    (
        "CREATE TRIGGER users_were_deleted AFTER DELETE ON users REFERENCING OLD TABLE AS gone"
        " FOR EACH STATEMENT EXECUTE FUNCTION users_were_deleted()"
    ),
)


def _text(row: str) -> str:
    return " || char(10) || ".join(f"coalesce({row}.{name}, '')" for name in TEXTS)


def _differ(names: tuple[str, ...]) -> str:
    return " OR ".join(f"OLD.{name} IS NOT NEW.{name}" for name in names)


def _members(row: str) -> str:
    return f"coalesce({row}.user_metadata, '') || char(10) || coalesce({row}.app_metadata, '')"


_NUMBER = "SELECT id FROM user_numbers WHERE user_id = {row}.user_id AND tenant_id = {row}.tenant_id"
_FORGET = "INSERT INTO {table} ({table}, rowid, text) VALUES ('delete', (" + _NUMBER.format(row="OLD") + "), {text})"
_LEARN = "INSERT INTO {table} (rowid, text) VALUES ((" + _NUMBER.format(row="NEW") + "), {text})"
SQLITE = (
    (
        "CREATE TABLE user_numbers (id INTEGER PRIMARY KEY, user_id VARCHAR(300) NOT NULL,"
        " tenant_id VARCHAR(64) NOT NULL, UNIQUE (user_id, tenant_id))"
    ),
    # neither keeps a text of its own: what they find is compared with the user's own columns
    "CREATE VIRTUAL TABLE users_text USING fts5(text, content='', detail=none, columnsize=0, tokenize='trigram')",
    (
        "CREATE VIRTUAL TABLE users_members USING fts5(text, content='', columnsize=0,"
        " tokenize='unicode61 remove_diacritics 0')"
    ),
    "INSERT INTO user_numbers (user_id, tenant_id) SELECT user_id, tenant_id FROM users",
    *(
        f"INSERT INTO {table} (rowid, text) SELECT id, {text} FROM users AS u"
        " JOIN user_numbers AS n ON n.user_id = u.user_id AND n.tenant_id = u.tenant_id"
        for table, text in (("users_text", _text("u")), ("users_members", _members("u")))
    ),
    f"INSERT INTO user_activity ({_COLUMNS}) SELECT {_COLUMNS} FROM users",
    f"""
    CREATE TRIGGER users_were_made AFTER INSERT ON users BEGIN
        INSERT INTO user_activity ({_COLUMNS}) VALUES ({_ROW});
        INSERT INTO user_counts (tenant_id, part, amount) VALUES (NEW.tenant_id, '', 1)
            ON CONFLICT (tenant_id, part) DO UPDATE SET amount = amount + 1;
        INSERT INTO user_numbers (user_id, tenant_id) VALUES (NEW.user_id, NEW.tenant_id);
        {_LEARN.format(table="users_text", text=_text("NEW"))};
        {_LEARN.format(table="users_members", text=_members("NEW"))};
    END
    """,
    f"""
    CREATE TRIGGER user_was_active AFTER UPDATE OF {", ".join(ACTIVITY)} ON users BEGIN
        UPDATE user_activity SET {", ".join(f"{name} = NEW.{name}" for name in ACTIVITY)}
            WHERE user_id = NEW.user_id AND tenant_id = NEW.tenant_id;
    END
    """,
    f"""
    CREATE TRIGGER user_was_renamed AFTER UPDATE OF {", ".join(TEXTS)} ON users WHEN {_differ(TEXTS)} BEGIN
        {_FORGET.format(table="users_text", text=_text("OLD"))};
        {_LEARN.format(table="users_text", text=_text("NEW"))};
    END
    """,
    f"""
    CREATE TRIGGER user_was_described AFTER UPDATE OF user_metadata, app_metadata ON users
        WHEN {_differ(("user_metadata", "app_metadata"))} BEGIN
        {_FORGET.format(table="users_members", text=_members("OLD"))};
        {_LEARN.format(table="users_members", text=_members("NEW"))};
    END
    """,
    f"""
    CREATE TRIGGER users_were_deleted AFTER DELETE ON users BEGIN
        {_FORGET.format(table="users_text", text=_text("OLD"))};
        {_FORGET.format(table="users_members", text=_members("OLD"))};
        DELETE FROM user_numbers WHERE user_id = OLD.user_id AND tenant_id = OLD.tenant_id;
        DELETE FROM user_activity WHERE user_id = OLD.user_id AND tenant_id = OLD.tenant_id;
        UPDATE user_counts SET amount = amount - 1 WHERE tenant_id = OLD.tenant_id AND part = '';
    END
    """,
)
TRIGGERS = ("users_were_made", "user_was_active", "users_were_deleted")


def upgrade() -> None:
    op.create_table(
        "user_activity",
        sa.Column("user_id", sa.String(length=300), nullable=False),
        sa.Column("last_login", sa.BigInteger(), nullable=True),
        sa.Column("last_ip", sa.String(length=64), nullable=True),
        sa.Column("logins_count", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("tenant_id", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("user_id", "tenant_id", name=op.f("pk_user_activity")),
    )
    op.create_table(
        "user_counts",
        sa.Column("part", sa.String(length=64), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("tenant_id", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "part", name=op.f("pk_user_counts")),
    )
    if op.get_bind().dialect.name == "postgresql":
        create_extension(op.get_bind())
        op.execute("ALTER TABLE users SET (fillfactor = 85)")  # a sign-in changes its row within the page
    for statement in POSTGRES if op.get_bind().dialect.name == "postgresql" else SQLITE:
        op.execute(sa.text(statement.replace("::", r"\:\:")))
    op.execute(
        "INSERT INTO user_counts (tenant_id, part, amount) SELECT tenant_id, '', count(*) FROM users GROUP BY tenant_id"
    )
    if op.get_bind().dialect.name == "sqlite":
        for name in REPLACED:
            op.drop_index(name, table_name="users")
        for name, definition in SQLITE_INDEXES.items():
            op.execute(f"CREATE INDEX {name} ON {definition}")
        _tell_statistics()


def _tell_statistics() -> None:
    op.execute("ANALYZE user_numbers")  # makes the table that statistics stand in
    told = sa.text("INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES (:tbl, :idx, :stat)")
    for table, indexes in STATISTICS.items():
        op.execute(sa.text("DELETE FROM sqlite_stat1 WHERE tbl = :tbl").bindparams(tbl=table))
        for index, share in indexes.items():
            rows = MANY if share[0] != 100 else 100
            op.execute(told.bindparams(tbl=table, idx=index, stat=" ".join(map(str, (rows, *share)))))
    op.execute("ANALYZE sqlite_schema")


def downgrade() -> None:
    postgres = op.get_bind().dialect.name == "postgresql"
    for name in TRIGGERS if postgres else (*TRIGGERS, "user_was_renamed", "user_was_described"):
        op.execute(f"DROP TRIGGER {name}{' ON users' if postgres else ''}")
    if postgres:
        for name in TRIGGERS:
            op.execute(f"DROP FUNCTION {name}()")
        op.execute("DROP FUNCTION gather_user_counts(varchar)")
        op.execute("ALTER TABLE users RESET (fillfactor)")
    else:
        for name in ("users_text", "users_members", "user_numbers"):
            op.execute(f"DROP TABLE {name}")
        for table in STATISTICS:
            op.execute(sa.text("DELETE FROM sqlite_stat1 WHERE tbl = :tbl").bindparams(tbl=table))
    for name in ONLINE:
        op.execute(f"DROP INDEX IF EXISTS {name}")
    for name, column in REPLACED.items():
        op.execute(f"CREATE INDEX IF NOT EXISTS {name} ON users ({column}, tenant_id)")
    op.drop_table("user_counts")
    op.drop_table("user_activity")
