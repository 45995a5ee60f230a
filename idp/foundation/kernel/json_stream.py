"""Large JSON files, one element after the other: the members of an array, or documents one behind the other (NDJSON).

Whatever the file's size, one element is held at a time; what an element says is for
:func:`idp.foundation.kernel.strict_json.decode` to read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from idp.foundation.kernel.strict_json import InvalidJson

MOST_BYTES = 4 * 1024 * 1024
"""Of one element."""
_BOM = b"\xef\xbb\xbf"
_BLANK = re.compile(rb"[ \t\r\n]*")
_STRUCTURE = re.compile(rb'"(?:[^"\\]++|\\.)*+("?)|([\[{])|([\]}])', re.DOTALL)
_TEXT = re.compile(rb'"(?:[^"\\]++|\\.)*+("?)', re.DOTALL)
_PLAIN = re.compile(rb'[^\s,\[\]{}"]+')


class Element(NamedTuple):
    """The bytes of an element, and how many bytes of the file end with it."""

    raw: bytes
    end: int


def elements(pieces: Iterable[bytes], *, most: int = MOST_BYTES) -> Iterator[Element]:
    """The elements of a file that comes in ``pieces``, in their order.

    :raises InvalidJson: the file is neither an array nor one document after the other, ends in the middle, or an
        element is larger than ``most``.
    """
    reader = _Reader(iter(pieces), most)
    first = reader.first()
    if first == b"[":
        yield from _members(reader)
    elif first == b"{":
        while reader.look() is not None:
            yield reader.element()
    else:
        raise InvalidJson("The file is not a JSON array")


def _members(reader: _Reader) -> Iterator[Element]:
    reader.pass_over()
    if reader.look() == b"]":
        reader.pass_over()
    else:
        while True:
            yield reader.element()
            mark = reader.look()
            if mark not in {b",", b"]"}:
                raise InvalidJson("The file is not valid JSON")
            reader.pass_over()
            if mark == b"]":
                break
    if reader.look() is not None:
        raise InvalidJson("Something follows the end of the array")


class _Reader:
    """The part of the file that is looked at."""

    def __init__(self, pieces: Iterator[bytes], most: int) -> None:
        self._pieces = pieces
        self._most = most
        self._held = b""
        self._at = 0
        self._before = 0

    def first(self) -> bytes | None:
        """The first character that says something."""
        while len(self._held) < len(_BOM) and self._more():
            pass
        self._at = len(_BOM) if self._held.startswith(_BOM) else 0
        return self.look()

    def look(self) -> bytes | None:
        """The next character that is not blank; None at the end."""
        while True:
            found = _BLANK.match(self._held, self._at)
            self._at = found.end() if found else self._at
            if self._at < len(self._held):
                return self._held[self._at : self._at + 1]
            if not self._more():
                return None

    def pass_over(self) -> None:
        """The character that was looked at is done with."""
        self._at += 1

    def element(self) -> Element:
        """The next element."""
        begin = self.look()
        if begin is None or begin in b",]}:":
            raise InvalidJson("The file is not valid JSON")
        while (end := self._end(begin)) is None:
            if len(self._held) - self._at > self._most:
                raise InvalidJson(f"An element of the file is larger than {self._most} bytes")
            if not self._more():
                if begin not in b'[{"':  # a number may end with the file
                    end = len(self._held)
                    break
                raise InvalidJson("The file ends in the middle of an element")
        raw, self._at = self._held[self._at : end], end
        return Element(raw, self._before + end)

    def _end(self, begin: bytes) -> int | None:
        """Where the element ends; None where that is not to be seen yet."""
        if begin == b'"':
            text = _TEXT.match(self._held, self._at)
            return text.end() if text and text[1] else None
        if begin not in b"[{":
            plain = _PLAIN.match(self._held, self._at)
            return plain.end() if plain and plain.end() < len(self._held) else None
        depth = 0
        for token in _STRUCTURE.finditer(self._held, self._at):
            kind = token.lastindex
            if kind == 1:
                if not token[1]:
                    return None
                continue
            depth += 1 if kind == 2 else -1
            if depth == 0:
                return token.end()
        return None

    def _more(self) -> bool:
        piece = next(self._pieces, None)
        if piece is None:
            return False
        self._before += self._at
        self._held, self._at = self._held[self._at :] + piece, 0
        return True
