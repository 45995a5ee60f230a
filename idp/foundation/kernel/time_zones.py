"""Time zones by their names in the IANA database, such as ``Europe/Berlin``."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from functools import cache


@cache
def names() -> frozenset[str]:
    """Those that are known here."""
    from zoneinfo import available_timezones  # for tenants that name one, not for every process

    return frozenset(available_timezones())


@cache
def zone(name: str | None) -> tzinfo:
    """The zone; UTC for none, and for a name that this machine does not know any more."""
    if not name:
        return UTC
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return UTC


def shift_ms(name: str | None, moment: int) -> int:
    """How far clocks there are ahead of UTC at that moment (ms since 1970)."""
    if not name:
        return 0
    ahead = datetime.fromtimestamp(moment / 1000, zone(name)).utcoffset()
    return int(ahead.total_seconds() * 1000) if ahead is not None else 0
