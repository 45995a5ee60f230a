"""Everything a tenant starts with: keys, the system API, the client that administers it, the default database
connection.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select, text

from idp.applications.clients import client_grants
from idp.applications.clients import service as clients
from idp.applications.clients import stored as client_secrets
from idp.applications.clients.models import Client, ClientGrant
from idp.applications.resource_servers import service as apis
from idp.applications.resource_servers.models import ResourceServer
from idp.directory.connections import service as connections
from idp.directory.connections.models import Connection
from idp.directory.connections.strategies import INSTALLED
from idp.foundation.tenancy.configuration import Configuration, management_audience
from idp.foundation.tenancy.work import Platform, Work
from idp.management.operations import management_scopes, operations
from idp.tenant.keys import service as keys
from idp.tenant.settings import service as tenants

DEFAULT_TENANT = "default"
MANAGEMENT_API = "Auth0 Management API"
"""auth0-deploy-cli and auth0-cli know the API that is not theirs to change by exactly this name."""
MANAGEMENT_CLIENT = "Gatehouse Management"
CONNECTION = "Username-Password-Authentication"
_INSTALL_LOCK = 0x6761_7466
"""Key of the Postgres advisory lock that lets one process install at a time; SQLite's write lock does the same."""


@dataclass(frozen=True)
class Provisioned:
    """What installation hands on: the ids other steps and the operator need. ``client_secret`` is in clear."""

    tenant_id: str
    url: str
    client_id: str
    client_secret: str
    connection_id: str

    @property
    def audience(self) -> str:
        """Identifier of the Management API."""
        return management_audience(self.url)

    def described(self, administrator: dict[str, Any]) -> dict[str, Any]:
        """The object ``idp init --json`` prints."""
        return {
            "issuer": self.url,
            "management": {"client_id": self.client_id, "client_secret": self.client_secret, "audience": self.audience},
            "admin": administrator,
            "connection": {"id": self.connection_id, "name": CONNECTION},
        }


OWN = "current_user"
"""Marks the scopes that only mean something in a person's token: they open that person's own account."""


def api_scopes() -> list[str]:
    """The system API's scopes: those of every operation that answers something, and those of people's own tokens.

    With the scopes of operations that nobody can call yet a machine's token would outgrow the 8 KB that proxies allow a
    header.
    """
    usable = {scope for each in operations() if each.tier != "T3" or each.listing != "-" for scope in each.scopes}
    return [scope for scope in management_scopes() if scope in usable or OWN in scope]


def manager_scopes() -> list[str]:
    """What the machine client may do: every scope of the API that a machine can hold."""
    return [scope for scope in api_scopes() if OWN not in scope]


@contextmanager
def installing(platform: Platform, tenant_id: str, url: str) -> Iterator[Work]:
    """The work of one process that installs, in one transaction; the tenant itself need not be there yet.

    Any other process that installs waits: on Postgres for an advisory lock, on SQLite for the write lock.
    """
    config = Configuration(tenant_id, url, tenants.host_of(url), 0)
    with platform.db.hot(orm=True) as hot:
        work = Work(platform, config, hot)
        with work.transaction():
            if not platform.db.sqlite:
                work.rows.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _INSTALL_LOCK})
            yield work


def provision(
    platform: Platform,
    tenant_id: str,
    url: str,
    *,
    is_default: bool = False,
    must_be_new: bool = False,
    move: bool = True,
) -> Provisioned:
    """Make sure the tenant has everything it starts with, and that it lives at ``url``; one that is there keeps its own
    without ``move``.

    Raises ValueError when another tenant has that name or host.
    """
    with installing(platform, tenant_id, url) as work:
        row = tenants.find(work.rows, tenant_id)
        if row is None:
            tenants.create(work.rows, tenant_id, url, is_default=is_default)
        elif must_be_new:
            raise ValueError(f"There is a tenant called {tenant_id} already, at {row.url}.")
        elif row.url != url and move:
            tenants.move(work, row, url)
        elif row.url != url:
            work.config = replace(work.config, url=row.url, host=tenants.host_of(row.url))
        keys.ensure(work)
        _ensure_api(work)
        clients.ensure_global(work)
        manager = _ensure_manager(work)
        connection = _ensure_connection(work)
        return Provisioned(
            tenant_id=tenant_id,
            url=work.config.url,
            client_id=manager.client_id,
            client_secret=str(client_secrets.secret(work, manager.client_id, manager.secret_sealed)),
            connection_id=connection.id,
        )


def provisioned(platform: Platform, tenant_id: str) -> Provisioned:
    """What :func:`provision` made earlier. Raises LookupError where the tenant was not made by it."""
    with platform.work(tenant_id, orm=True) as work:
        manager, connection = _manager(work), default_connection(work)
        if manager is None or connection is None:
            raise LookupError(f"no tenant {tenant_id}")
        secret = str(client_secrets.secret(work, manager.client_id, manager.secret_sealed))
        return Provisioned(tenant_id, work.config.url, manager.client_id, secret, connection.id)


def default_connection(work: Work) -> Connection | None:
    """The connection every tenant starts with."""
    return connections.by_name(work, CONNECTION)


def _manager(work: Work) -> Client | None:
    return work.rows.scalars(
        select(Client).where(Client.tenant_id == work.tenant_id, Client.is_system, Client.name == MANAGEMENT_CLIENT)
    ).first()


def _ensure_api(work: Work) -> None:
    scopes = [{"value": value, "description": _description(value)} for value in api_scopes()]
    row = work.rows.scalars(
        select(ResourceServer).where(
            ResourceServer.tenant_id == work.tenant_id,
            ResourceServer.identifier == work.config.management_audience,
        )
    ).first()
    if row is None:
        members = {"identifier": work.config.management_audience, "name": MANAGEMENT_API, "scopes": scopes}
        apis.create(work, members, is_system=True)
    else:
        apis.keep_system(work, row, MANAGEMENT_API, scopes)


def _description(scope: str) -> str:
    action, _, what = scope.partition(":")
    return f"{action.capitalize()} {what.replace('_', ' ')}"


def _ensure_manager(work: Work) -> Client:
    manager = _manager(work)
    if manager is None:
        members = {"name": MANAGEMENT_CLIENT, "app_type": "non_interactive", "grant_types": ["client_credentials"]}
        manager = clients.create(work, members, is_system=True)
    grant = work.rows.scalars(
        select(ClientGrant).where(
            ClientGrant.tenant_id == work.tenant_id,
            ClientGrant.client_id == manager.client_id,
            ClientGrant.audience == work.config.management_audience,
        )
    ).first()
    if grant is None:
        client_grants.create(work, manager.client_id, work.config.management_audience, manager_scopes())
    elif grant.scope != manager_scopes():
        client_grants.update(work, grant, {"scope": manager_scopes()})
    return manager


def _ensure_connection(work: Work) -> Connection:
    found = default_connection(work)
    members = {"name": CONNECTION, "strategy": INSTALLED.name, "options": INSTALLED.installed}
    return found if found is not None else connections.create(work, members)
