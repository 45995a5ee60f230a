"""Polls that wait (RFC 8936 2.2, ``returnImmediately`` false): answered when there is something, or after a while.

A poll that waits has a thread to itself and nothing else: neither a place among those that work nor a connection. So
few wait in each process, one of each stream, and the others are answered at once, as the standard lets a transmitter
(decision 0418).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Final

from idp.applications.clients.runtime import ClientConfig
from idp.foundation.db.slow_work import slow_work
from idp.foundation.kernel.errors import Overloaded
from idp.foundation.kernel.place import Slow, of_this_thread
from idp.foundation.tenancy.work import Work
from idp.protocol.signals import kept, runtime, service
from idp.protocol.signals.kept import Kept
from idp.protocol.signals.runtime import StreamConfig

WAIT_S: Final = 8.0
"""A process that is told to stop lets what it began finish for ten seconds: a poll is over by then."""
LOOK_S: Final = 1.0
"""How often it looks; whatever process an event came by."""
_streams: set[tuple[str, str]] = set()
_lock = threading.Lock()


def events(work: Work, client: ClientConfig, stream: StreamConfig, amount: int) -> list[Kept]:
    """What waits for the stream, as soon as something does; nothing after :data:`WAIT_S`, or where too many wait.

    :raises OAuthError: 404: the stream was deleted meanwhile.
    """
    with _alone(work, stream) as may_wait:
        if not may_wait or not _waited(work, stream):
            return []
    work.refresh()
    stream = service.own(work, client, stream.id)
    return kept.waiting(work, stream, amount) if runtime.may_hear(work, stream) else []


def _waited(work: Work, stream: StreamConfig) -> bool:
    """Wait until there is something, or long enough; False where that can't be."""
    until = time.monotonic() + WAIT_S
    while time.monotonic() < until:
        try:
            with slow_work("waiting for events", Slow.WAITING):
                time.sleep(LOOK_S)
        except Overloaded:
            return False
        if kept.waiting(work, stream, 1):
            break
    return True


@contextmanager
def _alone(work: Work, stream: StreamConfig) -> Iterator[bool]:
    """Whether this thread may wait: it can give up its place meanwhile, and no other poll of the stream waits here."""
    who = (work.tenant_id, stream.id)
    with _lock:
        first = of_this_thread.away is not nullcontext and who not in _streams
        if first:
            _streams.add(who)
    try:
        yield first
    finally:
        if first:
            with _lock:
                _streams.discard(who)
