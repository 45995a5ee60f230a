"""Nonces for proofs (RFC 9449 8): a moment and a tag of the tenant's over it. Nothing is stored, every process knows
them, and nobody makes one ahead of its time.
"""

from __future__ import annotations

import base64
import binascii
import struct
from typing import Final

from idp.foundation.kernel import clock
from idp.foundation.kernel.secrets import b64url
from idp.foundation.tenancy.work import Work
from idp.tenant.keys import token_key

LIFETIME_S: Final = 300
NEW_AFTER_S: Final = 150
"""How old the nonce of a proof is when its sender is told a new one."""
_BODY: Final = struct.Struct(">1sQ")
_KIND: Final = b"n"
_MOST: Final = 128


def made(work: Work) -> str:
    """A nonce of this second."""
    body = _BODY.pack(_KIND, clock.now())
    return b64url(body + token_key.tag(work, _message(work, body)))


def age(work: Work, nonce: str) -> int | None:
    """How old it is (s); None where it is none of ours, or over."""
    if len(nonce) > _MOST:
        return None
    try:
        raw = base64.urlsafe_b64decode(nonce.encode("ascii") + b"=" * (-len(nonce) % 4))
    except (UnicodeEncodeError, binascii.Error, ValueError):
        return None
    body, tag = raw[: _BODY.size], raw[_BODY.size :]
    if len(tag) != token_key.TAG_BYTES or body[:1] != _KIND or not token_key.check(work, _message(work, body), tag):
        return None
    found = clock.now() - _BODY.unpack(body)[1]
    return found if 0 <= found < LIFETIME_S else None


def _message(work: Work, body: bytes) -> bytes:
    """Its kind is none of a token's (:mod:`idp.protocol.tokens.handles`)."""
    return work.tenant_id.encode() + b"\0" + body
