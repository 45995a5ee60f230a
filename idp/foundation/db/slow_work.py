"""What slow work owes the database: it begins outside of transactions, and what waits for another machine keeps no
connection meanwhile (docs/decisions/0031, 0093).
"""

from __future__ import annotations

import threading
from typing import Protocol


class Connection(Protocol):
    """A connection that a thread has taken from a pool (:class:`idp.foundation.db.hot.HotConnection`)."""

    def step_aside(self) -> None:
        """Back to the pool until the next statement, where nothing stands on it."""


class _OfThread(threading.local):
    """What one thread has open."""

    def __init__(self) -> None:
        self.transactions = 0
        self.connections: list[Connection] = []


_here = _OfThread()


class TransactionOpen(RuntimeError):
    """Slow work was about to begin inside a transaction: a defect of the caller, who looks first, then does the slow
    part, then writes in one short transaction.
    """


def transactions_open() -> int:
    """How many transactions this thread has open."""
    return _here.transactions


def refuse_in_transaction(slow_work: str) -> None:
    """Slow work (hashing, mail, outbound calls) calls this before it begins, since everybody who writes would wait for
    it. Raises TransactionOpen where this thread has a transaction open.
    """
    if _here.transactions:
        raise TransactionOpen(f"{slow_work} inside an open transaction: do it before the transaction begins")


def begin_waiting(slow_work: str) -> None:
    """:func:`refuse_in_transaction`, for work that waits for another machine: this thread's connections go back to
    their pools until their next statement, so that a silent neighbour keeps nobody from the database.
    """
    refuse_in_transaction(slow_work)
    for each in tuple(_here.connections):
        each.step_aside()


def count_transaction(change: int) -> None:
    """A transaction of this thread began (1) or ended (-1)."""
    _here.transactions += change


def taken(connection: Connection) -> None:
    """It was taken from its pool by this thread."""
    _here.connections.append(connection)


def given_back(connection: Connection) -> None:
    """It went back to its pool."""
    if connection in _here.connections:
        _here.connections.remove(connection)
