"""The address of the person in front of a server that calls us for them (``auth0-forwarded-for``,
spec/attack-protection.md, "Brute force").
"""

from __future__ import annotations

import ipaddress

from idp.applications.clients.runtime import ClientConfig

HEADER = "HTTP_AUTH0_FORWARDED_FOR"


def address(said: object, client: ClientConfig) -> str | None:
    """What such a client says, if it has authenticated and is trusted with that
    (``is_token_endpoint_ip_header_trusted``).
    """
    if client.public or not client.data.is_token_endpoint_ip_header_trusted:
        return None
    try:
        return str(ipaddress.ip_address(str(said or "").strip()))
    except ValueError:
        return None
