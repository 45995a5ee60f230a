"""What one caller is, as far as addresses tell: the unit of every limit, counter and block that is kept by address
(docs/decisions/0103-limits-per-account-and-network.md).
"""

from __future__ import annotations

import ipaddress

IPV6_PREFIX = 64
"""Bits of an IPv6 address that name a customer's network; whoever has one can write from 2**64 addresses."""
LONGEST = 64
IPV4_NEIGHBOURS, IPV6_NEIGHBOURS = 24, 48


def neighbourhood_of(address: str) -> str:
    """The /24 of an IPv4 address, the /48 of an IPv6 one: what one customer of a provider may have many addresses of. A
    text that is no address stands for itself.
    """
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address[:LONGEST]
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    length = IPV4_NEIGHBOURS if found.version == 4 else IPV6_NEIGHBOURS
    return str(ipaddress.ip_network((found, length), strict=False))


def network_of(address: str) -> str:
    """``203.0.113.7`` for an IPv4 address, also one written as IPv6; ``2001:db8:1:2::/64`` for an IPv6 one. A text that
    is no address stands for itself.
    """
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address[:LONGEST]
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
        return str(ipaddress.ip_network((found, IPV6_PREFIX), strict=False))
    return str(found)


def is_address(text: str) -> bool:
    """Whether that is an IP address."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return "%" not in text


def is_address_or_network(text: str) -> bool:
    """Whether that is an IP address, or a network as CIDR writes it."""
    try:
        ipaddress.ip_network(text, strict=False)
    except ValueError:
        return False
    return "%" not in text
