"""Sources that are down or slow, as this process knows them (reliability RL4, RL5; security.md CO9, CO10).

A source that did not answer five times in a row rests: whoever would sign in there is told at once. Every half minute
one of them tries whether it is back. And no source holds more than its part of the places for work that waits, so that
one that hangs leaves the others theirs.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from connectors.contract import UNAVAILABLE, ConnectorError
from idp.directory.connections.runtime import ConnectionConfig
from idp.foundation.tenancy.work import Work

MOST_FAILURES = 5
PROBE_S = 30.0
MOST_WAITING = 8
"""Sign-ins that wait for one source at a time: a quarter of the places for calls (:mod:`idp.processes.room`)."""
DOES_NOT_ANSWER = "The identity provider does not answer."


@dataclass
class _Source:
    failures: int = 0
    waiting: int = 0
    rests_until: float = 0.0


class Availability:
    """What is known of sources that fail or are being asked; of all others nothing is kept."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._sources: dict[tuple[str, str], _Source] = {}

    @contextmanager
    def asking(self, work: Work, connection: ConnectionConfig) -> Iterator[None]:
        """Around whatever asks the source of ``connection``.

        :raises ConnectorError: ``temporarily_unavailable``: it rests, or too many wait for it; else what the block
            raises.
        """
        key = (work.tenant_id, connection.id)
        self._enter(key)
        failed: bool | None = None  # what else goes wrong says nothing about the source
        try:
            yield
            failed = False
        except ConnectorError as error:
            failed = error.code == UNAVAILABLE
            raise
        finally:
            self._leave(key, failed)

    @contextmanager
    def hearing(self, work: Work, connection: ConnectionConfig) -> Iterator[None]:
        """Around a message that comes unasked, from the source or from a stranger: it takes one of the source's places,
        is heard while the source rests, too, and says nothing about whether the source answers.

        :raises ConnectorError: ``temporarily_unavailable``: too many wait; else what the block raises.
        """
        key = (work.tenant_id, connection.id)
        self._enter(key, asks=False)
        try:
            yield
        finally:
            self._leave(key, None)

    def rests(self, work: Work, connection: ConnectionConfig) -> bool:
        """Whether nobody but a probe asks the source."""
        with self._lock:
            source = self._sources.get((work.tenant_id, connection.id))
            return source is not None and source.failures >= MOST_FAILURES

    def forget(self) -> None:
        """Everything: tests begin so."""
        with self._lock:
            self._sources.clear()

    def _enter(self, key: tuple[str, str], *, asks: bool = True) -> None:
        with self._lock:
            source = self._sources.setdefault(key, _Source())
            if asks and source.failures >= MOST_FAILURES:
                if self._now() < source.rests_until:
                    raise ConnectorError(UNAVAILABLE, DOES_NOT_ANSWER, detail="it rests after it failed repeatedly")
                source.rests_until = self._now() + PROBE_S  # this one tries, whoever comes meanwhile does not
            if source.waiting >= MOST_WAITING:
                raise ConnectorError(UNAVAILABLE, DOES_NOT_ANSWER, detail="too many sign-ins wait for it already")
            source.waiting += 1

    def _leave(self, key: tuple[str, str], failed: bool | None) -> None:
        with self._lock:
            source = self._sources.setdefault(key, _Source(waiting=1))
            source.waiting -= 1
            if failed:
                source.failures += 1
                source.rests_until = self._now() + PROBE_S
            elif failed is False:
                source.failures = 0
            if not source.failures and not source.waiting:
                del self._sources[key]


sources = Availability()
"""What this process knows."""
