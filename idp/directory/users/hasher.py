"""argon2id with a bounded number of hashes at once (security.md X4, I2).

Parameters are OWASP's t=2, m=19 MiB, p=1: 18 ms of CPU here. Hashes are computed by threads of their own, as many as
cores, that step back behind everything else the machine does; a caller waits two seconds for its turn, then gets
:class:`Overloaded` (503). Inside an open transaction nothing is hashed:
:class:`idp.foundation.db.slow_work.TransactionOpen`.
"""

from __future__ import annotations

import os
import threading
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from idp.directory.users import foreign_hashes
from idp.foundation.db.slow_work import slow_work
from idp.foundation.kernel.errors import Overloaded
from idp.foundation.kernel.memory import Calm
from idp.foundation.kernel.place import Slow

MAX_PASSWORD_BYTES = 1024
WAIT_S = 2.0
NICENESS = 5
"""How far hashing steps back (nice(2)), so that it takes what other requests leave."""
OURS = "$argon2id$"
"""What our own hashes begin with."""
T = TypeVar("T")
_calm = Calm()


class Argon2Hasher:
    """:class:`connectors.contract.Hasher` over argon2-cffi."""

    def __init__(self, *, slots: int | None = None) -> None:
        self._argon2 = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
        self._slots = slots or max(1, os.cpu_count() or 1)
        self._turns = threading.BoundedSemaphore(self._slots)
        self._threads: tuple[int, ThreadPoolExecutor] | None = None
        self._lock = threading.Lock()
        self._dummy: str | None = None

    def hash(self, password: str) -> str:
        """A new hash. Raises ValueError when the password is over MAX_PASSWORD_BYTES (security.md I8)."""
        prepared = prepare(password)
        return self._in_turn(lambda: self._argon2.hash(prepared))

    def verify(self, password_hash: str | None, password: str) -> bool:
        """See :class:`connectors.contract.Hasher`; over-long passwords never fit and cost nothing."""
        try:
            prepared = prepare(password)
        except ValueError:
            return False
        if password_hash is not None and not password_hash.startswith(OURS):
            return self._in_turn(lambda: self._fits_foreign(password_hash, password, prepared))
        return self._in_turn(lambda: self._fits(password_hash or self._dummy_hash(), prepared)) and bool(password_hash)

    def fits(self, password_hash: str, password: str) -> bool:
        """See :class:`connectors.contract.Hasher`."""
        if len(password.encode("utf-8", "surrogatepass")) > MAX_PASSWORD_BYTES:
            return False
        return self._in_turn(lambda: foreign_hashes.fits(password_hash, password))

    def outdated(self, password_hash: str) -> bool:
        """See :class:`connectors.contract.Hasher`."""
        return not password_hash.startswith(OURS) or self._argon2.check_needs_rehash(password_hash)

    def _fits_foreign(self, password_hash: str, password: str, prepared: bytes) -> bool:
        """A hash that was imported. A wrong password costs what it costs with ours besides, so that nobody learns from
        the time which accounts came from elsewhere.
        """
        if foreign_hashes.is_imported(password_hash):
            fits = foreign_hashes.fits_imported(password_hash, password)
        else:
            fits = foreign_hashes.fits(password_hash, password)
        if not fits:
            self._fits(self._dummy_hash(), prepared)
        return fits

    def _fits(self, password_hash: str, prepared: bytes) -> bool:
        try:
            return self._argon2.verify(password_hash, prepared)
        except (VerificationError, InvalidHashError):
            return False

    def _dummy_hash(self) -> str:
        if self._dummy is None:
            self._dummy = self._argon2.hash(os.urandom(16).hex())
        return self._dummy

    def _in_turn(self, compute: Callable[[], T]) -> T:
        with slow_work("hashing a password", Slow.HASHING):
            if not self._turns.acquire(timeout=WAIT_S):
                raise Overloaded("Too many people are signing in at this moment. Try again in a few seconds.")
            try:
                return self._pool().submit(compute).result()
            finally:
                self._turns.release()
                _calm.something_large_was_done()

    def _pool(self) -> ThreadPoolExecutor:
        """The threads of this process: those of the process that forked it did not come along."""
        with self._lock:
            if self._threads is None or self._threads[0] != os.getpid():
                self._threads = os.getpid(), ThreadPoolExecutor(self._slots, "hashing", initializer=_step_back)
            return self._threads[1]


def _step_back() -> None:
    """On Linux a thread has a niceness of its own (sched(7))."""
    os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), os.getpriority(os.PRIO_PROCESS, 0) + NICENESS)


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
