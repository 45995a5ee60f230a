"""Identifiers in Auth0's shapes (spec/00-conventions.md, "ID shapes"). All random parts come from the CSPRNG."""

from __future__ import annotations

import itertools
import secrets
import string
import time

_ALNUM = string.ascii_letters + string.digits
_BASE32 = string.ascii_uppercase + "234567"
_TO_ALNUM = bytes(ord(_ALNUM[n % 62]) for n in range(256))
_PASSED_OVER = bytes(range(248, 256))
_sequence = itertools.count(secrets.randbelow(1_000_000))


def alphanumeric(length: int) -> str:
    """``length`` characters of ``[A-Za-z0-9]`` (5.95 bits each), without bias: bytes from 248 on are passed over."""
    drawn = secrets.token_bytes(length + length // 8 + 8).translate(_TO_ALNUM, _PASSED_OVER)
    return drawn[:length].decode() if len(drawn) >= length else alphanumeric(length)


def readable(length: int) -> str:
    """``length`` of the 32 letters and digits that nobody confuses when reading them out (Base32, RFC 4648): 5 bits
    each.
    """
    return "".join(secrets.choice(_BASE32) for _ in range(length))


def prefixed(prefix: str, length: int = 16) -> str:
    """``con_`` + 16 characters and its like; ``prefix`` without the underscore."""
    return f"{prefix}_{alphanumeric(length)}"


def hex24() -> str:
    """24 hex digits beginning with the time, like a Mongo ObjectId: user, resource server and grant ids."""
    return f"{int(time.time()):08x}{secrets.token_hex(8)}"


def client_id() -> str:
    """32 alphanumerics."""
    return alphanumeric(32)


def token(nbytes: int = 32) -> str:
    """An opaque url-safe secret; 32 bytes are 256 bits (security.md B5)."""
    return secrets.token_urlsafe(nbytes)


def sid() -> str:
    """Session id as it appears in ID tokens: 32 url-safe characters, 192 bits."""
    return secrets.token_urlsafe(24)


def message_id() -> str:
    """Digits that sort by time: epoch in ms (14 digits), a counter of this process (6), randomness (19); 39 in all."""
    return f"{int(time.time() * 1000):014d}{next(_sequence) % 1_000_000:06d}{secrets.randbelow(10**19):019d}"
