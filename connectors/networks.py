"""Strategy ``ip``: whoever comes from a network of the operator's choice is let in, as an account of their address.

Nothing is asked of anybody: the network is the proof, as far as the product knows addresses (``IDP_TRUSTED_PROXIES``).
"""

from __future__ import annotations

import ipaddress
from typing import Annotated
from urllib.parse import urlencode

from msgspec import UNSET, Meta, UnsetType

from connectors.contract import Arrival, ConnectorContext, ConnectorError, Departure, Identity
from connectors.strategy import Options, Strategy, Sync, entries

ELSEWHERE = "This way to sign in is for another network."
NOT_SET_UP = "This way to sign in is not set up yet."
Text = Annotated[str, Meta(max_length=1_024)] | UnsetType | None
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_ADDRESS = "address"


class NetworkOptions(Options, frozen=True, kw_only=True):
    """``ips`` are addresses and networks (``203.0.113.0/24``), of IPv4 and IPv6."""

    ips: Annotated[list[Annotated[str, Meta(max_length=64)]], Meta(max_length=200)] | UnsetType | None = UNSET
    set_user_root_attributes: Sync | UnsetType | None = UNSET
    tenant_domain: Text = UNSET
    icon_url: Text = UNSET

    def networks(self) -> tuple[Network, ...]:
        """They, read. Raises ValueError."""
        return tuple(ipaddress.ip_network(each.strip()) for each in self.ips or ())

    def contradiction(self) -> str | None:
        """See :class:`connectors.strategy.Options`. The whole internet is no network of anybody's."""
        try:
            found = self.networks()
        except ValueError as error:
            return f"options.ips: {error}"
        if any(each.prefixlen == 0 for each in found):
            return "options.ips: a network that holds every address lets everybody in"
        return None


class NetworkConnector:
    """RedirectConnector whose source is the network that somebody is in: the way out leads straight back."""

    def __init__(self, context: ConnectorContext) -> None:
        if not isinstance(context.options, NetworkOptions):
            raise TypeError("options of another strategy")
        self._context = context
        self._options: NetworkOptions = context.options

    def issuer(self) -> str | None:
        """See :class:`connectors.contract.RedirectConnector`."""
        return None

    def start(self, departure: Departure) -> str:
        """See :class:`connectors.contract.RedirectConnector`."""
        departure.keep[_ADDRESS] = self._inside(departure.address)
        return f"{self._context.callback_url}?{urlencode({'state': departure.state})}"

    def finish(self, arrival: Arrival) -> Identity:
        """See :class:`connectors.contract.RedirectConnector`. The networks may have changed since."""
        address = self._inside(arrival.kept(_ADDRESS))
        return Identity(address, {"name": address}, raw={_ADDRESS: address})

    def _inside(self, address: str) -> str:
        """The address in its one spelling. Raises ConnectorError where it is in none of the networks."""
        try:
            networks = self._options.networks()
            found = ipaddress.ip_address(address)
        except ValueError as error:
            raise ConnectorError("access_denied", NOT_SET_UP, detail=str(error)[:300]) from error
        found = getattr(found, "ipv4_mapped", None) or found
        if not networks:
            raise ConnectorError("access_denied", NOT_SET_UP, detail="options lack ips")
        if not any(found in each for each in networks):
            raise ConnectorError("access_denied", ELSEWHERE, detail=f"{found} is in none of options.ips")
        return str(found)


NETWORK = Strategy(
    name="ip",
    called="IP address",
    asks=entries({"ips": ("Networks", "Addresses and networks, one a line: 203.0.113.0/28")}),
    kind="enterprise",
    amr="fed",
    options=NetworkOptions,
    open=NetworkConnector,
    display_name="IP address",
    ids_by_connection=True,
    page="ip.md",
    unmapped="the account is the address that somebody comes from: a network says no profile",
)
