"""argon2id with a bounded number of hashes at once (security.md X4, I2).

Parameters are OWASP's t=2, m=19 MiB, p=1: 18 ms of CPU here. At most as many hashes as cores run in one process; a
caller waits two seconds for its turn, then gets :class:`Overloaded` (503). Inside an open transaction nothing is
hashed: :class:`idp.foundation.db.slow_work.TransactionOpen`.
"""

from __future__ import annotations

import os
import threading
import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from idp.foundation.db.slow_work import refuse_in_transaction
from idp.foundation.kernel.errors import Overloaded

MAX_PASSWORD_BYTES = 1024
WAIT_S = 2.0


class Argon2Hasher:
    """:class:`connectors.contract.Hasher` over argon2-cffi."""

    def __init__(self, *, slots: int | None = None) -> None:
        self._argon2 = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
        self._slots = threading.BoundedSemaphore(slots or max(1, os.cpu_count() or 1))
        self._dummy: str | None = None

    def hash(self, password: str) -> str:
        """A new hash. Raises ValueError when the password is over MAX_PASSWORD_BYTES (security.md I8)."""
        prepared = prepare(password)
        with self._turn():
            return self._argon2.hash(prepared)

    def verify(self, password_hash: str | None, password: str) -> bool:
        """See :class:`connectors.contract.Hasher`; over-long passwords never fit and cost nothing."""
        try:
            prepared = prepare(password)
        except ValueError:
            return False
        against = password_hash or self._dummy_hash()
        with self._turn():
            try:
                self._argon2.verify(against, prepared)
            except (VerificationError, InvalidHashError):
                return False
        return password_hash is not None

    def outdated(self, password_hash: str) -> bool:
        """See :class:`connectors.contract.Hasher`."""
        return self._argon2.check_needs_rehash(password_hash)

    def _dummy_hash(self) -> str:
        if self._dummy is None:
            self._dummy = self._argon2.hash(os.urandom(16).hex())
        return self._dummy

    def _turn(self) -> _Turn:
        refuse_in_transaction("hashing a password")
        return _Turn(self._slots)


class _Turn:
    def __init__(self, slots: threading.BoundedSemaphore) -> None:
        self._slots = slots

    def __enter__(self) -> None:
        if not self._slots.acquire(timeout=WAIT_S):
            raise Overloaded("Too many people are signing in at this moment. Try again in a few seconds.")

    def __exit__(self, *_: object) -> None:
        self._slots.release()


def prepare(password: str) -> bytes:
    """The exact bytes that are hashed: NFC, UTF-8, nothing cut off or folded (security.md I7). Raises ValueError over
    the limit.
    """
    data = unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")
    if len(data) > MAX_PASSWORD_BYTES:
        raise ValueError("password is too long")
    return data


hasher = Argon2Hasher()
"""The hasher of this process."""
