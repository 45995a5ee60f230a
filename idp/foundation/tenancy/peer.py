"""The certificate that a client showed when its TLS connection was made, as our own port for such clients saw it or as
a proxy that ended TLS says.

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


SHOWN = "gatehouse.client_certificate"
"""Where our own port says what its handshake showed: base64 of DER, or None. Headers are ``HTTP_`` there, so no client
writes it (PEP 3333); where it stands, no header counts.
"""


def certificate(settings: Settings, environ: Mapping[str, Any]) -> str | None:
    """The certificate as it was shown to us or as the proxy wrote it; None where there is none, or whoever is connected
    is no proxy of ours.
    """
    if SHOWN in environ:
        shown: str | None = environ[SHOWN]
        return shown
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
