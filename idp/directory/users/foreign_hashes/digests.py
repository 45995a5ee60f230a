"""Digests by the names that others give them, those included that OpenSSL keeps apart as its legacy."""

from __future__ import annotations

import ctypes
import functools
import hashlib
import hmac
import importlib
from collections.abc import Callable
from functools import partial
from typing import Any

ALIASES = {
    "rmd160": "ripemd160",
    "ripemd": "ripemd160",
    "rsa-md4": "md4",
    "rsa-md5": "md5",
    "rsa-mdc2": "mdc2",
    "rsa-ripemd160": "ripemd160",
    "rsa-sha1": "sha1",
    "rsa-sha1-2": "sha1",
    "rsa-sha224": "sha224",
    "rsa-sha256": "sha256",
    "rsa-sha384": "sha384",
    "rsa-sha512": "sha512",
    "md4withrsaencryption": "md4",
    "md5withrsaencryption": "md5",
    "mdc2withrsa": "mdc2",
    "ripemd160withrsa": "ripemd160",
    "sha1withrsaencryption": "sha1",
    "sha224withrsaencryption": "sha224",
    "sha256withrsaencryption": "sha256",
    "sha384withrsaencryption": "sha384",
    "sha512withrsaencryption": "sha512",
    "ssl3-md5": "md5",
    "ssl3-sha1": "sha1",
}
"""Other names of digests (spec/bulk-import-export.md, "custom_password_hash")."""
NAMES = frozenset(
    {"md4", "md5", "mdc2", "ripemd160", "sha1", "sha224", "sha256", "sha384", "sha512", "whirlpool", "sha512_256"}
)


def named(name: str) -> str | None:
    """The digest's own name; None where nobody knows it."""
    lower = name.lower()
    found = ALIASES.get(lower, lower)
    return found if found in NAMES else None


def available(name: str) -> bool:
    """Whether this process can compute it."""
    try:
        hashlib.new(name, b"", usedforsecurity=False)
    except ValueError:
        if not _legacy():
            return False
        try:
            hashlib.new(name, b"", usedforsecurity=False)
        except ValueError:
            return False
    return True


def digest(name: str, data: bytes) -> bytes:
    """The digest of ``data``. Raises ValueError where this process cannot compute it."""
    _require(name)
    return hashlib.new(name, data, usedforsecurity=False).digest()


def again(name: str, first: bytes, rounds: int, after: bytes = b"") -> bytes:
    """The digest of the digest and ``after``, so many times. Raises ValueError like :func:`digest`."""
    _require(name)
    made = first
    new: Callable[[bytes], Any] = partial(hashlib.new, name, usedforsecurity=False)
    if name in hashlib.algorithms_guaranteed:  # the name is looked up once instead of each time
        new = partial(getattr(hashlib, name), usedforsecurity=False)
    for _ in range(rounds):
        made = new(made + after).digest()
    return made


def keyed(name: str, key: bytes, data: bytes) -> bytes:
    """HMAC (RFC 2104). Raises ValueError like :func:`digest`."""
    _require(name)
    return hmac.new(key, data, name).digest()


def stretched(name: str, password: bytes, salt: bytes, rounds: int, length: int) -> bytes:
    """PBKDF2 (RFC 8018). Raises ValueError like :func:`digest`."""
    _require(name)
    return hashlib.pbkdf2_hmac(name, password, salt, rounds, length)


def _require(name: str) -> None:
    if not available(name):
        raise ValueError(f"no digest {name} here")


@functools.cache
def _legacy() -> bool:
    """Have OpenSSL 3 load its legacy provider, which Python has no call for; the usual one has to be named as well."""
    try:
        own = importlib.import_module("_hashlib").__file__
        load = ctypes.CDLL(own).OSSL_PROVIDER_load
    except (ImportError, OSError, AttributeError):
        return False
    load.restype, load.argtypes = ctypes.c_void_p, (ctypes.c_void_p, ctypes.c_char_p)
    return bool(load(None, b"default")) and bool(load(None, b"legacy"))
