"""Lists of addresses that a shield leaves alone."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from functools import lru_cache


def listed(ip: str, entries: Sequence[str]) -> bool:
    """Whether the address is one of these, or in one of these networks (CIDR). An IPv4 address that came as IPv6 is
    what it stands for; entries that are neither count for nothing.
    """
    if not ip or not entries:
        return False
    try:
        address = ipaddress.ip_address(ip)
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return any(address in network for network in _networks(tuple(entries)))


@lru_cache(maxsize=256)
def _networks(entries: tuple[str, ...]) -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
    found = []
    for entry in entries:
        try:
            found.append(_plain(ipaddress.ip_network(entry, strict=False)))
        except ValueError:
            continue
    return tuple(found)


def _plain(network: ipaddress.IPv4Network | ipaddress.IPv6Network) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    """An IPv4 network that is written as one of IPv6 is compared as what it is, like addresses are."""
    mapped = network.network_address.ipv4_mapped if isinstance(network, ipaddress.IPv6Network) else None
    return ipaddress.ip_network((mapped, network.prefixlen - 96)) if mapped and network.prefixlen >= 96 else network
