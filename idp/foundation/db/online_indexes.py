"""Indexes of large tables on Postgres: built beside whoever writes, after the revisions have committed.

``CREATE INDEX`` keeps writers out for as long as it reads the table, ``CREATE INDEX CONCURRENTLY`` runs outside of any
transaction. So revisions leave these alone, and :func:`build` makes what is missing: at once where the tables are new,
beside the traffic where they hold rows (docs/decisions/0126). SQLite has one writer at a time and gets its indexes from
the revisions.

Lists and searches compare the tenant by its code points (``COLLATE "C"``): their indexes may begin with the tenant
although no hot statement must ever be planned on one that does (docs/decisions/0010, 0125).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import structlog
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from idp.foundation.db import backfills

TRIGRAMS = "pg_trgm"
TENANT = 'tenant_id COLLATE "C"'
USER = 'user_id COLLATE "C"'
_LOCK = 0x6761_7465_02
"""Key of the advisory lock of whoever builds."""
_ATTEMPTS = 3
"""Whoever vacuums a table meanwhile may be given the way."""
log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class OnlineIndex:
    """``CREATE INDEX name ON table definition``. ``needs`` names an extension that the database may lack, ``replaces``
    the indexes that go once this one stands.
    """

    name: str
    table: str
    definition: str
    needs: str | None = None
    replaces: tuple[str, ...] = ()
    unique: bool = False

    def create(self, *, online: bool) -> str:
        """The statement; ``online`` lets others write meanwhile."""
        kind, how = "UNIQUE INDEX" if self.unique else "INDEX", "CONCURRENTLY " if online else ""
        return f"CREATE {kind} {how}{self.name} ON {self.table} {self.definition}"


def _sorted(column: str, *, where: str = "") -> OnlineIndex:
    definition = f"({TENANT}, {column}, {USER}) {where}".rstrip()
    return OnlineIndex(f"ix_users_sorted_{column.partition(' ')[0]}", "users", definition)


def _folded(name: str) -> OnlineIndex:
    """With the moment that pages are put in order by, so that all who have a name are put in order without a look at
    their rows (decision 0476).
    """
    definition = f"({TENANT}, {name}_folded, {USER}, created_at)"
    replaces = (f"ix_users_{name}_folded", f"ix_users_sorted_{name}")
    return OnlineIndex(f"ix_users_by_{name}", "users", definition, replaces=replaces)


def _unverified(name: str) -> OnlineIndex:
    """In the order of a text, those whose address is not proved: few, who may all stand at its end (decision 0411)."""
    definition = f"({TENANT}, {name}_folded, {USER}) WHERE NOT email_verified"
    return OnlineIndex(f"ix_users_unverified_{name}", "users", definition)


def _active(column: str) -> OnlineIndex:
    name = column.partition(" ")[0]
    return OnlineIndex(f"ix_user_activity_{name}", "user_activity", f"({TENANT}, {column}, {USER})")


def text_of_user(of: str = "") -> str:
    """What of a user is searched for parts of words, as one text: one index instead of eight. ``of`` stands before each
    column.
    """
    optional = (*(f"{name}_folded" for name in _NAMES), "username", "phone_number")
    texts = [f"coalesce({of}{name}, '')" for name in optional]
    return f"({' || chr(10) || '.join([*texts, f'{of}user_id'])})"


def _logged(name: str) -> OnlineIndex:
    definition = f"(tenant_id, {name}, log_id)"
    return OnlineIndex(f"ix_logs_{name}_log_id", "logs", definition, replaces=(f"ix_logs_{name}",))


_NAMES = ("email", "name", "given_name", "family_name", "nickname")
INDEXES = (
    OnlineIndex("ix_users_listed", "users", f"({TENANT}, created_at, {USER})", replaces=("ix_users_created_at",)),
    OnlineIndex("ix_users_sorted_user_id", "users", f"({TENANT}, {USER})"),
    *map(_folded, _NAMES),
    _sorted('username COLLATE "C"', where="WHERE username IS NOT NULL"),
    _sorted('phone_number COLLATE "C"', where="WHERE phone_number IS NOT NULL"),
    _sorted("email_verified"),
    _sorted("phone_verified", where="WHERE phone_verified IS NOT NULL"),
    _sorted("blocked", where="WHERE blocked"),
    *map(_unverified, ("name", "email")),
    OnlineIndex("ix_users_deletion_due", "users", "(tenant_id, deletion_due, user_id) WHERE deletion_due IS NOT NULL"),
    OnlineIndex("ix_users_text", "users", f"USING gin ({text_of_user()} gin_trgm_ops)", needs=TRIGRAMS),
    OnlineIndex("ix_users_user_metadata", "users", "USING gin (CAST(user_metadata AS jsonb))"),
    OnlineIndex("ix_users_app_metadata", "users", "USING gin (CAST(app_metadata AS jsonb))"),
    *map(_active, ("last_login", 'last_ip COLLATE "C"', "logins_count", "updated_at")),
    OnlineIndex("ix_user_grants_listed", "user_grants", f"({TENANT}, created_at, id)"),
    OnlineIndex("ix_user_grants_client_id", "user_grants", f'({TENANT}, client_id COLLATE "C", created_at, id)'),
    OnlineIndex("ix_clients_listed", "clients", f"({TENANT}, created_at, client_id)"),
    OnlineIndex("ix_client_grants_listed", "client_grants", f"({TENANT}, created_at, id)"),
    OnlineIndex("ix_client_grants_audience", "client_grants", f'({TENANT}, audience COLLATE "C", created_at, id)'),
    *map(_logged, ("type", "user_id", "client_id", "user_name", "ip")),
    OnlineIndex("ix_logs_object_log_id", "logs", "(tenant_id, object, log_id) WHERE object IS NOT NULL"),
    OnlineIndex(
        "ix_authorizations_user_client",
        "authorizations",
        "(user_id, client_id, tenant_id)",
        replaces=("ix_authorizations_user_id",),
    ),
    OnlineIndex(
        "uq_authorizations_code_hash",
        "authorizations",
        "(code_hash, tenant_id) WHERE code_hash IS NOT NULL",
        replaces=("uq_authorizations_code_hash_of_all",),
        unique=True,
    ),
    OnlineIndex("ix_sessions_purge_at", "sessions", "(purge_at)"),
    OnlineIndex("ix_identities_connection", "identities", f'({TENANT}, connection COLLATE "C", {USER})'),
)
_STANDING = text(
    "SELECT c.relname AS name, i.indisvalid AS valid FROM pg_class c JOIN pg_index i ON i.indexrelid = c.oid"
    " WHERE c.relname = ANY(:names) AND pg_table_is_visible(c.oid)"
)
_EXTENSIONS = text("SELECT extname FROM pg_extension")


def create_extension(connection: Connection) -> bool:
    """Have trigrams in this database, where its server has them and its owner may; whether they are there.

    Without them everything is found all the same, parts of words by reading the whole table; ``idp doctor`` says so.
    """
    try:
        with connection.begin_nested():
            connection.execute(text(f"CREATE EXTENSION IF NOT EXISTS {TRIGRAMS}"))
    except DBAPIError as error:
        log.warning("no_trigrams", extension=TRIGRAMS, error=str(error.orig))
        return False
    return True


def build_in(connection: Connection) -> None:
    """Make what is missing in the open transaction: for tables that are new, and that nobody uses yet."""
    if connection.dialect.name == "postgresql":
        for each in _missing(connection):
            connection.execute(text(each.create(online=False)))
            _drop(connection, *each.replaces, online=False)


def build(engine: Engine) -> bool:
    """Make what is missing while others read and write; True when there was something to do. Whoever comes second goes
    on without waiting. An index that can't be made is logged: searches are slow without it, and right.
    """
    if engine.dialect.name != "postgresql":
        return False
    with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        if not _missing(connection):
            return False
        with _alone(connection) as alone:
            return alone and any([_build(connection) for _ in range(_ATTEMPTS) if _missing(connection)])


def lacking(engine: Engine) -> tuple[list[str], list[str]]:
    """The indexes that a database at head lacks, and the extensions that it would need for some of them."""
    if engine.dialect.name != "postgresql":
        return [], []
    with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        standing, extensions = _standing(connection), _extensions(connection)
    lacked = [each for each in INDEXES if not standing.get(each.name)]
    needed = {each.needs for each in lacked if each.needs is not None} - extensions
    return [each.name for each in lacked], sorted(needed)


def _build(connection: Connection) -> bool:
    done = False
    for each in _missing(connection):
        try:
            if each.name in _standing(connection):  # somebody was interrupted: it is there, and good for nothing
                _drop(connection, each.name)
            if each.name in _BEFORE:
                _BEFORE[each.name](connection)
            connection.execute(text(each.create(online=True)))
            _drop(connection, *each.replaces)
        except DBAPIError as error:
            log.warning("index_not_built", index=each.name, error=str(error.orig))
        else:
            done = True
    for table in dict.fromkeys(each.table for each in INDEXES):
        connection.execute(text(f"ANALYZE {table}"))
    return done


def _drop(connection: Connection, *names: str, online: bool = True) -> None:
    for name in names:
        connection.execute(text(f"DROP INDEX {'CONCURRENTLY' if online else ''} IF EXISTS {name}"))


def _missing(connection: Connection) -> list[OnlineIndex]:
    """In their order, without those whose extension is not there."""
    standing, extensions = _standing(connection), _extensions(connection)
    return [
        each for each in INDEXES if not standing.get(each.name) and (each.needs is None or each.needs in extensions)
    ]


def _standing(connection: Connection) -> dict[str, bool]:
    """Whether each that is there is whole."""
    rows = connection.execute(_STANDING, {"names": [each.name for each in INDEXES]})
    return {row.name: row.valid for row in rows}


def _extensions(connection: Connection) -> set[str]:
    return set(connection.execute(_EXTENSIONS).scalars())


@contextmanager
def _alone(connection: Connection) -> Iterator[bool]:
    """Whether nobody else builds. Nobody waits for the lock: an index waits for every statement that is under way."""
    alone = bool(connection.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": _LOCK}).scalar())
    try:
        yield alone
    finally:
        if alone:
            connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _LOCK})


_BEFORE: Mapping[str, Callable[[Connection], None]] = {
    "ix_user_activity_last_login": backfills.activity,
    "ix_authorizations_user_client": backfills.families,
}
"""What has to be written before an index says that its revision is complete."""
