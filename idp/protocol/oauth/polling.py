"""How often an application asks whether a person has answered (RFC 8628 3.5, CIBA Core 11): who asks too soon has to
wait five seconds more from then on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import msgspec

from idp.foundation.db.driver_errors import UniqueViolation
from idp.foundation.ephemeral import one_time
from idp.foundation.kernel import clock
from idp.foundation.tenancy.work import Work

INTERVAL_S: Final = 5


class _Polled(msgspec.Struct, frozen=True):
    """When somebody asked last (ms), and how long they have to wait in between (s)."""

    at: int
    interval_s: int = INTERVAL_S


@dataclass(frozen=True)
class Wait:
    """Nobody has answered yet. ``hurried``: it was asked before ``interval_s`` (s) had passed."""

    interval_s: int
    hurried: bool


def asked(work: Work, kind: str, key: str, ttl_ms: int) -> Wait:
    """Somebody asked, and there is no answer yet; polls of that ``kind`` are remembered for ``ttl_ms``."""
    before, _ = one_time.read(work, kind, key, _Polled)
    moment = clock.now_ms()
    if before is None:
        return _first(work, kind, key, moment, ttl_ms)
    hurried = moment - before.at < before.interval_s * 1000
    interval = before.interval_s + INTERVAL_S if hurried else before.interval_s
    one_time.change(work, kind, key, _Polled(moment, interval))
    return Wait(interval, hurried)


def _first(work: Work, kind: str, key: str, moment: int, ttl_ms: int) -> Wait:
    try:
        one_time.put(work, kind, key, _Polled(moment), ttl_ms=ttl_ms)
    except UniqueViolation:  # two at once
        return Wait(INTERVAL_S, hurried=True)
    return Wait(INTERVAL_S, hurried=False)
