"""Slow work: hashing, mail, outbound calls; and what the thread that does it holds of the store.

Everybody who writes would wait for slow work inside a transaction, so there it refuses to begin; what else the thread
holds is lent to others meanwhile.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from idp.foundation.kernel.place import Slow, of_this_thread


class TransactionOpen(RuntimeError):
    """Slow work was about to begin inside a transaction: a defect of the caller, who looks first, then does the slow
    part, then writes in one short transaction.
    """


class Resting(Protocol):
    """A connection that can wait in its pool."""

    def rest(self) -> None:
        """Back to the pool until the next statement."""


class _Held(threading.local):
    def __init__(self) -> None:
        self.transactions = 0
        self.slow_work = False
        self.connections: list[Resting] = []


held = _Held()
"""What this thread has open."""


def transactions_open() -> int:
    """How many transactions this thread has open."""
    return held.transactions


@contextmanager
def slow_work(name: str, kind: Slow = Slow.CALLS) -> Iterator[None]:
    """Around slow work: meanwhile this thread holds nothing that others wait for.

    Its connections go back to their pool, and whoever owns the thread gives its place to another one
    (:mod:`idp.foundation.kernel.place`). Raises TransactionOpen where a transaction is open, Overloaded where too much
    slow work of that kind is under way.
    """
    if held.transactions:
        raise TransactionOpen(f"{name} inside an open transaction: do it before the transaction begins")
    if held.slow_work:
        yield  # part of what is under way already
        return
    for connection in held.connections:
        connection.rest()
    with of_this_thread.away(kind):
        held.slow_work = True
        try:
            yield
        finally:
            held.slow_work = False
