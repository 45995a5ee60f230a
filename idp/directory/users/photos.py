"""Photos that sources bring along as bytes: what is one, and what of it is kept.

Nothing is decoded or drawn anew. The bytes are walked through by the structure of their format; what is no picture of a
sensible size is none, and what stands in it besides the picture (where it was taken, by which camera, words) is left
out.
"""

from __future__ import annotations

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
_APPLICATIONS_KEPT = frozenset({0xE0, 0xE2, 0xEE})
"""JFIF, the colour profile, and how colours are coded (Adobe)."""


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
    """Segments up to the first scan, without those that describe; scans as they stand, up to the end of the picture
    (ITU-T T.81, B.1).
    """
    kept, sized = [data[:2]], False
    for marker, start, end in _segments(data):
        if marker in _SIZES:
            height, width = struct.unpack_from(">HH", data, start + 5)
            _check(width, height)
            sized = True
        if marker == _START_OF_SCAN:
            last = data.rfind(b"\xff\xd9")
            if not sized or last < end:
                raise NoPhoto("the picture ends before its end")
            return b"".join([*kept, data[start : last + 2]])
        described = marker == _COMMENT or (marker in _APPLICATIONS and marker not in _APPLICATIONS_KEPT)
        if not described:
            kept.append(data[start:end])
    raise NoPhoto("there is no picture in it")


def _segments(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Marker, begin and end of each segment."""
    at = 2
    while data[at] == 0xFF:
        while data[at + 1] == 0xFF:  # padding
            at += 1
        marker = data[at + 1]
        (length,) = struct.unpack_from(">H", data, at + 2)
        if length < 2 or marker == _END:
            raise NoPhoto("a segment without a length")
        yield marker, at, at + 2 + length
        at += 2 + length
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
