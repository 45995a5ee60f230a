"""Initials as a picture: an SVG for browsers, a PNG for whoever takes no vector (Gravatar's ``d``)."""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import pairwise
from typing import Final, TypeAlias

Point: TypeAlias = tuple[float, float]
Line: TypeAlias = tuple[Point, Point]

SIDE: Final = 192
"""Pixels of the PNG."""
HUES: Final = 12
_UNIT: Final = 11.0
"""Pixels of one step of the grid that letters are drawn on: four steps wide, six high."""
_HALF_STROKE: Final = 4.5
_SHADES: Final = 32
_LETTERS: Final[Mapping[str, str]] = {
    "A": "062046 0535",
    "B": "06003041423303 3344453606",
    "C": "4130100105163645",
    "D": "06002042442606",
    "E": "40000646 0333",
    "F": "400006 0333",
    "G": "41301001051636454323",
    "H": "0006 4046 0343",
    "I": "2026",
    "J": "3035261605",
    "K": "0006 400346",
    "L": "000646",
    "M": "0600234046",
    "N": "06004640",
    "O": "103041453616050110",
    "P": "06003041423303",
    "Q": "103041453616050110 2446",
    "R": "06003041423303 2346",
    "S": "413010010213334445361605",
    "T": "0040 2026",
    "U": "000516364540",
    "V": "002640",
    "W": "0016223640",
    "X": "0046 4006",
    "Y": "002340 2326",
    "Z": "00400646",
    "0": "103041453616050110",
    "1": "112026",
    "2": "01103041420646",
    "3": "01103041423323 334445361605",
    "4": "36300444",
    "5": "4000033344453606",
    "6": "4130100105163645443303",
    "7": "004016",
    "8": "13020110304142331304051636454433",
    "9": "4313020110304145361605",
}
"""Strokes as the corners they go through, each two digits: across, down."""


def drawable(letters: str) -> bool:
    """Whether these are one or two letters or digits that there are strokes for."""
    return 1 <= len(letters) <= 2 and all(letter in _LETTERS for letter in letters.upper())


def svg(letters: str) -> str:
    """Up to two letters on a calm ground whose hue follows them."""
    initials = letters.upper()
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 96 96" role="img" aria-label="{initials}">'
        f'<rect width="96" height="96" fill="hsl({_hue(initials)} 40% 40%)"/>'
        '<text x="48" y="60" font-family="sans-serif" font-size="36" text-anchor="middle" fill="#fff">'
        f"{initials}</text></svg>"
    )


@lru_cache(maxsize=2048)
def png(letters: str) -> bytes:
    """The same as a raster image (ISO/IEC 15948), drawn once per process."""
    initials = letters.upper()
    rows = _shades(_lines(initials))
    ground = _rgb(_hue(initials))
    palette = b"".join(
        bytes(round(colour + (255 - colour) * shade / (_SHADES - 1)) for colour in ground) for shade in range(_SHADES)
    )
    header = struct.pack(">IIBBBBB", SIDE, SIDE, 8, 3, 0, 0, 0)
    data = zlib.compress(b"".join(b"\0" + row for row in rows), 9)
    chunks = ((b"IHDR", header), (b"PLTE", palette), (b"IDAT", data), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, body) for kind, body in chunks)


def _hue(initials: str) -> int:
    return hashlib.sha256(initials.encode()).digest()[0] % HUES * (360 // HUES)


def _rgb(hue: int) -> tuple[int, int, int]:
    """``hsl(hue 40% 40%)`` (CSS Color 4, 7.1)."""

    def channel(offset: int) -> int:
        place = (offset + hue / 30) % 12
        return round(255 * (0.4 - 0.16 * max(-1, min(place - 3, 9 - place, 1))))

    return channel(0), channel(8), channel(4)


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def _lines(initials: str) -> list[Line]:
    """The strokes of all letters in pixels, in the middle of the picture."""
    width = (4 * len(initials) + 2 * (len(initials) - 1)) * _UNIT
    left, top = (SIDE - width) / 2, (SIDE - 6 * _UNIT) / 2
    return [line for place, letter in enumerate(initials) for line in _strokes(letter, left + 6 * _UNIT * place, top)]


def _strokes(letter: str, left: float, top: float) -> Iterator[Line]:
    for stroke in _LETTERS[letter].split():
        corners = [
            (left + int(stroke[at]) * _UNIT, top + int(stroke[at + 1]) * _UNIT) for at in range(0, len(stroke), 2)
        ]
        yield from pairwise(corners)


def _shades(lines: list[Line]) -> list[bytes]:
    """Each pixel's share of white, by its distance from the nearest stroke. Only those near one are looked at."""
    picture = [bytearray(SIDE) for _ in range(SIDE)]
    reach = _HALF_STROKE + 1
    for begin, end in lines:
        columns = range(int(min(begin[0], end[0]) - reach), int(max(begin[0], end[0]) + reach) + 1)
        for y in range(int(min(begin[1], end[1]) - reach), int(max(begin[1], end[1]) + reach) + 1):
            row = picture[y]
            for x in columns:
                covered = _HALF_STROKE + 0.5 - _distance(x + 0.5, y + 0.5, begin, end)
                if covered > 0:
                    row[x] = max(row[x], round(min(covered, 1) * (_SHADES - 1)))
    return [bytes(row) for row in picture]


def _distance(x: float, y: float, begin: Point, end: Point) -> float:
    along_x, along_y = end[0] - begin[0], end[1] - begin[1]
    share = ((x - begin[0]) * along_x + (y - begin[1]) * along_y) / (along_x**2 + along_y**2)
    share = max(0.0, min(1.0, share))
    return float(((x - begin[0] - share * along_x) ** 2 + (y - begin[1] - share * along_y) ** 2) ** 0.5)
