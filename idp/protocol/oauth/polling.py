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
from idp.foundation.kernel.errors import OAuthError
from idp.foundation.tenancy.work import Work

INTERVAL_S: Final = 5


class _Polled(msgspec.Struct, frozen=True):
    """When somebody asked last (ms), and how long they have to wait in between (s)."""

    at: int
    interval_s: int = INTERVAL_S


@dataclass(frozen=True)
class Polls:
    """Polls of one kind, remembered for ``ttl_ms``; ``who`` asks, and ``pending`` says that there is no answer yet."""

    kind: str
    who: str
    pending: str

    def ask(self, work: Work, key: str, ttl_ms: int) -> OAuthError:
        """There is no answer yet: what whoever asked is told."""
        before, _ = one_time.read(work, self.kind, key, _Polled)
        moment = clock.now_ms()
        if before is None:
            return self._first(work, key, moment, ttl_ms)
        hurried = moment - before.at < before.interval_s * 1000
        interval = before.interval_s + INTERVAL_S if hurried else before.interval_s
        one_time.change(work, self.kind, key, _Polled(moment, interval))
        return self._hurried(interval) if hurried else self._pending()

    def _first(self, work: Work, key: str, moment: int, ttl_ms: int) -> OAuthError:
        try:
            one_time.put(work, self.kind, key, _Polled(moment), ttl_ms=ttl_ms)
        except UniqueViolation:  # two at once
            return self._hurried(INTERVAL_S)
        return self._pending()

    def _pending(self) -> OAuthError:
        return OAuthError("authorization_pending", self.pending)

    def _hurried(self, interval_s: int) -> OAuthError:
        return OAuthError("slow_down", f"{self.who} may ask every {interval_s} seconds")
