"""What a worker computes for scripts itself: hashes, random bytes, keys from passwords. Whoever ends the worker ends
that, too.
"""

from __future__ import annotations

import base64
import ctypes
import functools
import hashlib
import hmac
import importlib
import os
from collections.abc import Callable
from typing import Any


def _bytes(text: str) -> bytes:
    return base64.b64decode(text)


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


ALGORITHMS = frozenset({"md5", "sha1", "sha224", "sha256", "sha384", "sha512", "sha3-256", "sha3-384", "sha3-512"})


def _algorithm(name: str) -> str:
    found = str(name).lower().replace("sha-", "sha")
    if found not in ALGORITHMS:
        raise ValueError(f"Unknown hash: {name}"[:100])
    return found.replace("sha3-", "sha3_")


def _hash(request: dict[str, Any]) -> str:
    algorithm, data = _algorithm(request["algorithm"]), _bytes(request["data"])
    if "key" in request:
        return _text(hmac.new(_bytes(request["key"]), data, algorithm).digest())
    return _text(hashlib.new(algorithm, data).digest())


def _size(value: Any, most: int = 65_536) -> int:
    size = int(value)
    if not 0 <= size <= most:
        raise ValueError(f"a size from 0 to {most} is needed")
    return size


def _pbkdf2(request: dict[str, Any]) -> str:
    password, salt = _bytes(request["password"]), _bytes(request["salt"])
    rounds, size = max(1, int(request["iterations"])), _size(request["size"], 1024)
    return _text(hashlib.pbkdf2_hmac(_algorithm(request["algorithm"]), password, salt, rounds, size))


def _scrypt(request: dict[str, Any]) -> str:
    password, salt = _bytes(request["password"]), _bytes(request["salt"])
    n, r, p = int(request["n"]), int(request["r"]), int(request["p"])
    return _text(
        hashlib.scrypt(password, salt=salt, n=n, r=r, p=p, maxmem=64 * 1024 * 1024, dklen=_size(request["size"], 1024))
    )


def _rounds(value: Any) -> int:
    rounds = int(value)
    if not 4 <= rounds <= 31:
        raise ValueError("rounds of bcrypt are from 4 to 31")
    return rounds


def _bcrypt_salt(rounds: Any) -> str:
    return str(_bcrypt().gensalt(_rounds(rounds)).decode())


def _bcrypt_hash(request: dict[str, Any]) -> str:
    salt = request["salt"]
    made = salt if isinstance(salt, str) else _bcrypt_salt(salt)
    return str(_bcrypt().hashpw(request["data"].encode("utf-8", "surrogatepass")[:72], made.encode()).decode())


def fits_bcrypt(password: str, known: str) -> bool:
    """Whether the password fits that hash of bcrypt, which looks at 72 bytes of it."""
    expected = known.encode("utf-8", "replace").replace(b"$2y$", b"$2b$", 1)
    try:
        found: bytes = _bcrypt().hashpw(password.encode("utf-8", "surrogatepass")[:72], expected)
    except ValueError:
        return False
    return hmac.compare_digest(found, expected)


def _bcrypt_compare(request: dict[str, Any]) -> bool:
    return fits_bcrypt(request["data"], request["hash"])


_CRYPT_DATA = 131_232
"""Bytes that crypt_r(3) works in: of glibc's own, which takes more than libxcrypt does."""


@functools.cache
def crypt_of_library() -> Callable[[bytes, bytes], bytes | None] | None:
    """crypt(3) of the system's C library, where it has one: of a password and a setting the hash, None where it knows
    no such setting. Each call has memory of its own: crypt(3) itself answers in a place that all threads share, in
    which whoever is refused could find the hash of somebody else who is not.
    """
    try:
        reentrant = ctypes.CDLL("libcrypt.so.1").crypt_r
    except (OSError, AttributeError):
        return None
    reentrant.restype, reentrant.argtypes = ctypes.c_char_p, (ctypes.c_char_p, ctypes.c_char_p, ctypes.c_void_p)

    def compute(password: bytes, setting: bytes) -> bytes | None:
        found: bytes | None = reentrant(password, setting, ctypes.create_string_buffer(_CRYPT_DATA))
        return found

    return compute


class _LibCrypt:
    """bcrypt of the system's C library, where the package of that name is not installed."""

    def __init__(self) -> None:
        compute = crypt_of_library()
        if compute is None:
            raise OSError("the C library has no crypt_r")
        self._crypt = compute

    def gensalt(self, rounds: int) -> bytes:
        """A new salt."""
        letters = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
        text = "".join(letters[byte & 63] for byte in os.urandom(21))
        return f"$2b${rounds:02}${text}".encode() + letters[(os.urandom(1)[0] & 3) << 4].encode()

    def hashpw(self, password: bytes, salt: bytes) -> bytes:
        """The hash. Raises ValueError."""
        if b"\0" in password:
            raise ValueError("a password cannot hold NUL")
        found = self._crypt(password, salt[:29])
        if found is None or not found.startswith(b"$2") or len(found) != 60:
            raise ValueError("Invalid salt")
        return found


@functools.cache
def _bcrypt() -> Any:
    try:
        return importlib.import_module("bcrypt")
    except ImportError:
        return _LibCrypt()


COMPUTED: dict[str, Callable[[Any], Any]] = {
    "hash": _hash,
    "random": lambda size: _text(os.urandom(_size(size))),
    "pbkdf2": _pbkdf2,
    "scrypt": _scrypt,
    "bcrypt.salt": _bcrypt_salt,
    "bcrypt.hash": _bcrypt_hash,
    "bcrypt.compare": _bcrypt_compare,
}
"""By the name that modules of scripts ask for; they raise ValueError and the like."""


def warm_up() -> None:
    """Load what the first use of each would load."""
    _bcrypt()
    for name in sorted(ALGORITHMS):
        hashlib.new(_algorithm(name), b"")
    hashlib.pbkdf2_hmac("sha1", b"", b"", 1)
