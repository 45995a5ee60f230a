"""Certificates that stand in the options of a connection."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from connectors.saml_format import keys
from connectors.saml_format.documents import SamlError


def trusted_until(options: Mapping[str, Any]) -> datetime | None:
    """When the first of them expires; None where there is none, as where metadata at an address say them. See
    :attr:`connectors.strategy.Strategy.trusted_until`.
    """
    texts = [options.get("signingCert"), options.get("cert"), *(options.get("certs") or ())]
    ends = [keys.ends(pem) for text in texts if isinstance(text, str) for pem in _read(text)]
    return min(ends, default=None)


def _read(text: str) -> list[str]:
    try:
        return keys.certificates(text)
    except SamlError:  # what is stored was read when it was stored: only an older version took it
        return []
