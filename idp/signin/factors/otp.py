"""Time-based one-time passwords (RFC 6238): SHA-1, six digits, steps of 30 s; and what an app reads them by.

Our own HMAC: seeds of people who come from elsewhere may be shorter than libraries take (spec/login-factors.md,
"Codes").
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import struct
from urllib.parse import quote, urlencode

from idp.foundation.kernel import clock

STEP_S, DIGITS = 30, 6
SEED_BYTES = 20
AROUND = (0, -1, 1)
"""Steps that are looked at: this one, the one before, the next."""
LONGEST_SEED = 1_024
ENDS_NO_BYTE = {1, 3, 6}
"""Lengths of a last group of Base32 whose last letter belongs to no whole byte (RFC 4648 section 6)."""


def new_seed() -> str:
    """160 bits in Base32, without padding."""
    return base64.b32encode(secrets.token_bytes(SEED_BYTES)).decode().rstrip("=")


def key_of(seed: str) -> bytes | None:
    """The key that a Base32 text stands for: blanks, hyphens, lower case and missing padding do not matter, nor does a
    last letter that ends no byte, which apps leave out as well. None where it is none.
    """
    letters = "".join(seed.split()).replace("-", "").rstrip("=").upper()
    if not letters or len(letters) > LONGEST_SEED:
        return None
    if len(letters) % 8 in ENDS_NO_BYTE:
        letters = letters[:-1]
    try:
        return base64.b32decode(letters + "=" * (-len(letters) % 8)) or None
    except ValueError:
        return None


def code(key: bytes, step: int) -> str:
    """The code of that step (RFC 4226 5.3)."""
    mac = hmac.new(key, struct.pack(">Q", step), hashlib.sha1).digest()
    at = mac[-1] & 15
    number = int.from_bytes(mac[at : at + 4], "big") & 0x7FFFFFFF
    return f"{number % 10**DIGITS:0{DIGITS}d}"


def step_of(seed: str, typed: str) -> int | None:
    """The step whose code was typed, among those around now; None for a wrong one."""
    key, digits = key_of(seed), digits_of(typed)
    if key is None or len(digits) != DIGITS:
        return None
    now = clock.now_ms() // 1000 // STEP_S
    found = None
    for around in AROUND:
        if hmac.compare_digest(code(key, now + around), digits) and found is None:
            found = now + around
    return found


def digits_of(typed: str) -> str:
    """What was typed without blanks, digits of every script as ASCII ones; nothing where it is no number."""
    letters = [each for each in typed[:64] if not each.isspace() and each != "-"]
    return "".join(str(int(each)) for each in letters) if all(each.isdecimal() for each in letters) else ""


def address(seed: str, *, issuer: str, account: str) -> str:
    """``otpauth://`` for the app: what the QR code says."""
    label = f"{quote(issuer, safe='')}:{quote(account, safe='')}"
    said = {"secret": seed, "issuer": issuer, "algorithm": "SHA1", "digits": DIGITS, "period": STEP_S}
    return f"otpauth://totp/{label}?{urlencode(said, quote_via=quote)}"


def grouped(seed: str) -> str:
    """The key in groups of four, for whoever types it."""
    return " ".join(seed[at : at + 4] for at in range(0, len(seed), 4))
