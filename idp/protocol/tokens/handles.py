"""What codes and opaque tokens consist of: the family that they belong to, what sets them apart in it, and a tag that
says that they were issued here (docs/decisions/0120).

Nothing of them is stored. Whether one is good is for its family's row to say, which a code or refresh token must meet
in its generation: an older one is recognized as spent for as long as there is the family.
"""

from __future__ import annotations

import base64
import binascii
import secrets
import struct

import msgspec

from idp.foundation.kernel import clock
from idp.foundation.kernel.secrets import b64url
from idp.foundation.tenancy.work import Work
from idp.protocol.tokens.binding import JKT, X5T, Binding
from idp.tenant.keys import token_key

CODE, REFRESH, ACCESS, JWT_ID = b"c", b"r", b"a", b"j"
"""Kinds; ``JWT_ID`` is the ``jti`` of an access token that is a JWT."""
BOUND = {CODE: b"C", REFRESH: b"R", ACCESS: b"A", JWT_ID: b"J"}
"""Kinds of those that are bound to a key or a certificate: behind what the others have stand a letter for which of the
two, and its thumbprint (32 bytes). Releases that know no bound tokens know no such kinds.
"""
_METHODS = {JKT: b"k", X5T: b"x"}
_LETTERS = {letter: method for method, letter in _METHODS.items()}
_THUMBPRINT = 32
FAMILY = "rlp_"
"""What ids of families begin with."""
_SPENT_ONCE = struct.Struct(">1s19sI12s")
"""Kind, family, generation, randomness: those that are issued twice in a generation differ."""
_GOOD_UNTIL = struct.Struct(">1s19s9sQI")
"""Kind, family, a name of its own, when it was issued, its lifetime (s); behind it the scope where it has its own."""
_OPENING = (ACCESS, BOUND[ACCESS])
_NO_SCOPE = b" "
"""A scope of its own that is empty, which is less than what its family has."""
MAX_LENGTH = 16_384


class SpentOnce(msgspec.Struct, frozen=True):
    """A code or a refresh token."""

    family: str
    generation: int
    bound: Binding | None = None


class Access(msgspec.Struct, frozen=True):
    """An access token. ``scope`` is None where it has what its family has; times in seconds."""

    family: str
    name: str
    issued_at: int
    lifetime: int
    scope: str | None
    bound: Binding | None = None


def spent_once(work: Work, kind: bytes, family: str, generation: int, bound: Binding | None = None) -> str:
    """A code or refresh token of that generation; ``bound``: good in the hands of that key or certificate alone."""
    made = _SPENT_ONCE.pack(_kind(kind, bound), _bare(family), generation, secrets.token_bytes(12))
    return _tagged(work, made + _bytes(bound))


def access(work: Work, kind: bytes, family: str, lifetime: int, scope: str | None, bound: Binding | None = None) -> str:
    """An access token, or the ``jti`` of one, issued now; ``lifetime`` in seconds."""
    made = _GOOD_UNTIL.pack(_kind(kind, bound), _bare(family), secrets.token_bytes(9), clock.now(), lifetime)
    return _tagged(work, made + _bytes(bound) + (b"" if scope is None else scope.encode() or _NO_SCOPE))


def read_spent_once(work: Work, kind: bytes, text: str) -> SpentOnce | None:
    """What :func:`spent_once` made; None for anything else."""
    body, bound = _body(work, kind, text, _SPENT_ONCE.size)
    if body is None or len(body) != _SPENT_ONCE.size:
        return None
    _, family, generation, _ = _SPENT_ONCE.unpack(body)
    return SpentOnce(FAMILY + family.decode(), generation, bound)


def read_access(work: Work, kind: bytes, text: str) -> Access | None:
    """What :func:`access` made; None for anything else."""
    body, bound = _body(work, kind, text, _GOOD_UNTIL.size)
    if body is None or len(body) < _GOOD_UNTIL.size:
        return None
    _, family, name, issued_at, lifetime = _GOOD_UNTIL.unpack_from(body)
    scope = body[_GOOD_UNTIL.size :]
    own = None if not scope else scope.decode().strip()
    return Access(FAMILY + family.decode(), b64url(name), issued_at, lifetime, own, bound)


def _kind(kind: bytes, bound: Binding | None) -> bytes:
    return kind if bound is None else BOUND[kind]


def _bytes(bound: Binding | None) -> bytes:
    return b"" if bound is None else _METHODS[bound.method] + base64.urlsafe_b64decode(bound.thumbprint + "=")


def _bare(family: str) -> bytes:
    return family.removeprefix(FAMILY).encode("ascii")


def _tagged(work: Work, body: bytes) -> str:
    return b64url(body + token_key.tag(work, _message(work, body)))


def _body(work: Work, kind: bytes, text: str, fixed: int) -> tuple[bytes | None, Binding | None]:
    """What stands in it without its binding, and that; ``fixed`` bytes come before the binding."""
    body = _untagged(work, kind, text)
    if body is None or body[:1] == kind:
        return body, None
    method, thumbprint = _LETTERS.get(body[fixed : fixed + 1]), body[fixed + 1 : fixed + 1 + _THUMBPRINT]
    if method is None or len(thumbprint) != _THUMBPRINT:
        return None, None
    return body[:fixed] + body[fixed + 1 + _THUMBPRINT :], Binding(method, b64url(thumbprint))


def _untagged(work: Work, kind: bytes, text: str) -> bytes | None:
    if len(text) > MAX_LENGTH:
        return None
    try:
        raw = base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (UnicodeEncodeError, binascii.Error):
        return None
    body, tag = raw[: -token_key.TAG_BYTES], raw[-token_key.TAG_BYTES :]
    if len(tag) != token_key.TAG_BYTES or body[:1] not in (kind, BOUND[kind]) or b64url(raw) != text:
        return None
    return body if token_key.check(work, _message(work, body), tag) else None


def _message(work: Work, body: bytes) -> bytes:
    """A token is of one tenant; one that opens something is good under the domain alone where it was given out, whose
    name stands behind a byte that is no kind: with the name in front it makes no other token.
    """
    domain = b"\0%s\0" % work.config.domain.name.encode() if work.config.domain and body[:1] in _OPENING else b""
    return work.tenant_id.encode() + b"\0" + domain + body
