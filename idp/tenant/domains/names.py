"""Which host names can be a custom domain, and what proves that somebody holds one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from idp.foundation.kernel import public_suffixes

MOST_CHARS: Final = 253
CHALLENGE: Final = "_gatehouse-challenge"
"""The label in front of a domain where the TXT record of its proof stands."""
PROOF: Final = "gatehouse-domain-verification="
"""What the value of that record begins with."""
OFFLINE: Final = ("localhost", "test", "example", "invalid")
"""Names below these are in no DNS (RFC 2606, RFC 6761): in development they count as proved."""
_LABEL: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")


@dataclass(frozen=True)
class Record:
    """A record that proves a domain: ``kind`` (``cname`` or ``txt``) of ``name`` says ``value``."""

    kind: str
    name: str
    value: str


def canonical(sent: str) -> str | None:
    """The host name as it is kept and compared: small letters, without the last dot. None for what is no name that
    one party can hold: a public suffix, an address, a single label, letters that are not in A-label form.
    """
    name = sent.strip().lower().removesuffix(".")
    labels = name.split(".")
    if len(name) > MOST_CHARS or not all(map(_LABEL.fullmatch, labels)):
        return None
    return name if public_suffixes.is_somebodys(name) else None


def is_suffix_of(relying_party: str, domain: str) -> bool:
    """Whether passkeys under ``domain`` may belong to ``relying_party``: the domain itself, or a registered name above
    it (WebAuthn 5.1.3).
    """
    above = domain == relying_party or domain.endswith(f".{relying_party}")
    return above and canonical(relying_party) == relying_party


def records(domain: str, token: str, own_url: str, *, by_cname: bool) -> list[Record]:
    """The records any one of which proves ``domain``. The target of the alias is a name of this one claim, so that an
    alias that was forgotten proves nothing for the next tenant (security.md Q1, decision 0245).
    """
    found = [Record("txt", f"{CHALLENGE}.{domain}", f"{PROOF}{token}")]
    host = urlsplit(own_url).hostname or ""
    if by_cname and canonical(host) == host:
        found.insert(0, Record("cname", domain, f"cd-{token.lower()[:24]}.{host}"))
    return found


def needs_no_proof(domain: str) -> bool:
    """Whether the name is in no DNS at all."""
    return domain.rpartition(".")[2] in OFFLINE
