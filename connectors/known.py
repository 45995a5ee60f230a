"""Strategies by name, of which most are read when somebody first asks for them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, MutableMapping

import msgspec

from connectors.strategy import Strategy


class Known(MutableMapping[str, Strategy]):
    """``built`` are there; those of ``catalogue`` are known by their names alone until ``read`` brings them, since
    reading all of them costs a start more than everything else of the connectors.
    """

    def __init__(self, built: Iterable[Strategy], catalogue: Iterable[str], read: Callable[[str], Strategy]) -> None:
        self._one_at_a_time = threading.Lock()
        self._known: dict[str, Strategy | None] = dict.fromkeys(catalogue)
        self._known |= {strategy.name: strategy for strategy in built}
        self._read = read

    def __getitem__(self, name: str) -> Strategy:
        """The strategy. Raises KeyError."""
        found = self._known[name]
        return self._brought(name) if found is None else found

    def __setitem__(self, name: str, strategy: Strategy) -> None:
        """Put a strategy in."""
        self._known[name] = strategy

    def __delitem__(self, name: str) -> None:
        """Take one out. Raises KeyError."""
        del self._known[name]

    def __iter__(self) -> Iterator[str]:
        """The names; reads nothing."""
        return iter(self._known)

    def __len__(self) -> int:
        """How many there are."""
        return len(self._known)

    def __contains__(self, name: object) -> bool:
        """Whether there is one of that name; reads nothing."""
        return name in self._known

    def _brought(self, name: str) -> Strategy:
        """One thread at a time, and what msgspec has to learn of the options is learnt before others see the type: it
        dies where two threads learn at once.
        """
        with self._one_at_a_time:
            found = self._known[name]
            if found is None:
                found = self._read(name)
                msgspec.json.Decoder(found.options)
                self._known[name] = found
            return found
