"""Addresses of web pages, as options of connections and documents of sources name them."""

from __future__ import annotations

from urllib.parse import urlsplit


def is_address(value: str) -> bool:
    """Whether it is an absolute web address without a user's name and without a fragment."""
    try:
        parts = urlsplit(value)
        port_is_one = parts.port is None or parts.port > 0
    except ValueError:
        return False
    return (
        parts.scheme in {"https", "http"}
        and bool(parts.hostname)
        and parts.username is None
        and not parts.fragment
        and port_is_one
        and value.isprintable()
        and " " not in value
    )


def origin(value: str) -> tuple[str, str] | None:
    """Scheme, and host with port, of such an address; None of anything else. Strangers' texts may be asked about."""
    if not is_address(value):
        return None
    parts = urlsplit(value)
    return parts.scheme, parts.netloc
