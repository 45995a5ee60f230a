"""What a process remembers of a tenant, and how it stays true (architecture.md, "Caches that obey at once").

Every change of configuration raises ``tenants.config_version`` in its own transaction. Every hot request's first
statement brings that number along; :meth:`Configurations.at` answers the remembered configuration only when the numbers
agree.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar, cast

import msgspec
from sqlalchemy import bindparam, select, update

from idp.foundation.db.hot import HotConnection, Statement
from idp.foundation.db.typed_rows import Json
from idp.foundation.tenancy.models import Tenant
from idp.foundation.tenancy.settings import AttackProtection, Branding, Prompts, TenantSettings, read

T = TypeVar("T")
_ABSENT = object()
_LIMIT = 20_000

VERSION = (
    select(Tenant.config_version)
    .where(Tenant.id == bindparam("tenant"))
    .correlate(None)
    .scalar_subquery()
    .label("config_version")
)
"""Put this column into a hot request's first statement, before those of its row."""


class Versioned(msgspec.Struct, Generic[T], frozen=True):
    """A row with the configuration version as of the same moment: what :meth:`idp.foundation.tenancy.work.Work.first`
    reads.
    """

    config_version: int
    row: T


class _TenantRow(msgspec.Struct, frozen=True):
    id: str
    url: str
    host: str
    config_version: int
    settings: Json[dict[str, Any]]
    branding: Json[dict[str, Any]]
    prompts: Json[dict[str, Any]]
    attack_protection: Json[dict[str, Any]]


_COLUMNS = (
    Tenant.id,
    Tenant.url,
    Tenant.host,
    Tenant.config_version,
    Tenant.settings,
    Tenant.branding,
    Tenant.prompts,
    Tenant.attack_protection,
)
_BY_ID = Statement("tenant_by_id", select(*_COLUMNS).where(Tenant.id == bindparam("tenant")), row=_TenantRow)
_BY_HOST = Statement("tenant_by_host", select(*_COLUMNS).where(Tenant.host == bindparam("host")), row=_TenantRow)
BUMP = Statement(
    "tenant_bump_version",
    update(Tenant).where(Tenant.id == bindparam("tenant")).values(config_version=Tenant.config_version + 1),
)
"""Raises the configuration version; run by :meth:`idp.foundation.tenancy.work.Work.configuration_changed`."""
_VERSION = Statement("tenant_version", select(Tenant.config_version).where(Tenant.id == bindparam("tenant")), row=int)


def management_audience(url: str) -> str:
    """Identifier of the system resource server of the tenant at ``url``."""
    return url + "api/v2/"


@dataclass(frozen=True)
class Configuration:
    """One tenant at one version. ``entries`` fills itself with clients, APIs and connections as they are asked for."""

    tenant_id: str
    url: str
    host: str
    version: int
    settings: TenantSettings = field(default_factory=TenantSettings)
    branding: Branding = field(default_factory=Branding)
    prompts: Prompts = field(default_factory=Prompts)
    attack_protection: AttackProtection = field(default_factory=AttackProtection)
    entries: dict[tuple[str, str], Any] = field(default_factory=dict)

    @property
    def issuer(self) -> str:
        """Issuer identifier: the tenant's URL, with its one trailing slash."""
        return self.url

    @property
    def management_audience(self) -> str:
        """Identifier of the system resource server."""
        return management_audience(self.url)

    @property
    def friendly_name(self) -> str:
        """What people are shown as the tenant's name."""
        return self.settings.friendly_name or "Gatehouse"

    def remember(self, kind: str, key: str, load: Callable[[], T]) -> T:
        """The entry, loaded at most once for this version. ``load`` runs without a lock: two threads may both load."""
        found = self.entries.get((kind, key), _ABSENT)
        if found is _ABSENT:
            if len(self.entries) >= _LIMIT:
                self.entries.clear()
            found = self.entries[kind, key] = load()
        return cast("T", found)


class Configurations:
    """The configurations this process remembers, by tenant id."""

    def __init__(self) -> None:
        self._by_id: dict[str, Configuration] = {}
        self._hosts: dict[str, str] = {}

    def cached(self, tenant_id: str) -> Configuration | None:
        """What is remembered, true or not."""
        return self._by_id.get(tenant_id)

    def at(self, tenant_id: str, version: int, hot: HotConnection) -> Configuration:
        """The configuration of that version (or a newer one)."""
        known = self._by_id.get(tenant_id)
        if known is not None and known.version == version:
            return known
        return self.reload(tenant_id, hot)

    def fresh(self, tenant_id: str, hot: HotConnection) -> Configuration:
        """The configuration as it is now, at the price of one small read."""
        version = hot.one(_VERSION, tenant=tenant_id)
        if version is None:
            raise LookupError(f"no tenant {tenant_id}")
        return self.at(tenant_id, version, hot)

    def reload(self, tenant_id: str, hot: HotConnection) -> Configuration:
        """Read the tenant again."""
        row = hot.one(_BY_ID, tenant=tenant_id)
        if row is None:
            raise LookupError(f"no tenant {tenant_id}")
        return self._keep(row)

    def by_host(self, host: str, hot: Callable[[], HotConnection]) -> Configuration | None:
        """The tenant whose URL has ``host`` (with its port, if it names one). ``hot`` opens a connection only when
        needed.
        """
        tenant_id = self._hosts.get(host)
        if tenant_id is not None:
            return self._by_id[tenant_id]
        with hot() as connection:
            row = connection.one(_BY_HOST, host=host)
        if row is None:
            return None
        found = self._keep(row)
        if len(self._hosts) < _LIMIT:
            self._hosts[host] = found.tenant_id
        return found

    def forget(self) -> None:
        """Drop everything."""
        self._by_id.clear()
        self._hosts.clear()

    def _keep(self, row: _TenantRow) -> Configuration:
        made = Configuration(
            tenant_id=row.id,
            url=row.url,
            host=row.host,
            version=row.config_version,
            settings=read(row.settings, TenantSettings),
            branding=read(row.branding, Branding),
            prompts=read(row.prompts, Prompts),
            attack_protection=read(row.attack_protection, AttackProtection),
        )
        self._by_id[row.id] = made
        return made
