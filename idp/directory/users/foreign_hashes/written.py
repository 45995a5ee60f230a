"""Hashes in one text, as databases of tenants keep them beside their people."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac

from argon2 import PasswordHasher, extract_parameters
from argon2.exceptions import InvalidHashError, VerificationError

from idp.directory.users.foreign_hashes import costs
from idp.foundation.scripts.computed import fits_bcrypt

MOST_ROUNDS = 5_000_000
"""Of PBKDF2: a hash that asks for more is none."""
_BCRYPT = ("$2a$", "$2b$", "$2y$")
LARGEST_COST = 16
"""Of bcrypt: four seconds of a processor."""


def fits(password_hash: str, password: str) -> bool:
    """Whether the password fits; a hash of no known form fits nothing."""
    try:
        if password_hash.startswith("$argon2"):
            asked = extract_parameters(password_hash)
            costs.argon2(asked.memory_cost, asked.time_cost, asked.parallelism)
            return PasswordHasher().verify(password_hash, password)
        if password_hash.startswith(_BCRYPT):
            return int(password_hash[4:6]) <= LARGEST_COST and fits_bcrypt(password, password_hash)
        if password_hash.startswith("pbkdf2_"):
            return _django(password_hash, password)
        if password_hash.startswith(("pbkdf2:", "scrypt:")):
            return _werkzeug(password_hash, password)
    except (VerificationError, InvalidHashError, ValueError, binascii.Error):
        return False
    return False


def _django(password_hash: str, password: str) -> bool:
    """``pbkdf2_sha256$rounds$salt$base64``."""
    name, rounds, salt, digest = password_hash.split("$")
    found = _pbkdf2(name.removeprefix("pbkdf2_"), password, salt, int(rounds))
    return hmac.compare_digest(base64.b64encode(found).decode(), digest)


def _werkzeug(password_hash: str, password: str) -> bool:
    """``pbkdf2:sha256:rounds$salt$hex`` and ``scrypt:n:r:p$salt$hex``."""
    method, salt, digest = password_hash.split("$")
    kind, *numbers = method.split(":")
    if kind == "scrypt":
        n, r, p = (int(number) for number in numbers)
        costs.scrypt(n, r, p)
        found = hashlib.scrypt(password.encode(), salt=salt.encode(), n=n, r=r, p=p, maxmem=132 * n * r * p)
    else:
        found = _pbkdf2(numbers[0], password, salt, int(numbers[1]))
    return hmac.compare_digest(found.hex(), digest)


def _pbkdf2(algorithm: str, password: str, salt: str, rounds: int) -> bytes:
    if not 0 < rounds <= MOST_ROUNDS or algorithm not in {"sha1", "sha256", "sha512"}:
        raise ValueError("no such hash")
    return hashlib.pbkdf2_hmac(algorithm, password.encode(), salt.encode(), rounds)
