"""What every piece of work is given: the process (:class:`Platform`) and the piece itself (:class:`Context`)."""

from __future__ import annotations

from dataclasses import dataclass, field

from idp.db.hot import HotConnection
from idp.db.session import Database
from idp.kernel.secrets import Sealer, Signer
from idp.settings import Settings
from idp.tenants.configuration import Configuration, Configurations


@dataclass(frozen=True)
class Platform:
    """One process: its settings, its store, its keys for sealing, and what it remembers of tenants."""

    settings: Settings
    db: Database
    sealer: Sealer
    csrf_signer: Signer
    configurations: Configurations = field(default_factory=Configurations)

    @classmethod
    def open(cls, settings: Settings) -> Platform:
        """Open the store (lazily: nothing is read yet)."""
        return cls(
            settings=settings,
            db=Database(settings.database_url),
            sealer=Sealer(settings.secret_keys, "secrets"),
            csrf_signer=Signer(settings.secret_keys, "csrf"),
        )


@dataclass
class Context:
    """One request or job of one tenant. ``hot`` is its connection; ``config`` its tenant as of ``config.version``."""

    platform: Platform
    config: Configuration
    hot: HotConnection
    ip: str = ""
    user_agent: str = ""

    @property
    def tenant_id(self) -> str:
        """The tenant everything in this piece of work belongs to."""
        return self.config.tenant_id

    def at_version(self, version: int) -> None:
        """Take the configuration of that version: call it with what the first statement brought along."""
        if version != self.config.version:
            self.config = self.platform.configurations.at(self.tenant_id, version, self.hot)

    def refresh(self) -> None:
        """Make sure the configuration is the current one (one small read)."""
        self.config = self.platform.configurations.fresh(self.tenant_id, self.hot)
