"""Time, in one place so that tests can move it."""

from __future__ import annotations

import time
from datetime import UTC, datetime


def now() -> int:
    """Seconds since the epoch, UTC, as tokens carry them."""
    return int(time.time())


def now_ms() -> int:
    """Milliseconds since the epoch, UTC; the unit of every stored timestamp that an API shows."""
    return int(time.time() * 1000)


def iso(ms: int) -> str:
    """``2023-07-11T16:30:16.596Z``: the Management API's timestamps (spec/00-conventions.md)."""
    return f"{datetime.fromtimestamp(ms // 1000, UTC).isoformat()[:19]}.{ms % 1000:03d}Z"


def iso_seconds(seconds: int) -> str:
    """Like :func:`iso`, from seconds."""
    return iso(seconds * 1000)
