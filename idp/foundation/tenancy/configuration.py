"""What a process remembers of a tenant, and how it stays true (architecture.md, "Caches that obey at once").

Every change of configuration raises ``tenants.config_version`` in its own transaction. Every hot request's first
statement brings that number along; :meth:`Configurations.at` answers the remembered configuration only when the numbers
agree.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Generic, TypeVar, cast
from urllib.parse import urlencode, urlsplit

import msgspec
from sqlalchemy import bindparam, func, or_, select, update

from idp.foundation.db.hot import HotConnection, Statement
from idp.foundation.db.typed_rows import Json
from idp.foundation.environment import MAX_PATH_SEGMENTS
from idp.foundation.tenancy.domains import Domain, of_tenant, tenant_of
from idp.foundation.tenancy.models import Tenant
from idp.foundation.tenancy.protection import AttackProtection
from idp.foundation.tenancy.settings import Branding, Prompts, TenantSettings, read

T = TypeVar("T")
Opened = Callable[[], AbstractContextManager[HotConnection]]
"""Opens a connection, or hands over one that is open."""
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
_PLACES = [f"place_{number}" for number in range(MAX_PATH_SEGMENTS + 1)]
_BY_PLACE = Statement(
    "tenant_by_place",
    select(*_COLUMNS)
    .where(or_(*(Tenant.host == bindparam(name) for name in _PLACES)))
    .order_by(func.length(Tenant.host).desc())
    .limit(1),
    row=_TenantRow,
)
BUMP = Statement(
    "tenant_bump_version",
    update(Tenant).where(Tenant.id == bindparam("tenant")).values(config_version=Tenant.config_version + 1),
)
"""Raises the configuration version; run by :meth:`idp.foundation.tenancy.work.Work.configuration_changed`."""
_VERSION = Statement("tenant_version", select(Tenant.config_version).where(Tenant.id == bindparam("tenant")), row=int)


def management_audience(url: str) -> str:
    """Identifier of the system resource server of the tenant at ``url``."""
    return url + "api/v2/"


def my_account_audience(url: str) -> str:
    """Identifier of the My Account API under ``url``, the tenant's own or that of one of its domains."""
    return url + "me/"


def mfa_audience(url: str) -> str:
    """Identifier of the API by which people change their second factors, under ``url``."""
    return url + "mfa/"


def signals_audience(url: str) -> str:
    """Identifier of the API by which receivers manage their streams of shared signals, under ``url``."""
    return url + "ssf/"


def own_audiences(url: str) -> frozenset[str]:
    """Identifiers of all APIs of our own under ``url``, as SDKs write them too, which always say https."""
    named = (management_audience(url), my_account_audience(url), mfa_audience(url), signals_audience(url))
    return frozenset({*named, *(each.replace("http://", "https://", 1) for each in named)})


def system_audiences(url: str) -> tuple[str, ...]:
    """Identifiers of the system APIs of the tenant at ``url``: they are derived from it, and move with it."""
    return management_audience(url), my_account_audience(url), signals_audience(url)


@dataclass(frozen=True)
class Configuration:
    """One tenant at one version. ``entries`` fills itself with clients, APIs and connections as they are asked for.

    ``url`` is the address under which the piece of work goes on: the tenant's own, or that of the custom ``domain`` by
    which it came, and then ``own`` is the configuration under the tenant's own address.
    """

    tenant_id: str
    url: str
    host: str
    version: int
    settings: TenantSettings = field(default_factory=TenantSettings)
    branding: Branding = field(default_factory=Branding)
    prompts: Prompts = field(default_factory=Prompts)
    attack_protection: AttackProtection = field(default_factory=AttackProtection)
    entries: dict[tuple[str, str], Any] = field(default_factory=dict)
    domain: Domain | None = None
    own: Configuration | None = None

    @cached_property
    def root(self) -> str:
        """Path of the tenant's URL without its trailing slash: nothing, or ``/auth``."""
        return urlsplit(self.url).path.rstrip("/")

    def href(self, path: str, /, **query: str | None) -> str:
        """The address of one of our pages as links, forms, redirects and cookies name it: on the host that the browser
        is at, below the tenant's own path. ``path`` is that of the route and begins with a slash; parameters that are
        None are left out. The only way such an address is built (decision 0108).
        """
        given = {name: value for name, value in query.items() if value is not None}
        return f"{self.root}{path}?{urlencode(given)}" if given else f"{self.root}{path}"

    @cached_property
    def place(self) -> str:
        """What requests find the tenant by: its host, with the path of its URL behind (``tenants.host``)."""
        return self.host + self.root

    @property
    def issuer(self) -> str:
        """Issuer identifier: the URL under which the piece of work goes on, with its one trailing slash."""
        return self.url

    @property
    def own_url(self) -> str:
        """The tenant's own URL, whatever domain the piece of work came by: what names the tenant to others for good."""
        return (self.own or self).url

    @property
    def own_host(self) -> str:
        """The host of the tenant's own URL."""
        return (self.own or self).host

    @property
    def management_audience(self) -> str:
        """Identifier of the system resource server, the same under every domain."""
        return management_audience(self.own_url)

    @cached_property
    def default_audience(self) -> str | None:
        """The API that a token is for where nobody names one. Never one of our own: whoever signs in somewhere would
        hand out, without asking for it, what changes their account or the tenant (decision 0316).
        """
        chosen = self.settings.default_audience
        own = own_audiences(self.url) | own_audiences(self.own_url)
        return None if not chosen or chosen in own else chosen

    @property
    def relying_party_id(self) -> str:
        """Identifier of the relying party of passkeys under this address (WebAuthn 5.1.3): the host, or the domain
        above it that the custom domain names.
        """
        named = self.domain.relying_party_identifier if self.domain else None
        return named or (urlsplit(self.url).hostname or "")

    def domains(self, hot: Opened) -> Mapping[str, Domain]:
        """The custom domains that the tenant holds, by name: one read for each version, when one is asked for."""
        own = self.own or self

        def load() -> Mapping[str, Domain]:
            with hot() as connection:
                return of_tenant(connection, own.tenant_id)

        return own.remember("domains", "", load)

    def under(self, domain: Domain) -> Configuration:
        """The same tenant at the same version under ``domain``, whose port is that of the tenant's own URL. What is
        remembered is remembered apart: addresses are in it.
        """
        own = self.own or self

        def make() -> Configuration:
            url = domain.url(own.url)
            return replace(own, url=url, host=urlsplit(url).netloc, entries={}, domain=domain, own=own)

        return own.remember("under", domain.name, make)

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
        self._places: dict[str, str] = {}

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

    def by_place(self, places: Sequence[str], hot: Opened) -> Configuration | None:
        """The tenant at the first of ``places`` that has one: hosts (with their port, if the URL names one) with a path
        or without, the longest first; else the one that holds the host as a custom domain. ``hot`` opens a connection
        only when needed.
        """
        known = self._by_id.get(self._places.get(places[0], ""))
        if known is not None and known.place == places[0]:  # a tenant that moved is not known by its old address
            return known
        known = self._by_id.get(self._places.get(places[-1], ""))
        if known is not None and known.place != places[-1]:
            under = self._under(known, places[-1], hot)
            if under is not None:
                return under
        with hot() as connection:
            row = connection.one(_BY_PLACE, **{name: places[min(i, len(places) - 1)] for i, name in enumerate(_PLACES)})
        if row is None:
            return self._by_domain(places[-1], hot)
        found = self._keep(row)
        if len(self._places) < _LIMIT:
            self._places[row.host] = found.tenant_id
        return found

    def _under(self, known: Configuration, host: str, hot: Opened) -> Configuration | None:
        domain = known.domains(hot).get(host.partition(":")[0])
        under = known.under(domain) if domain is not None else None
        return under if under is not None and under.place == host else None

    def _by_domain(self, host: str, hot: Opened) -> Configuration | None:
        with hot() as connection:
            tenant = tenant_of(connection, host.partition(":")[0])
            known = self.fresh(tenant, connection) if tenant is not None else None
        found = self._under(known, host, hot) if known is not None else None
        if found is not None and len(self._places) < _LIMIT:
            self._places[host] = found.tenant_id
        return found

    def forget(self) -> None:
        """Drop everything."""
        self._by_id.clear()
        self._places.clear()

    def _keep(self, row: _TenantRow) -> Configuration:
        made = Configuration(
            tenant_id=row.id,
            url=row.url,
            host=row.host.partition("/")[0],
            version=row.config_version,
            settings=read(row.settings, TenantSettings),
            branding=read(row.branding, Branding),
            prompts=read(row.prompts, Prompts),
            attack_protection=read(row.attack_protection, AttackProtection),
        )
        self._by_id[row.id] = made
        return made
