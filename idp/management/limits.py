"""Requests per client and second, and the headers that say how many are left (spec/management-api.md section 2).

Counted in each worker process: the limit protects a process from one runaway script, it is no quota.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from idp.foundation.kernel.errors import TooManyRequests

PER_WINDOW = 500
WINDOW_S = 5
_MANY = 10_000


@dataclass(frozen=True)
class Allowance:
    """What is left of a window that ends at ``reset`` (seconds since the epoch)."""

    limit: int
    remaining: int
    reset: int

    def headers(self) -> dict[str, str]:
        """As headers."""
        return {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(self.remaining),
            "X-RateLimit-Reset": str(self.reset),
        }


class Limiter:
    """Fixed windows by key: ``limit`` requests in ``window_s`` seconds."""

    def __init__(
        self, now: Callable[[], float], *, limit: int = PER_WINDOW, enforced: bool = True, window_s: int = WINDOW_S
    ) -> None:
        self._now = now
        self._limit = limit
        self._window_s = window_s
        self._enforced = enforced
        self._counts: dict[tuple[str, int], int] = {}

    def take(self, key: str) -> Allowance:
        """Count one request.

        :raises TooManyRequests: none is left; with ``Retry-After`` and the other headers.
        """
        now = self._now()
        window = int(now // self._window_s)
        if len(self._counts) > _MANY:
            self._counts = {slot: count for slot, count in self._counts.items() if slot[1] == window}
        count = self._counts[key, window] = self._counts.get((key, window), 0) + 1
        reset = (window + 1) * self._window_s
        allowance = Allowance(self._limit, max(0, self._limit - count), reset)
        if self._enforced and count > self._limit:
            wait = max(1, math.ceil(reset - now))
            headers = {**allowance.headers(), "Retry-After": str(wait)}
            raise TooManyRequests("Global limit has been reached", "too_many_requests", headers=headers)
        return allowance
