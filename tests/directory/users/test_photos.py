"""What of a photo is kept, and what is none."""

from __future__ import annotations

import struct
import zlib

import pytest

from idp.directory.users import initials, photos
from idp.directory.users.photos import MOST_BYTES, NoPhoto

PLACE = b"Exif\0\0 52.5200 N 13.4050 E"


def segment(marker: int, body: bytes) -> bytes:
    """One of a JPEG."""
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


def jpeg(width: int = 96, height: int = 96, scan: bytes = b"\x12\x34\xff\x00\x56", more: bytes = b"") -> bytes:
    """A picture, as far as its structure goes."""
    size = struct.pack(">BHHB", 8, height, width, 1) + b"\x01\x11\x00"
    return b"".join(
        [
            b"\xff\xd8",
            segment(0xE0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0"),
            more,
            segment(0xDB, bytes(65)),
            segment(0xC0, size),
            segment(0xC4, bytes(20)),
            segment(0xDA, b"\x01\x01\x00\x00\x3f\x00"),
            scan,
            b"\xff\xd9",
        ]
    )


def png(width: int, height: int, *more: tuple[bytes, bytes]) -> bytes:
    """A picture of that size, with chunks beside it."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    data = zlib.compress(b"".join(b"\0" + bytes(8) for _ in range(8)))
    body = [chunk(b"IHDR", header), *(chunk(*each) for each in more), chunk(b"IDAT", data), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(body)


def test_a_picture_is_kept_as_it_is() -> None:
    assert photos.read(jpeg()) == photos.Photo("jpeg", jpeg())
    drawn = initials.png("AB")
    assert photos.read(drawn) == photos.Photo("png", drawn)


def test_what_stands_beside_the_picture_is_left_out() -> None:
    told = segment(0xE1, PLACE) + segment(0xFE, b"my words") + segment(0xED, b"Photoshop 3.0")
    assert photos.read(jpeg(more=told)).data == jpeg()
    profile = segment(0xE2, b"ICC_PROFILE\0")
    assert photos.read(jpeg(more=profile)).data == jpeg(more=profile), "colours need it"
    marked = png(8, 8, (b"tEXt", b"Author\0Jane"), (b"eXIf", PLACE), (b"gAMA", bytes(4)))
    assert photos.read(marked).data == png(8, 8, (b"gAMA", bytes(4)))


def test_what_stands_between_scans_is_left_out_and_scans_stay() -> None:
    second = segment(0xDA, b"\x01\x01\x00\x00\x3f\x00") + b"\x99\xff\xd3\x98"
    both = b"\x12\x34\xff\x00\x56\xff\xd0\x78"
    progressive = jpeg(scan=both + segment(0xE1, PLACE) + segment(0xFE, b"my words") + second)
    assert photos.read(progressive).data == jpeg(scan=both + second)


def test_further_pictures_of_a_camera_are_left_out() -> None:
    """As telephones write them (CIPA DC-007): a list in the first one, and each with its own place."""
    listed = jpeg(more=segment(0xE2, b"MPF\0MM\0*"))
    assert photos.read(listed + jpeg(more=segment(0xE1, PLACE))).data == jpeg()
    with pytest.raises(NoPhoto):
        photos.read(jpeg(scan=b"\x12" + segment(0xC0, struct.pack(">BHHB", 8, 60_000, 60_000, 1) + b"\x01\x11\x00")))


def test_what_follows_the_picture_is_cut_off() -> None:
    for picture in (jpeg(), initials.png("AB")):
        assert photos.read(picture + b"<script>alert(1)</script>").data == picture


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"GIF89a" + bytes(40),
        b"BM" + bytes(40),
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"\xff\xd8\xff",
        b"\xff\xd8\xff\xe0\x00\x00",
        jpeg()[:60],
        jpeg()[:-2],
        b"\xff\xd8" + segment(0xDA, b"\x01\x01\x00\x00\x3f\x00") + b"x\xff\xd9",
        jpeg(width=0),
        jpeg(width=60_000, height=60_000),
        png(100_000, 100_000),
        png(8, 8)[:-6],
        png(8, 8).replace(b"IDAT", b"IDAX"),
        b"\x89PNG\r\n\x1a\n" + b"\0" * 30,
        jpeg(scan=bytes(MOST_BYTES)),
    ],
)
def test_everything_else_is_none(data: bytes) -> None:
    with pytest.raises(NoPhoto):
        photos.read(data)


def test_whatever_bytes_there_are_nothing_else_is_raised() -> None:
    whole = jpeg(more=segment(0xE1, PLACE)), initials.png("XY")
    for picture in whole:
        for at in range(0, len(picture), 3):
            for damaged in (picture[:at], picture[:at] + b"\xff\xff" + picture[at + 2 :], picture[:at] + bytes(40)):
                try:
                    photos.read(damaged)
                except NoPhoto:
                    continue
