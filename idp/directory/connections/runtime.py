"""Connections as requests see them, and the connectors they open.

The map from strategy to connector factory and the credential store are injected by ``features`` (architecture.md,
import rule 3).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from sqlalchemy import bindparam, select

from connectors.contract import ConnectorContext, CredentialStore, Hasher
from idp.directory.connections.models import Connection, ConnectionClient
from idp.foundation.db.hot import HotConnection, Statement
from idp.foundation.db.typed_rows import Json
from idp.foundation.kernel import document_encryption
from idp.foundation.tenancy.work import Work


class _ConnectionRow(msgspec.Struct, frozen=True):
    id: str
    name: str
    strategy: str
    options: Json[Any]
    """Secret options are sealed."""
    data: Json[dict[str, Any]]


_COLUMNS = (Connection.id, Connection.name, Connection.strategy, Connection.options, Connection.data)
_FOR_CLIENT = Statement(
    "connections_for_client",
    select(*_COLUMNS)
    .join(
        ConnectionClient,
        (ConnectionClient.tenant_id == Connection.tenant_id) & (ConnectionClient.connection_id == Connection.id),
    )
    .where(Connection.tenant_id == bindparam("tenant"), ConnectionClient.client_id == bindparam("client_id"))
    .order_by(Connection.created_at, Connection.id),
    row=_ConnectionRow,
)
_ALL = Statement(
    "connections_all",
    select(*_COLUMNS).where(Connection.tenant_id == bindparam("tenant")).order_by(Connection.created_at, Connection.id),
    row=_ConnectionRow,
)
_BY_NAME = Statement(
    "connection_by_name",
    select(*_COLUMNS).where(Connection.tenant_id == bindparam("tenant"), Connection.name == bindparam("name")),
    row=_ConnectionRow,
)
_BY_ID = Statement(
    "connection_by_id",
    select(*_COLUMNS).where(Connection.tenant_id == bindparam("tenant"), Connection.id == bindparam("id")),
    row=_ConnectionRow,
)


PASSWORDLESS: Mapping[str, str] = {"email": "email", "sms": "phone_number"}
"""Strategies without a password -> the attribute that a code or link is sent to."""


class ConnectionConfig(msgspec.Struct, frozen=True):
    """One connection at one configuration version; secret options are open."""

    id: str
    name: str
    strategy: str
    options: dict[str, Any]
    data: dict[str, Any]

    @property
    def is_database(self) -> bool:
        """True for the built-in user store."""
        return self.strategy == "auth0"

    @property
    def strategy_type(self) -> str:
        """What sort of source it is, for log entries."""
        return "database" if self.is_database else self.strategy

    @property
    def passwordless_by(self) -> str | None:
        """The attribute that a passwordless connection knows its users by; None for every other kind."""
        return PASSWORDLESS.get(self.strategy)

    @property
    def signup_enabled(self) -> bool:
        """Whether people may register themselves."""
        return self.is_database and not self.options.get("disable_signup")

    @property
    def requires_username(self) -> bool:
        """Whether accounts have a username beside the address."""
        return bool(self.options.get("requires_username"))

    @property
    def brute_force_protection(self) -> bool:
        """Whether the lockout counts this connection's failures."""
        return self.options.get("brute_force_protection") is not False


Factory = Callable[[ConnectorContext], object]
StoreFactory = Callable[[HotConnection, str, str], CredentialStore]


class ConnectorRuntime:
    """Opens connectors. ``factories`` and the rest are set once by ``features``."""

    def __init__(self) -> None:
        self.factories: Mapping[str, Factory] = {}
        self.credentials: StoreFactory | None = None
        self.hasher: Hasher | None = None

    def open(self, work: Work, connection: ConnectionConfig) -> object:
        """The connector of ``connection``. Raises LookupError for a strategy that is not built."""
        factory = self.factories[connection.strategy]
        store = (
            self.credentials(work.hot, work.tenant_id, connection.id)
            if self.credentials and connection.is_database
            else None
        )
        return factory(ConnectorContext(connection.id, connection.name, connection.options, store, self.hasher))


runtime = ConnectorRuntime()
"""The runtime of this process."""


def for_client(work: Work, client_id: str) -> tuple[ConnectionConfig, ...]:
    """The connections the client may use, oldest first."""
    return work.config.remember("connections of client", client_id, lambda: _load(work, client_id))


def everywhere(work: Work) -> tuple[ConnectionConfig, ...]:
    """Every connection of the tenant, oldest first: for our own pages, which no client stands behind."""
    return work.config.remember(
        "connections", "", lambda: tuple(_config(work, row) for row in work.hot.all(_ALL, tenant=work.tenant_id))
    )


def find(work: Work, connection_id: str) -> ConnectionConfig | None:
    """The connection with that id, whoever may use it."""
    return work.config.remember("connection", connection_id, lambda: _find(work, connection_id))


def named(work: Work, name: str) -> ConnectionConfig | None:
    """The connection of that name, whoever may use it."""
    return work.config.remember("connection by name", name, lambda: _named(work, name))


def enabled(work: Work, client_id: str, connection_id: str | None) -> bool:
    """Whether the client may use that connection (security.md A14, CO13)."""
    return any(connection.id == connection_id for connection in for_client(work, client_id))


def _load(work: Work, client_id: str) -> tuple[ConnectionConfig, ...]:
    return tuple(_config(work, row) for row in work.hot.all(_FOR_CLIENT, tenant=work.tenant_id, client_id=client_id))


def _find(work: Work, connection_id: str) -> ConnectionConfig | None:
    row = work.hot.one(_BY_ID, tenant=work.tenant_id, id=connection_id)
    return _config(work, row) if row else None


def _config(work: Work, row: _ConnectionRow) -> ConnectionConfig:
    options = document_encryption.opened(row.options, work.platform.sealer)
    return ConnectionConfig(row.id, row.name, row.strategy, options, row.data)


def _named(work: Work, name: str) -> ConnectionConfig | None:
    row = work.hot.one(_BY_NAME, tenant=work.tenant_id, name=name)
    return _config(work, row) if row else None
