"""What this process gives back to the machine (decision 0135). Only glibc can be told; elsewhere nothing happens.

Each thread that computes an argon2 hash leaves its 19 MiB with the allocator, and glibc gives each thread a heap of its
own.
"""

from __future__ import annotations

import ctypes
import os
import sys
import threading
import time
from typing import Any, Final

ARENAS: Final = 1
"""Heaps of a process. Python's threads take turns anyhow, and only of the first one glibc gives back the end."""
CALM_S: Final = 3.0
"""How long nothing large was done before its memory goes back."""
KEPT_BYTES: Final = 256 * 1024 * 1024
"""What may lie free at the end of the heap until it is calm: to give it back after each hash and to ask for it again at
the next one costs 3 ms of zeroed pages each time.
"""
FROM_THE_HEAP_BYTES: Final = 32 * 1024 * 1024
"""What is smaller than this comes from the heap, the memory of a hash too; it is as large as glibc lets it be."""
_M_ARENA_MAX: Final = -8  # malloc.h
_M_MMAP_THRESHOLD: Final = -3
_M_TRIM_THRESHOLD: Final = -1


def few_arenas() -> None:
    """Before the first thread starts: all of them share the same heaps, and keep what they will need again."""
    libc = _glibc()
    if libc is not None:
        libc.mallopt(_M_ARENA_MAX, ARENAS)
        libc.mallopt(_M_MMAP_THRESHOLD, FROM_THE_HEAP_BYTES)
        libc.mallopt(_M_TRIM_THRESHOLD, KEPT_BYTES)


def give_back() -> None:
    """What is free goes back to the machine."""
    libc = _glibc()
    if libc is not None:
        libc.malloc_trim(0)


def fill_gaps() -> None:
    """Take what is free between what is in use, and keep it, before processes are forked: whatever they make goes to
    pages of its own then, where it would have made a copy of each shared page with a gap (decision 0474). Half a MiB
    of gaps made 4 MiB of copies in each process.

    Gaps of Python's own allocator are full when a piece begins a new pool, those of glibc when a piece lies behind all
    others. Where Python's pools are others than those of CPython 3.11 to 3.13, they are left alone.
    """
    taken: list[bytes] = []
    for size in range(_SMALLEST_PIECE, _LARGEST_PIECE + 1, _STEP):
        of_this_size: list[bytes] = []
        while len(of_this_size) < _MOST_PIECES:
            of_this_size.append(bytes(size - _EMPTY))
            if id(of_this_size[-1]) % _POOL == _POOL_HEAD:
                taken += of_this_size
                break
    _KEPT.append(taken)
    libc = _glibc()
    if libc is not None:
        libc.malloc.restype = ctypes.c_void_p
        libc.malloc.argtypes = (ctypes.c_size_t,)
        libc.free.argtypes = (ctypes.c_void_p,)
        behind = libc.malloc(_BEHIND_ALL)
        libc.free(behind)
        for size in _GLIBC_PIECES:
            for _ in range(_MOST_PIECES):
                piece = libc.malloc(size)
                if piece is None or piece >= behind:
                    libc.free(piece)
                    break


_KEPT: Final[list[object]] = []
_EMPTY: Final = sys.getsizeof(b"")
_SMALLEST_PIECE: Final = 48
_LARGEST_PIECE: Final = 512  # what is larger comes from glibc
_STEP: Final = 16
_POOL: Final = 16 * 1024
_POOL_HEAD: Final = 48
_MOST_PIECES: Final = 8 * 1024
_BEHIND_ALL: Final = 1024 * 1024
_GLIBC_PIECES: Final = (65536, 16384, 8192, 4096, 2048, 1024, 768, 512, 384, 256, 192, 128, 96, 64, 48, 24)


class Calm:
    """Gives memory back once nothing large was done for :data:`CALM_S`. Its thread exists only until then."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last = 0.0
        self._watched_by: int | None = None

    def something_large_was_done(self) -> None:
        """Its memory is free now, and kept for the next one for a while."""
        self._last = time.monotonic()
        if self._watched_by != os.getpid():
            self._watch()

    def _watch(self) -> None:
        with self._lock:
            if self._watched_by == os.getpid():
                return
            self._watched_by = os.getpid()
        threading.Thread(target=self._wait, name="memory", daemon=True).start()

    def _wait(self) -> None:
        while (left := self._last + CALM_S - time.monotonic()) > 0:
            time.sleep(left)
        self._watched_by = None  # before the look at it ends: whoever comes now starts another
        give_back()


def _glibc() -> Any:
    """The C library, where it has these calls."""
    try:
        libc = ctypes.CDLL(None)
    except OSError:
        return None
    return libc if hasattr(libc, "malloc_trim") and hasattr(libc, "mallopt") else None
