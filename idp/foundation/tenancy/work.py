"""What every piece of work is given: the process (:class:`Platform`) and the piece itself (:class:`Work`)."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlalchemy.orm import InstrumentedAttribute

from idp.foundation.db.base import place
from idp.foundation.db.editable import SEALER
from idp.foundation.db.hot import HotConnection, Statement
from idp.foundation.db.session import Database, UnitOfWork
from idp.foundation.kernel.actor import NOBODY, Actor
from idp.foundation.kernel.errors import PageError
from idp.foundation.kernel.events import Event
from idp.foundation.kernel.networks import network_of
from idp.foundation.kernel.secrets import BoundSealer, Sealer, Signer
from idp.foundation.settings import Settings
from idp.foundation.tenancy.configuration import BUMP, Configuration, Configurations, Versioned
from idp.foundation.tenancy.domains import Domain
from idp.foundation.tenancy.reactions import emit

T = TypeVar("T")
NOBODY_HERE = "Nothing is served under this host name."


@dataclass(frozen=True)
class Platform:
    """One process: its settings, its store, its keys for sealing, and what it remembers of tenants."""

    settings: Settings
    db: Database
    sealer: Sealer
    csrf_signer: Signer
    code_signer: Signer
    device_signer: Signer
    configurations: Configurations = field(default_factory=Configurations)

    @classmethod
    def open(cls, settings: Settings) -> Platform:
        """Open the store (lazily: nothing is read yet)."""
        return cls(
            settings=settings,
            db=Database(settings.database_url, replica_url=settings.replica_url),
            sealer=Sealer(settings.secret_keys, "secrets"),
            csrf_signer=Signer(settings.secret_keys, "csrf"),
            code_signer=Signer(settings.secret_keys, "codes"),
            device_signer=Signer(settings.secret_keys, "devices"),
        )

    @contextmanager
    def work(self, tenant_id: str, *, actor: Actor = NOBODY, orm: bool = False) -> Iterator[Work]:
        """A piece of work of that tenant outside any request: commands, jobs, tests. Raises LookupError for an unknown
        tenant.
        """
        with self.db.hot(orm=orm) as hot:
            yield Work(self, self.configurations.reload(tenant_id, hot), hot, actor=actor)


@dataclass
class Work:
    """One request, job or command of one tenant: the one thing every service takes.

    ``hot`` runs statements, :attr:`rows` is the ORM session; both are one connection, so that what a use case writes
    through either is one commit. ``config`` is the tenant as of ``config.version``; ``actor`` is who asks; ``ip`` and
    ``user_agent`` are theirs.
    """

    platform: Platform
    config: Configuration
    hot: HotConnection
    ip: str = ""
    user_agent: str = ""
    certificate: str | None = None
    """The certificate of the client as a proxy of ours wrote it (:mod:`.peer`)."""
    actor: Actor = NOBODY
    current: bool = False
    """Whether ``config`` was seen to be the current one by this piece of work."""
    told: dict[str, str] = field(default_factory=dict, repr=False, compare=False)
    """What the answer of an API says in its head besides: the nonce for the next DPoP proof."""
    before_commit: Callable[[Work], None] | None = field(default=None, repr=False, compare=False)
    """Called before each commit: writes the log entry of what an administrator changed."""
    _once: dict[Hashable, Any] = field(default_factory=dict, repr=False, compare=False)

    @property
    def tenant_id(self) -> str:
        """The tenant everything in this piece of work belongs to."""
        return self.config.tenant_id

    @property
    def network(self) -> str:
        """Who asks, as limits and blocks count them: an IPv4 address, or the /64 of an IPv6 one."""
        return self.once(("network", self.ip), lambda: network_of(self.ip))

    @property
    def rows(self) -> UnitOfWork:
        """The ORM session on this work's connection. Writing needs an open :meth:`transaction`; a lazy one begins
        here.
        """
        rows = self.platform.db.rows(self.hot, self.tenant_id)
        rows.info[SEALER] = self.platform.sealer
        return rows

    def transaction(self, *, lazily: bool = False) -> AbstractContextManager[None]:
        """Everything inside is one commit; inside another one it joins (:meth:`HotConnection.transaction`)."""
        if self.before_commit is None or self.hot.in_transaction:
            return self.hot.transaction(lazily=lazily)
        return self._told(self.before_commit, lazily=lazily)

    @contextmanager
    def _told(self, tell: Callable[[Work], None], *, lazily: bool) -> Iterator[None]:
        with self.hot.transaction(lazily=lazily):
            yield
            tell(self)

    def looking(self) -> AbstractContextManager[None]:
        """Inside, :attr:`rows` are only looked at and begin no lazy transaction: before slow work such as hashing a
        password.
        """
        return self.hot.looking()

    def once(self, key: Hashable, read: Callable[[], T]) -> T:
        """What ``read`` answers, asked once in this piece of work: for what several steps of one request look at and
        none of them changes.
        """
        if key not in self._once:
            self._once[key] = read()
        found: T = self._once[key]
        return found

    def emit(self, event: Event) -> None:
        """Tell whoever subscribed (:mod:`idp.foundation.tenancy.reactions`), inside this work's transaction."""
        emit(self, event)

    def href(self, path: str, /, **query: str | None) -> str:
        """The address of one of our pages on this host (:meth:`Configuration.href`)."""
        return self.config.href(path, **query)

    def sealer(self, column: InstrumentedAttribute[Any], **key: str) -> BoundSealer:
        """Encrypts and decrypts what ``column`` holds in this tenant's row ``key``, and nothing else (decision 0109).
        ``key`` is the row's own by its columns, without the tenant.
        """
        return self.platform.sealer.at(*place(column, self.tenant_id, key))

    def configuration_changed(self) -> None:
        """Every process sees this transaction's change at its next request."""
        self.hot.run(BUMP, tenant=self.tenant_id)

    def first(self, statement: Statement[Versioned[T]], **values: Any) -> T | None:
        """Run a request's first statement, whose row brings the configuration version along, and take the configuration
        of that version. Answers the row; None where there is none, and then the configuration may be older.
        """
        found = self.hot.one(statement, tenant=self.tenant_id, **values)
        if found is None:
            return None
        if found.config_version != self.config.version:
            self._take(self.platform.configurations.at(self.tenant_id, found.config_version, self.hot))
        self.current = True
        return found.row

    def refresh(self) -> None:
        """Make sure the configuration is the current one (one small read). Raises PageError 404 where the tenant holds
        the domain no more by which this came.
        """
        self._take(self.platform.configurations.fresh(self.tenant_id, self.hot))
        self.current = True

    def go_under(self, name: str | None) -> bool:
        """Go on under the custom domain of that name, or the tenant's own address (None): what links, mails and tokens
        name. Whether there is one.
        """
        own = self.config.own or self.config
        if name is None:
            self.config = own
            return True
        domain = self.domains().get(name)
        if domain is not None:
            self.config = own.under(domain)
        return domain is not None

    def go_under_default(self) -> None:
        """Go on under the tenant's default domain, where it chose one and this came by its own address."""
        if self.config.own is None:
            default = next((each for each in self.domains().values() if each.is_default), None)
            self.config = self.config.under(default) if default is not None else self.config

    def domains(self) -> Mapping[str, Domain]:
        """The custom domains that the tenant holds, by name."""
        return self.config.domains(lambda: nullcontext(self.hot))

    def urls(self) -> tuple[str, ...]:
        """Every address of the tenant: its own one, and those of its custom domains."""
        own = self.config.own_url
        return (own, *(domain.url(own) for domain in self.domains().values()))

    def _take(self, newer: Configuration) -> None:
        """The configuration of another version, under the same domain."""
        name = self.config.domain.name if self.config.domain is not None else None
        self.config = newer
        if not self.go_under(name):
            raise PageError("not_found", NOBODY_HERE, status=404)

    def ensure_current(self) -> None:
        """:meth:`refresh`, unless a :meth:`first` statement brought the version along already."""
        if not self.current:
            self.refresh()
