"""A service's keys in a keytab, as administrators of a realm export them (MIT krb5's file format, version 0x0502): read
to tell whether it can work, and written again with nothing but what is used.
"""

from __future__ import annotations

import base64
import struct
from collections.abc import Sequence
from dataclasses import dataclass

_MAGIC = b"\x05\x02"
_AES: dict[int, str] = {
    17: "aes128-cts-hmac-sha1-96",
    18: "aes256-cts-hmac-sha1-96",
    19: "aes128-cts-hmac-sha256-128",
    20: "aes256-cts-hmac-sha384-192",
}
"""Kinds of keys that tickets are taken with. DES and RC4 are none of them: RC4's key is the hash of the password, which
is guessed from any ticket (RFC 8429).
"""
SERVICE = "HTTP"
"""The service that browsers ask tickets for (RFC 4559 4.1)."""


@dataclass(frozen=True)
class Key:
    """One key: whose, of which realm and kind. ``entry`` are its bytes in the file."""

    principal: str
    realm: str
    kind: int
    entry: bytes

    @property
    def usable(self) -> bool:
        """Whether tickets of browsers are taken with it."""
        return self.kind in _AES and self.principal.partition("/")[0].upper() == SERVICE

    @property
    def said(self) -> str:
        """For administrators: nothing of the key itself."""
        return f"{self.principal}@{self.realm} ({_AES.get(self.kind, f'kind {self.kind}')})"


def decoded(text: str) -> bytes:
    """The file that base64 holds. Raises ValueError."""
    return base64.b64decode("".join(text.split()), validate=True)


def keys(file: bytes) -> list[Key]:
    """The keys of a file. Raises ValueError where it is no keytab."""
    if not file.startswith(_MAGIC):
        raise ValueError("it is no keytab of version 0x0502")
    at, found = len(_MAGIC), []
    try:
        while at < len(file):
            (size,) = struct.unpack_from(">i", file, at)
            at += 4
            if abs(size) > len(file) - at:
                raise ValueError("an entry is longer than the file")
            if size > 0:  # what is negative is a hole that an entry left
                found.append(_key(file[at : at + size]))
            at += abs(size)
    except struct.error as error:
        raise ValueError("an entry ends too early") from error
    return found


def written(chosen: Sequence[Key]) -> bytes:
    """A file with these keys."""
    return _MAGIC + b"".join(struct.pack(">i", len(each.entry)) + each.entry for each in chosen)


def problem(text: str) -> str | None:
    """What keeps a keytab, in base64, from being used."""
    try:
        found = keys(decoded(text))
    except ValueError as error:
        return str(error)
    if any(each.usable for each in found):
        return None
    there = ", ".join(each.said for each in found[:5]) or "nothing"
    return f"it has no AES key of a service {SERVICE}/host@REALM, but {there}"


def _key(entry: bytes) -> Key:
    """Raises struct.error, ValueError."""
    (components,) = struct.unpack_from(">H", entry)
    at, texts = 2, []
    for _ in range(components + 1):
        (size,) = struct.unpack_from(">H", entry, at)
        texts.append(entry[at + 2 : at + 2 + size].decode())
        at += 2 + size
    kind, size = struct.unpack_from(">HH", entry, at + 9)  # after the type of the name, the time and the version
    if at + 13 + size > len(entry):
        raise ValueError("a key is longer than its entry")
    realm, *names = texts
    return Key("/".join(names), realm, kind, entry)
