"""Units of work: one ORM session per request, bound to one tenant.

A session carries its tenant; reads, bulk updates and deletes are filtered to it and new rows are stamped with it. A session without
a tenant raises on the first tenant-scoped statement. :func:`Database.system_session` is the only way around, for operators' code.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import ORMExecuteState, Session, sessionmaker, with_loader_criteria

from idp.db.base import TenantScoped
from idp.db.engine import open_engine, open_hot_engine
from idp.db.hot import HotConnection, outage

TENANT = "tenant_id"
_SYSTEM = object()


class TenantlessSessionError(RuntimeError):
    """Tenant-scoped rows were touched by a session that has no tenant."""


class UnitOfWork(Session):
    """An ORM session of one tenant."""

    @property
    def tenant_id(self) -> str:
        """The tenant whose rows this session sees."""
        tenant = self.info.get(TENANT)
        if not isinstance(tenant, str):
            raise TenantlessSessionError("this session has no tenant")
        return tenant


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
    state.statement = state.statement.options(
        with_loader_criteria(TenantScoped, lambda cls: cls.tenant_id == tenant, include_aliases=True)
    )


@event.listens_for(UnitOfWork, "before_flush")
def _stamp(session: Session, _context: Any, _instances: Any) -> None:
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


class Database:
    """The store of this process: ORM sessions, hot connections, and what operators use."""

    def __init__(self, database_url: str, *, pool_size: int = 8) -> None:
        self.url = database_url
        self.engine: Engine = open_engine(database_url)
        self.hot_engine: Engine = open_hot_engine(database_url, pool_size=pool_size)
        self._sessions = sessionmaker(self.engine, class_=UnitOfWork, expire_on_commit=False)

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
        options = {"read_only": True} if self.sqlite else {"isolation_level": "AUTOCOMMIT"}
        try:
            with self._sessions(bind=self.engine.execution_options(**options), info={TENANT: tenant_id}) as session:
                yield session
        except (OperationalError, InterfaceError, PoolTimeout) as error:
            raise outage(error) from error

    @contextmanager
    def system_session(self) -> Iterator[UnitOfWork]:
        """A session over all tenants: for ``tenants``, the CLI, the worker and purges only (an import contract)."""
        with self._open({TENANT: _SYSTEM}) as session:
            yield session

    def hot(self) -> HotConnection:
        """A bare connection for hot statements; use it as a context manager."""
        return HotConnection(self.hot_engine)

    def dispose(self) -> None:
        """Close every pooled connection."""
        self.engine.dispose()
        self.hot_engine.dispose()

    @contextmanager
    def _open(self, info: dict[str, Any]) -> Iterator[UnitOfWork]:
        try:
            with self._sessions(info=info) as session:
                yield session
                session.commit()
        except (OperationalError, InterfaceError, PoolTimeout) as error:
            raise outage(error) from error
