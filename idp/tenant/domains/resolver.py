"""The port to the DNS: what two kinds of records say now. dnspython asks, within seconds, the servers of the system or
those of ``IDP_NAMESERVERS``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

from idp.foundation.db.slow_work import slow_work
from idp.foundation.kernel.errors import GatehouseError
from idp.foundation.settings import Settings

if TYPE_CHECKING:
    from dns.resolver import Resolver as DnsResolver

SECONDS = 5.0
"""How long one question may take."""
MOST_VALUES = 50
"""Values of a name that are looked at."""


class NoAnswer(GatehouseError):
    """The DNS did not answer in time, or not sensibly; whether the record is there is not known."""


class Resolver(Protocol):
    """Asks the DNS. Both raise NoAnswer; a name without such a record has no values."""

    def txt(self, name: str) -> Sequence[str]:
        """The values of the TXT records of ``name``."""

    def cname(self, name: str) -> Sequence[str]:
        """What ``name`` is an alias of, in small letters without the last dot: one name, or none."""


class Dns:
    """The real one."""

    def __init__(self, settings: Settings) -> None:
        self._servers = settings.nameservers

    def txt(self, name: str) -> Sequence[str]:
        """As the protocol says."""
        return [b"".join(record.strings).decode("ascii", "replace") for record in self._ask(name, "TXT")]

    def cname(self, name: str) -> Sequence[str]:
        """As the protocol says."""
        return [record.target.to_text(omit_final_dot=True).lower() for record in self._ask(name, "CNAME")]

    def _ask(self, name: str, kind: str) -> list[Any]:
        import dns.exception
        import dns.resolver

        with slow_work("asking the DNS"):
            try:
                answer = self._resolver().resolve(f"{name}.", kind, lifetime=SECONDS, search=False)
            except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
                return []
            except (dns.exception.DNSException, OSError) as error:
                raise NoAnswer("The DNS does not answer.", detail=f"{kind} {name}: {error}") from error
        return list(answer)[:MOST_VALUES]

    def _resolver(self) -> DnsResolver:
        import dns.nameserver
        import dns.resolver

        made = dns.resolver.Resolver(configure=not self._servers)
        if self._servers:
            made.nameservers = [dns.nameserver.Do53Nameserver(address, port) for address, port in self._servers]
        return made
