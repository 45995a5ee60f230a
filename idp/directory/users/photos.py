"""Photos that sources bring along as bytes: what is one, and what of it is kept.

Nothing is decoded or drawn anew. The bytes are walked through by the structure of their format; what is no picture of a
sensible size is none, and what stands in it besides the picture (where it was taken, by which camera, words) is left
out.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

MOST_BYTES = 256 * 1024
MOST_SIDE = 4_096
"""Pixels of a side: a small file may claim to be a picture that fills the memory of whoever draws it."""
Kind = Literal["jpeg", "png"]
_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_KEPT = frozenset({b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"sBIT"})
_START_OF_SCAN, _END = 0xDA, 0xD9
_SIZES = frozenset({0xC0, 0xC1, 0xC2, 0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF})
_APPLICATIONS, _COMMENT = range(0xE0, 0xF0), 0xFE
_APPLICATIONS_KEPT = frozenset({0xE0, 0xEE})
"""JFIF, and how colours are coded (Adobe)."""
_PROFILES = 0xE2
"""Of colours, and of what else calls itself so: lists of further pictures."""
_MARKER = re.compile(rb"\xff+[\x01-\xcf\xd8-\xfe]")
"""What ends the drawing of a scan: neither a stuffed byte nor the mark of a restart (B.1.1.2)."""


class NoPhoto(ValueError):
    """The bytes are no picture that is kept; the text says why."""


@dataclass(frozen=True)
class Photo:
    """A picture without anything beside it."""

    kind: Kind
    data: bytes


def read(data: bytes) -> Photo:
    """The picture in ``data``. Raises NoPhoto."""
    if len(data) > MOST_BYTES:
        raise NoPhoto(f"{len(data)} bytes are more than {MOST_BYTES}")
    try:
        if data.startswith(b"\xff\xd8\xff"):
            return Photo("jpeg", _jpeg(data))
        if data.startswith(_PNG):
            return Photo("png", _png(data))
    except (struct.error, IndexError) as error:
        raise NoPhoto("the picture ends before its end") from error
    raise NoPhoto("neither JPEG nor PNG")


def _check(width: int, height: int) -> None:
    if not (0 < width <= MOST_SIDE and 0 < height <= MOST_SIDE):
        raise NoPhoto(f"{width} by {height} pixels")


def _jpeg(data: bytes) -> bytes:
    """Segments and scans up to the first end of a picture, without those that describe (ITU-T T.81, B.1): cameras put
    further pictures behind it, each with words of its own.
    """
    kept, sized, drawn = [data[:2]], False, False
    for marker, start, end in _segments(data):
        if marker in _SIZES:
            height, width = struct.unpack_from(">HH", data, start + 5)
            _check(width, height)
            sized = True
        drawn = drawn or marker == _START_OF_SCAN
        if not _describes(marker, data[start + 4 : end]):
            kept.append(data[start:end])
    if not (sized and drawn):
        raise NoPhoto("there is no picture in it")
    return b"".join(kept)


def _describes(marker: int, body: bytes) -> bool:
    if marker == _PROFILES:
        return not body.startswith(b"ICC_PROFILE\0")
    return marker == _COMMENT or (marker in _APPLICATIONS and marker not in _APPLICATIONS_KEPT)


def _segments(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Marker, begin and end of each segment, the last of which is the end of the picture. What a scan draws is its
    own.
    """
    at = 2
    while data[at] == 0xFF:
        while data[at + 1] == 0xFF:  # padding
            at += 1
        marker = data[at + 1]
        if marker == _END:
            yield marker, at, at + 2
            return
        (length,) = struct.unpack_from(">H", data, at + 2)
        if length < 2:
            raise NoPhoto("a segment without a length")
        end = at + 2 + length
        if marker == _START_OF_SCAN:
            following = _MARKER.search(data, end)
            if following is None:
                raise NoPhoto("the picture ends before its end")
            end = following.start()
        yield marker, at, end
        at = end
    raise NoPhoto("something else than a segment")


def _png(data: bytes) -> bytes:
    """Chunks that draw, up to the last one (ISO/IEC 15948, 5.3)."""
    kept, at = [_PNG], len(_PNG)
    while True:
        length, kind = struct.unpack_from(">I4s", data, at)
        body = data[at + 8 : at + 8 + length]
        (check,) = struct.unpack_from(">I", data, at + 8 + length)
        if zlib.crc32(kind + body) != check:
            raise NoPhoto("a part of it is damaged")
        if len(kept) == 1:
            if kind != b"IHDR":
                raise NoPhoto("its size does not come first")
            _check(*struct.unpack_from(">II", body))
        if kind in _PNG_KEPT:
            kept.append(data[at : at + 12 + length])
        at += 12 + length
        if kind == b"IEND":
            return b"".join(kept)
