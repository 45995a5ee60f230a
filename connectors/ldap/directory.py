"""Our own small interface to a directory: what the connector needs of a connection, whatever library speaks LDAP."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from connectors.ldap.refusals import Answer

Scope = Literal["base", "below"]
"""The entry itself, or everything below it."""


class Broken(Exception):
    """The connection is of no more use: the directory does not answer, or answers garbage. The text is for logs."""


@dataclass(frozen=True)
class Entry:
    """An entry: its name, and the values of its attributes by their names in lower case."""

    name: str
    values: Mapping[str, Sequence[bytes]]

    def raw(self, attribute: str) -> bytes | None:
        """The first value, or None."""
        return next(iter(self.values.get(attribute.lower(), ())), None)

    def text(self, attribute: str) -> str | None:
        """The first value that is a text, or None."""
        return next(iter(self.texts(attribute)), None)

    def texts(self, attribute: str) -> list[str]:
        """Every value that is a text."""
        found = []
        for value in self.values.get(attribute.lower(), ()):
            try:
                found.append(value.decode())
            except UnicodeDecodeError:
                continue  # a binary attribute has no text
        return [text for text in found if text]


class Directory(Protocol):
    """A connection to a server of the directory. Every method raises Broken."""

    def bind(self, name: str, password: str) -> Answer:
        """Become ``name``, by a simple bind."""

    def search(self, base: str, wanted: str, attributes: Sequence[str], *, most: int, scope: Scope) -> list[Entry]:
        """At most ``most`` entries that the filter ``wanted`` finds. References to other servers are not followed."""

    def replace_password(self, name: str, old: str, new: str) -> Answer:
        """Another password for ``name``, by the extended operation of RFC 3062."""

    def exchange_unicode_password(self, name: str, old: str, new: str) -> Answer:
        """The same as Active Directory wants it: the old value of ``unicodePwd`` deleted and the new one added in one
        change, whoever is bound.
        """

    def allow(self, seconds: float) -> None:
        """From now on that many seconds are left."""

    def close(self) -> None:
        """End it."""
