"""Phone provider protection: where a tenant wants it, the wait between two messages to one number doubles with each of
them, so that a bill grows slowly whatever the limits of an hour allow (toll fraud).
"""

from __future__ import annotations

from typing import Final

from idp.foundation.ephemeral import counters
from idp.foundation.tenancy.work import Work

FIRST_WAIT_MS: Final = 30_000
STEPS: Final = 6
"""How often the wait doubles."""


def wait(work: Work, who: str) -> int | None:
    """Seconds until another message may go out for ``who``, None where it may, which is counted. ``who`` is a person
    who proved something, or a number with the network that asks: a stranger never makes the owner of a number wait.

    One message in the first wait, two in that and twice as long, three in those and four times as long...
    """
    if work.config.attack_protection.phone_provider_protection.type != "exponential":
        return None
    for step in range(1, STEPS + 1):
        count, left_ms = counters.increment(work, f"phone-wait-{step}:{who}"[:200], FIRST_WAIT_MS * (2**step - 1))
        if count > step:
            return max(1, (left_ms + 999) // 1000)
    return None
