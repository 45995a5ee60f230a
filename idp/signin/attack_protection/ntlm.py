"""NTLM hashes of passwords: MD4 (RFC 1320) of the password in UTF-16. Published lists of breached passwords come in
this form, too. OpenSSL no longer offers MD4 by itself, and no library of ours has it; nothing is kept secret with it.
"""

from __future__ import annotations

import struct
from collections.abc import Callable

_MASK = 0xFFFFFFFF
_START = (0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476)
_ORDER_3 = (0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15)
_Mix = Callable[[int, int, int], int]
_ROUNDS: tuple[tuple[_Mix, int, tuple[int, ...], tuple[int, ...]], ...] = (
    (lambda x, y, z: (x & y) | (~x & z), 0, tuple(range(16)), (3, 7, 11, 19)),
    (
        lambda x, y, z: (x & y) | (x & z) | (y & z),
        0x5A827999,
        tuple(row + 4 * column for row in range(4) for column in range(4)),
        (3, 5, 9, 13),
    ),
    (lambda x, y, z: x ^ y ^ z, 0x6ED9EBA1, _ORDER_3, (3, 9, 11, 15)),
)
"""RFC 1320 3.4: how a round mixes, what it adds, in which order it takes the words, and how far it turns."""


def md4(message: bytes) -> bytes:
    """The digest (RFC 1320)."""
    padded = message + b"\x80" + bytes(-(len(message) + 9) % 64) + struct.pack("<Q", 8 * len(message))
    state = _START
    for at in range(0, len(padded), 64):
        words = struct.unpack_from("<16I", padded, at)
        a, b, c, d = state
        for mix, constant, order, turns in _ROUNDS:
            for step, word in enumerate(order):
                value = (a + (mix(b, c, d) & _MASK) + words[word] + constant) & _MASK
                turn = turns[step % 4]
                a, b, c, d = d, (value << turn | value >> (32 - turn)) & _MASK, b, c
        state = (state[0] + a) & _MASK, (state[1] + b) & _MASK, (state[2] + c) & _MASK, (state[3] + d) & _MASK
    return struct.pack("<4I", *state)


def ntlm(password: str) -> bytes:
    """The NTLM hash; a lone surrogate is kept as it is."""
    return md4(password.encode("utf-16-le", "surrogatepass"))
