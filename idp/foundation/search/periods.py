"""Dates of queries as the stretch of time they name."""

from __future__ import annotations

import re
from datetime import UTC, datetime

_PARTS = re.compile(r"(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?")


def period(text: str) -> tuple[int, int] | None:
    """(first ms, first ms behind it) of a year, month, day or instant; None where it is no date."""
    match = _PARTS.fullmatch(text)
    try:
        if match is None:
            moment = datetime.fromisoformat(text)
            start = _ms(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
            return start, start + 1
        year, month, day = int(match[1]), match[2], match[3]
        first = datetime(year, int(month or 1), int(day or 1), tzinfo=UTC)
        if day:
            return _ms(first), _ms(first) + 86_400_000
        behind = first.replace(year=year + 1) if not month else _next_month(first)
        return _ms(first), _ms(behind)
    except (ValueError, OverflowError):
        return None


def _next_month(first: datetime) -> datetime:
    return first.replace(year=first.year + 1, month=1) if first.month == 12 else first.replace(month=first.month + 1)


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
