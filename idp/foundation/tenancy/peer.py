"""What a proxy says of the TLS connection that it ended: the certificate of the client.

The header counts where a setting names it, and from addresses alone that a setting names: whoever else sends it is
nobody's proxy (security.md Q2).
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from idp.foundation.settings import Settings

ORIGINAL = "werkzeug.proxy_fix.orig"
"""Where ``ProxyFix`` keeps what it replaced: the address of whoever is connected to us."""


def certificate(settings: Settings, environ: Mapping[str, Any]) -> str | None:
    """The certificate as the proxy wrote it; None where there is none, or whoever is connected is no proxy of ours."""
    header = settings.client_certificate_header
    if header is None:
        return None
    said: str | None = environ.get(f"HTTP_{header.upper().replace('-', '_')}")
    if not said:
        return None
    before: Mapping[str, Any] = environ.get(ORIGINAL) or {}
    connected = str(before.get("REMOTE_ADDR") or environ.get("REMOTE_ADDR") or "")
    return said if _is_proxy(settings.client_certificate_proxies, connected) else None


@lru_cache(maxsize=256)
def _is_proxy(networks: tuple[str, ...], address: str) -> bool:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    mapped = getattr(found, "ipv4_mapped", None) or found
    return any(mapped in ipaddress.ip_network(network) for network in networks)
