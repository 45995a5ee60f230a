"""Opaque checkpoint cursors: the sort key of the last row seen.

A cursor holds bound values only, never a column or SQL, and is validated on the way in; forging one yields nothing that
the caller could not list anyway (security.md Y2).
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode

import msgspec

from idp.foundation.kernel.errors import BadRequest

Key = tuple[str | int, ...]
MAX_LENGTH = 1024
_decoder = msgspec.json.Decoder(tuple[str | int, ...])


def encode(key: Key) -> str:
    """``key`` as url-safe text without padding."""
    return urlsafe_b64encode(msgspec.json.encode(key)).rstrip(b"=").decode("ascii")


def decode(text: str) -> Key:
    """The key inside a cursor.

    :raises BadRequest: ``invalid_paging``: not one of ours.
    """
    try:
        key = _decoder.decode(urlsafe_b64decode(text[:MAX_LENGTH].encode("ascii") + b"=" * (-len(text) % 4)))
    except (ValueError, msgspec.MsgspecError) as error:
        raise _bad() from error
    if not key or any(_unstorable(part) for part in key):
        raise _bad()
    return key


def _bad() -> BadRequest:
    return BadRequest("The 'from' parameter is not a valid checkpoint.", "invalid_paging")


def _unstorable(part: str | int) -> bool:
    return "\x00" in part if isinstance(part, str) else abs(part) > 2**63 - 1
