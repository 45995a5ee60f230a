"""Phone provider protection: where a tenant wants it, the wait between two messages to one number doubles with each of
them, so that a bill grows slowly whatever the limits of an hour allow (toll fraud).
"""

from __future__ import annotations

from typing import Final

from idp.foundation.ephemeral import counters
from idp.foundation.tenancy.work import Work

FIRST_WAIT_MS: Final = 30_000
LEVEL_MS: Final = 3_600_000
"""After so long without a message the wait is short again."""
HIGHEST: Final = 6


def wait(work: Work, who: str) -> int | None:
    """Seconds until another message may go out for ``who``, None where it may, which is counted. ``who`` is a person
    who proved something, or a number with the network that asks: a stranger never makes the owner of a number wait.
    """
    if work.config.attack_protection.phone_provider_protection.type != "exponential":
        return None
    level, _ = counters.increment(work, f"phone-level:{who}"[:200], LEVEL_MS)
    window_ms = FIRST_WAIT_MS << min(level - 1, HIGHEST)
    count, left_ms = counters.increment(work, f"phone-wait:{who}"[:200], window_ms)
    return None if count == 1 else max(1, (left_ms + 999) // 1000)
