"""How often somebody's second factor may be guessed: counted per person over all of their sign-ins before a proof is
looked at, and never switched off (security.md O5, I6).
"""

from __future__ import annotations

from idp.foundation.ephemeral import counters
from idp.foundation.tenancy.work import Work
from idp.signin.factors.kinds.contract import Kind


def begin(work: Work, user_id: str, kind: Kind) -> int | None:
    """Count a try; None while there may be one, else the seconds until the next."""
    count, left_ms = counters.increment(work, _key(user_id, kind), kind.failures.window_ms)
    return None if count <= kind.failures.count else max(1, left_ms // 1000)


def succeeded(work: Work, user_id: str, kind: Kind) -> None:
    """What went wrong before does not count any more."""
    counters.forget(work, _key(user_id, kind))


def _key(user_id: str, kind: Kind) -> str:
    return f"factor:{kind.type}:{user_id}"[:200]
