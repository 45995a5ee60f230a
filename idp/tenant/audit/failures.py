"""Log entries that anybody can cause without an account: an endpoint that is asked in vain again and again must not
fill the log.

Of one kind, client and network the first hundred in an hour are written, then only the thousandth, the ten thousandth
and so on, which say how many there were. Each process counts for itself. ``IDP_RATE_LIMITS=off`` writes them all.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from typing import Any

from idp.foundation.kernel.log_types import LogType
from idp.foundation.tenancy.work import Work
from idp.tenant.audit import log

WRITTEN = 100
WINDOW_S = 3_600.0
_MANY = 10_000


class Repeats:
    """Counts by key, in windows that begin with the first of a key."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: dict[tuple[str, ...], tuple[float, int]] = {}

    def count(self, *key: str) -> int:
        """Count one more; how many there were in the key's window."""
        now = time.monotonic()
        with self._lock:
            began, count = self._counts.get(key, (now, 0))
            if now - began >= WINDOW_S:
                began, count = now, 0
            if count == 0 and len(self._counts) >= _MANY:
                self._forget(now)
            self._counts[key] = (began, count + 1)
            return count + 1

    def _forget(self, now: float) -> None:
        """What is over; and half of the rest, the oldest, where nothing is."""
        live = {key: each for key, each in self._counts.items() if now - each[0] < WINDOW_S}
        if len(live) >= _MANY:
            live = dict(sorted(live.items(), key=_began)[len(live) // 2 :])
        self._counts = live


def write(work: Work, kind: LogType, description: str | None = None, **members: Any) -> None:
    """:func:`idp.tenant.audit.log.write`, while there are not too many."""
    counted = _counted(work, kind, members)
    if counted is not None:
        log.write(work, kind, description, **counted)


def add(work: Work, kind: LogType, description: str | None = None, **members: Any) -> None:
    """The like for the batch of this process."""
    counted = _counted(work, kind, members)
    if counted is not None:
        log.batch.add(work, kind, description, **counted)


def _counted(work: Work, kind: LogType, members: Mapping[str, Any]) -> dict[str, Any] | None:
    """The members to write, with the number of repeats where that says something; None where nothing is written."""
    if not work.platform.settings.rate_limits:
        return dict(members)
    count = repeats.count(work.tenant_id, kind.value, str(members.get("client_id") or ""), work.network)
    if count <= WRITTEN:
        return dict(members)
    if count < WRITTEN * 10 or str(count).strip("0") != "1":
        return None
    return {**members, "details": {**(members.get("details") or {}), "repeated": count}}


def _began(entry: tuple[tuple[str, ...], tuple[float, int]]) -> float:
    return entry[1][0]


repeats = Repeats()
"""The counts of this process."""
