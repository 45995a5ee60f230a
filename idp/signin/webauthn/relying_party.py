"""Who we are for authenticators: the relying party of WebAuthn (Level 3, 5.1.2, "rpId").

A passkey belongs to the host it was made at, or to the name above it that a custom domain says (docs/decisions/0245):
:func:`of` is the one place that answers which that is for a request.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

from idp.foundation.tenancy.work import Work

LONGEST_NAME = 64


@dataclass(frozen=True)
class RelyingParty:
    """``id`` is a host name without port, or the part of it that a custom domain names; ``origin`` is that of our own
    pages, where passkeys are made and used.
    """

    id: str
    name: str
    origin: str


def of(work: Work) -> RelyingParty | None:
    """The relying party of this request: the host of the tenant's URL or of its custom domain, never what the ``Host``
    header says. None where that is an address and no name: browsers have no passkeys there.
    """
    parts = urlsplit(work.config.url)
    host = work.config.relying_party_id
    if not host or _is_address(host):
        return None
    return RelyingParty(host, work.config.friendly_name[:LONGEST_NAME], f"{parts.scheme}://{parts.netloc}")


def names(work: Work) -> frozenset[str]:
    """All that passkeys of this tenant may belong to: its own host, and what its custom domains say. One made for any
    other name works nowhere here any more.
    """
    own = work.config.own or work.config
    return frozenset(each.relying_party_id for each in (own, *map(own.under, work.domains().values())))


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
