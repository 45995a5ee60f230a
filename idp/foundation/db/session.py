"""Units of work: one ORM session per request, bound to one tenant.

A session carries its tenant; reads, bulk updates and deletes are filtered to it and new rows are stamped with it. A
session without a tenant raises on the first tenant-scoped statement. :func:`Database.system_session` is the only way
around, for operators' code.

A row is changed or deleted only by whoever has locked it in the same transaction (:meth:`UnitOfWork.lock` and its kin)
or has just made it: what was read before the lock may be what another process is replacing (docs/decisions/0099).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, Select, event, inspect
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import ORMExecuteState, Session, sessionmaker, with_loader_criteria
from sqlalchemy.sql.base import ExecutableOption

from idp.foundation.db import editable
from idp.foundation.db.base import TenantScoped
from idp.foundation.db.driver_errors import is_forgotten
from idp.foundation.db.editable import Editable
from idp.foundation.db.engine import open_engine, open_hot_engine
from idp.foundation.db.hot import LOCKED, HotConnection, outage
from idp.foundation.db.replica import Replica
from idp.foundation.db.slots import PoolSlots, Slots
from idp.foundation.kernel.errors import NotFound, VersionMismatch

RowT = TypeVar("RowT")
TENANT = "tenant_id"
HOT_CONNECTIONS = 8
"""Connections of hot paths in one process: the places of a web process (idp/processes/room.py), and as many of those
who come back from slow work beside them.
"""
SLOT_WAIT_S = 2.0
"""How long a piece of work waits for one of them."""
_SYSTEM = object()
_HOT = "hot_connection"
_EXPECTED, _WATCHED = "expected_versions", "watched_rows"


class TenantlessSessionError(RuntimeError):
    """Tenant-scoped rows were touched by a session that has no tenant."""


class NoTransactionError(RuntimeError):
    """Rows were about to be written outside of a transaction: the use case lacks its ``with work.transaction()``."""


class RowNotLockedError(RuntimeError):
    """A row was about to be changed or deleted that this transaction has not locked: somebody else may have changed it
    since it was read. A defect of the use case, which lacks its :meth:`UnitOfWork.lock`.
    """


class UnitOfWork(Session):
    """An ORM session of one tenant."""

    @property
    def tenant_id(self) -> str:
        """The tenant whose rows this session sees."""
        tenant = self.info.get(TENANT)
        if not isinstance(tenant, str):
            raise TenantlessSessionError("this session has no tenant")
        return tenant

    def get_bind(self, *arguments: Any, **more: Any) -> Engine | Connection:
        """What the next statement runs on: the connection of the piece of work, which may have rested meanwhile
        (:meth:`idp.foundation.db.hot.HotConnection.rest`).
        """
        hot: HotConnection | None = self.info.get(_HOT)
        return super().get_bind(*arguments, **more) if hot is None else hot.connection()

    def lock(self, row: RowT) -> RowT:
        """The same row, which nobody else changes until this transaction ends, as it is now. Lock before anything is
        decided by it. On SQLite the transaction itself is that lock.

        Whoever locks several goes by the order of decision 0099: clients, APIs, connections and grants, then users by
        id, what belongs to users, the tenant last.

        :raises NotFound: somebody deleted it meanwhile.
        """
        identity = inspect(row).identity
        found = self.lock_one(type(row), *(identity[1:] if isinstance(row, TenantScoped) else identity))
        if found is None:
            raise NotFound("It has just been deleted.", "inexistent", detail=f"{type(row).__name__} is gone")
        return found

    def lock_one(self, model: type[RowT], *key: Any) -> RowT | None:
        """The row with that primary key, locked like :meth:`lock` does; None where there is none. The key of what
        belongs to a tenant is given without it.
        """
        _need_transaction(self)
        self.flush()
        whole = (self.tenant_id, *key) if issubclass(model, TenantScoped) else key
        row = self.get(model, whole, with_for_update=True, populate_existing=True)
        if row is not None:
            self._compare(row)
            self.hold(row)
        return row

    def lock_all(self, statement: Select[RowT]) -> list[RowT]:
        """The rows that a select of one entity finds, locked in its order."""
        _need_transaction(self)
        self.flush()
        rows = list(self.scalars(statement.with_for_update().execution_options(populate_existing=True)))
        for row in rows:
            self._compare(row)
            self.hold(row)
        return rows

    def expect(self, model: type[RowT], *key: Any, version: int | None) -> None:
        """Let nobody change or delete that row but in the version that the caller saw: looked at now, and compared
        again by whoever locks it. None lets any change happen, and only has the row watched (:meth:`version_of`); 0
        says that there was no such row.

        :raises VersionMismatch: somebody changed or deleted it since.
        """
        whole = (self.tenant_id, *key) if issubclass(model, TenantScoped) else key
        identity = inspect(model).identity_key_from_primary_key(whole)
        self.info.setdefault(_WATCHED, {})[identity] = None
        if version is None:
            return
        row = self.get(model, whole)
        if (0 if row is None else getattr(row, "version", None)) != version:
            raise VersionMismatch
        self.info.setdefault(_EXPECTED, {})[identity] = version

    def version_of(self, model: type[Any], *key: Any) -> int | None:
        """The version of a row that is watched, once it was read or changed; asks the store for nothing."""
        whole = (self.tenant_id, *key) if issubclass(model, TenantScoped) else key
        found = self.info.get(_WATCHED, {}).get(inspect(model).identity_key_from_primary_key(whole))
        return found.version if isinstance(found, Editable) else None

    def get(self, entity: type[RowT], ident: Any, **more: Any) -> RowT | None:  # type: ignore[override]
        """As of SQLAlchemy; a row that is watched is kept."""
        row: RowT | None = super().get(entity, ident, **more)
        if row is not None:
            self.seen(row)
        return row

    def seen(self, row: Any) -> None:
        """A row that some statement brought along: kept where it is watched."""
        watched = self.info.get(_WATCHED)
        if watched and (key := inspect(row).identity_key) in watched:
            watched[key] = row

    def _compare(self, row: Any) -> None:
        """Whether a row that was just locked is the one that was expected; its later versions are this transaction's
        own.
        """
        expected = self.info.get(_EXPECTED) or {}
        version = expected.pop(inspect(row).identity_key, None)
        if version is not None and row.version != version:
            raise VersionMismatch

    def hold(self, row: object) -> None:
        """Remember that this transaction has ``row``."""
        state = inspect(row)
        key = state.identity_key or state.mapper.identity_key_from_instance(row)
        self.info.setdefault(LOCKED, set()).add(key)

    def holds(self, row: object) -> bool:
        """Whether this transaction has locked or made ``row``."""
        return inspect(row).identity_key in self.info.get(LOCKED, ())


@event.listens_for(UnitOfWork, "do_orm_execute")
def _filter(state: ORMExecuteState) -> None:
    tenant = state.session.info.get(TENANT)
    if tenant is _SYSTEM or state.is_column_load or state.is_relationship_load:
        return
    if tenant is None:
        if any(issubclass(mapper.class_, TenantScoped) for mapper in state.all_mappers):
            raise TenantlessSessionError("a statement on tenant-scoped rows needs a session with a tenant")
        return
    if state.is_insert:
        raise TenantlessSessionError("rows are added with session.add, which stamps them")
    if state.is_update or state.is_delete:
        _need_transaction(state.session)
    state.statement = state.statement.options(_own_rows(tenant))


@lru_cache(maxsize=256)
def _own_rows(tenant: str) -> ExecutableOption:
    """What keeps a statement among the rows of ``tenant``."""
    return with_loader_criteria(TenantScoped, lambda cls: cls.tenant_id == tenant, include_aliases=True)


def _need_transaction(session: Session) -> None:
    hot: HotConnection | None = session.info.get(_HOT)
    if hot is not None:
        hot.begin_if_waiting()
        if not hot.in_transaction:
            raise NoTransactionError("rows are written inside of work.transaction()")


@event.listens_for(UnitOfWork, "before_flush")
def _stamp(session: Session, _context: Any, _instances: Any) -> None:
    _need_transaction(session)
    tenant = session.info.get(TENANT)
    if tenant is _SYSTEM:
        return
    for row in session.new:
        if isinstance(row, TenantScoped):
            stamped: str | None = row.tenant_id
            if tenant is None or stamped not in (None, tenant):
                raise TenantlessSessionError(f"{type(row).__name__} belongs to another tenant than its session")
            row.tenant_id = tenant
    for row in session.dirty:
        if isinstance(row, TenantScoped) and row.tenant_id != tenant:
            raise TenantlessSessionError(f"{type(row).__name__} would move to another tenant")


@event.listens_for(UnitOfWork, "before_flush")
def _need_locks(session: UnitOfWork, _context: Any, _instances: Any) -> None:
    changed = [row for row in session.dirty if session.is_modified(row)]
    for row in (*changed, *session.deleted):
        if not session.holds(row):
            raise RowNotLockedError(f"{type(row).__name__} is changed without session.lock: see docs/decisions/0099")


@event.listens_for(UnitOfWork, "before_flush")
def _note_changes(session: UnitOfWork, _context: Any, _instances: Any) -> None:
    editable.count_and_note(session)


@event.listens_for(UnitOfWork, "after_flush")
def _own_what_is_new(session: UnitOfWork, _context: Any) -> None:
    """Nobody else sees the rows of this transaction before it ends."""
    for row in session.new:
        session.hold(row)


class Database:
    """The store of this process: ORM sessions, hot connections, and what operators use."""

    def __init__(
        self, database_url: str, *, replica_url: str | None = None, hot_connections: int = HOT_CONNECTIONS
    ) -> None:
        self.url = database_url
        self.engine: Engine = open_engine(database_url)
        self.hot_engine: Engine = open_hot_engine(database_url, most=hot_connections)
        self._autocommit = _autocommit(self.engine)
        self.slots = Slots(self.hot_engine.execution_options(read_only=True), most=hot_connections, wait_s=SLOT_WAIT_S)
        """The connections of hot paths."""
        self.pool_slots = PoolSlots(self._autocommit)
        """The connections of queries that callers shape."""
        replica_engine = None if replica_url is None else open_engine(replica_url)
        self.replica = None if replica_engine is None else Replica(_autocommit(replica_engine))
        """Who else may be asked where a stale second is harmless."""
        self._sessions = sessionmaker(self.engine, class_=UnitOfWork, expire_on_commit=False)
        for engine in (self.engine, self.hot_engine, *([] if replica_engine is None else [replica_engine])):
            event.listen(engine, "handle_error", _as_outage)

    @property
    def sqlite(self) -> bool:
        """True on SQLite."""
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def unit(self, tenant_id: str) -> Iterator[UnitOfWork]:
        """A writing unit of work: commits when the block ends, rolls back when an exception leaves it.

        Raises StoreUnavailable when the database does not answer.
        """
        with self._open({TENANT: tenant_id}) as session:
            yield session

    @contextmanager
    def reading(self, tenant_id: str) -> Iterator[UnitOfWork]:
        """A reading unit of work: takes no write lock on SQLite and holds no transaction on Postgres."""
        try:
            with self._sessions(bind=self._autocommit, info={TENANT: tenant_id}) as session:
                yield session
        except (OperationalError, InterfaceError, PoolTimeout) as error:
            raise outage(error) from error

    @contextmanager
    def system_session(self) -> Iterator[UnitOfWork]:
        """A session over all tenants: for ``tenants``, the CLI, the worker and purges only (an import contract)."""
        with self._open({TENANT: _SYSTEM}) as session:
            yield session

    def hot(self, *, orm: bool = False) -> HotConnection:
        """A connection for one piece of work; use it as a context manager. ``orm``: for queries the caller shapes."""
        return HotConnection(self.pool_slots if orm else self.slots)

    def rows(self, hot: HotConnection, tenant_id: str) -> UnitOfWork:
        """The ORM session of one tenant on ``hot``'s own connection, made at the first call. A lazy transaction begins
        here.
        """
        hot.begin_if_waiting()
        if hot.session is None:
            hot.session = self._sessions(info={TENANT: tenant_id, _HOT: hot})
        found = hot.session
        if not isinstance(found, UnitOfWork) or found.tenant_id != tenant_id:
            raise TenantlessSessionError("this connection's session belongs to another tenant")
        return found

    def dispose(self) -> None:
        """Close every pooled connection."""
        self.pool_slots.dispose()
        self.slots.dispose()
        if self.replica is not None:
            self.replica.dispose()

    @contextmanager
    def _open(self, info: dict[str, Any]) -> Iterator[UnitOfWork]:
        try:
            with self._sessions(info=info) as session:
                yield session
                session.commit()
        except (OperationalError, InterfaceError, PoolTimeout) as error:
            raise outage(error) from error


def _autocommit(engine: Engine) -> Engine:
    """The same pool, whose connections begin nothing by themselves."""
    if engine.dialect.name == "sqlite":
        return engine.execution_options(read_only=True)
    return engine.execution_options(isolation_level="AUTOCOMMIT")


def _as_outage(context: ExceptionContext) -> None:
    """A store that does not answer is the domain's own error, whoever ran the statement.

    A pooled connection that is found dead before it is handed out is none: the pool opens another. One whose prepared
    statements a migration changed would fail at the same place again, so nobody gets it any more.
    """
    error = context.original_exception
    if isinstance(error, Exception) and is_forgotten(error):
        context.is_disconnect = True
        raise outage(error) from error
    if not context.is_pre_ping and isinstance(context.sqlalchemy_exception, OperationalError | InterfaceError):
        raise outage(context.sqlalchemy_exception) from context.original_exception
