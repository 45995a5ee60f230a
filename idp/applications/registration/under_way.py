"""Looking at a client's address again: one request at a time does, and the others go by what was known, as far as it
still counts. Else an address that answers slowly would hold every request of a client that many people use.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class UnderWay:
    """What requests of this process look at just now."""

    def __init__(self) -> None:
        self._names: set[tuple[str, str]] = set()
        self._lock = threading.Lock()

    def __contains__(self, name: tuple[str, str]) -> bool:
        with self._lock:
            return name in self._names

    @contextmanager
    def looking(self, name: tuple[str, str]) -> Iterator[None]:
        """While inside it is looked at; whoever begins last says so, too."""
        with self._lock:
            self._names.add(name)
        try:
            yield
        finally:
            with self._lock:
                self._names.discard(name)
