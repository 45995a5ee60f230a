"""The certificate that a client showed when its TLS connection was made, as our own port or a proxy tells it
(:mod:`idp.foundation.tenancy.peer`).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from functools import lru_cache
from typing import Final
from urllib.parse import unquote

from idp.foundation.kernel.secrets import b64url
from idp.foundation.tenancy.work import Work

MOST: Final = 16_384
"""Characters of a certificate as a header tells it."""
_BEGIN, _END = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"
_DER: Final = b"\x30"
"""What a certificate begins with: a SEQUENCE."""


def der(work: Work) -> bytes | None:
    """The certificate; None where none came, or something that is none."""
    return read(work.certificate) if work.certificate else None


def thumbprint(work: Work) -> str | None:
    """``x5t#S256`` of it (RFC 8705 3.1)."""
    found = der(work)
    return b64url(hashlib.sha256(found).digest()) if found is not None else None


@lru_cache(maxsize=256)
def read(text: str) -> bytes | None:
    """The DER of a certificate as proxies write it: PEM that is URL-encoded (nginx, HAProxy, Traefik) or on one line,
    the bare base64 of DER (Caddy, Traefik), or between colons (RFC 9440).
    """
    if len(text) > MOST or "," in text:  # two headers: one of them is not our proxy's
        return None
    plain = unquote(text) if "%" in text else text
    if _BEGIN in plain:
        plain = plain.partition(_BEGIN)[2].partition(_END)[0]
    try:
        found = base64.b64decode("".join(plain.strip().strip(":").split()), validate=True)
    except (binascii.Error, ValueError):
        return None
    return found if found[:1] == _DER else None
