"""Pictures of people without one: Gravatar's, which demands a raster image to fall back to, else their initials."""

from __future__ import annotations

import struct
import zlib
from urllib.parse import parse_qs, urlsplit

import pytest

from idp.directory.users import initials, normalize
from tests.world.world import World


def test_gravatar_is_given_a_raster_image_of_ours(world: World) -> None:
    address = normalize.picture(world.issuer, "Jane@example.com", "jane")
    (fallback,) = parse_qs(urlsplit(address).query)["d"]
    assert fallback == f"{world.issuer}avatars/ja.png"
    answer = world.get(urlsplit(fallback).path)
    assert (answer.status_code, answer.mimetype) == (200, "image/png")
    assert "max-age" in answer.headers["Cache-Control"]


def test_without_an_address_the_initials_are_drawn_by_the_browser(world: World) -> None:
    address = normalize.picture(world.issuer, None, "jane")
    assert address == f"{world.issuer}avatars/ja.svg"
    assert world.get(urlsplit(address).path).mimetype == "image/svg+xml"


@pytest.mark.parametrize("letters", [*"abcdefghijklmnopqrstuvwxyz0123456789", "ab", "w9"])
def test_every_letter_and_digit_is_drawn(letters: str) -> None:
    picture = initials.png(letters)
    assert picture.startswith(b"\x89PNG\r\n\x1a\n")
    chunks, rest = {}, picture[8:]
    while rest:
        (length,) = struct.unpack(">I", rest[:4])
        kind, body = rest[4:8], rest[8 : 8 + length]
        assert struct.unpack(">I", rest[8 + length : 12 + length])[0] == zlib.crc32(kind + body)
        chunks[kind], rest = body, rest[12 + length :]
    assert struct.unpack(">II", chunks[b"IHDR"][:8]) == (initials.SIDE, initials.SIDE)
    pixels = zlib.decompress(chunks[b"IDAT"])
    assert len(pixels) == initials.SIDE * (initials.SIDE + 1)
    assert pixels.count(b"\x1f") > 200, "strokes in full white"


@pytest.mark.parametrize("path", ["/avatars/abc.png", "/avatars/%C3%A4.png", "/avatars/-.png", "/avatars/a.gif"])
def test_nothing_else_is_drawn(world: World, path: str) -> None:
    assert world.get(path).status_code == 404
