"""The first page: what happened lately, as numbers, as charts and as a table, and where to go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import select

from idp.admin.desk import operations, standing
from idp.admin.desk.frame import Link, Shown, Visit
from idp.admin.desk.resource import Resource
from idp.foundation.kernel import clock, time_zones
from idp.tenant.audit import api as logs
from idp.tenant.audit.models import DailyStatistics
from idp.tenant.audit.statistics import day_of
from idp.tenant.mail import delivery

PERIODS = (30, 7, 14, 60)
"""Days that the page may be about, the usual number first."""
METRICS = ("logins", "active", "failures", "signups")
"""What is drawn by day, one chart each: columns of :class:`DailyStatistics`."""
HIGH = 96
"""Units of a chart that its highest bar has."""
WIDE, GAP = 20, 6
"""Units that a day has, and how many of them stay empty."""
LOG_KINDS = {"logins": "logins", "failures": "failures", "signups": "signups"}
"""Metrics whose entries the log lists under a kind of its own."""


@dataclass(frozen=True)
class Bar:
    """A day in a chart: ``x`` and ``high`` are units of it."""

    date: str
    count: int
    x: int
    high: int
    today: bool


@dataclass(frozen=True)
class Chart:
    """One metric by day: ``most`` is the number that the highest bar has, ``at`` the day of it."""

    name: str
    bars: Sequence[Bar]
    most: int
    at: str
    total: int


@dataclass(frozen=True)
class Tile:
    """A number, and that of the days before; None where it is not known. ``href`` leads to its entries in the log."""

    name: str
    text: str
    before: str | None = None
    always: bool = False
    """Whether it is of all days."""
    href: str = ""


@dataclass(frozen=True)
class DayRow:
    """A day in the table: its numbers in the order of :data:`METRICS`."""

    date: str
    counts: Sequence[int]
    today: bool


def page(visit: Visit, resources: Sequence[Resource]) -> Shown:
    """The page, with what this person may see."""
    seen = [each for each in resources if operations.may(visit.work, each.all or each.read)]
    given: dict[str, Any] = {"resources": seen, "tiles": ()}
    if operations.may(visit.work, logs.daily):
        found = standing.numbers(visit)
        given |= _numbers(visit)
        given["tiles"].append(Tile("users", visit.texts.number(found["users"]), always=True))
        given |= {"found": found, "failures": standing.failures(visit), "steps": standing.steps(visit, found)}
        given["mail_way"] = delivery.way(visit.work)
        given |= {"sees_log": operations.may(visit.work, logs.list_logs), "most_read": standing.MOST_READ}
    return Shown("admin/home.html", visit.texts.t("frame.home.title"), given, current="home")


def _numbers(visit: Visit) -> Mapping[str, Any]:
    asked = visit.query.get("days", "")
    amount = next((each for each in PERIODS if str(each) == asked), PERIODS[0])
    zone = visit.work.config.settings.time_zone
    today = datetime.fromtimestamp(clock.now(), time_zones.zone(zone)).date()
    dates = [today - timedelta(days=back) for back in range(2 * amount - 1, -1, -1)]
    rows = _read(visit, dates[0])
    days = [rows.get(each) for each in dates]
    now, before = days[amount:], days[:amount]
    charts = [_chart(name, dates[amount:], [_count(day, name) for day in now]) for name in METRICS]
    return {
        "charts": charts,
        "rows": [
            DayRow(each.isoformat(), [_count(day, name) for name in METRICS], each == today)
            for each, day in zip(dates[amount:], now, strict=True)
        ],
        "metrics": METRICS,
        "zone": zone or "UTC",
        "wide": amount * WIDE,
        "high": HIGH,
        "bar_wide": WIDE - GAP,
        "periods": [
            Link(
                str(each),
                visit.texts.t(f"frame.activity.period.{each}"),
                visit.href("/admin", days=str(each)),
                each == amount,
            )
            for each in sorted(PERIODS)
        ],
        "tiles": _tiles(visit, now, before),
    }


def _read(visit: Visit, first: date) -> Mapping[date, DailyStatistics]:
    """The days since then on which anything happened."""
    since = day_of(int(datetime(first.year, first.month, first.day, tzinfo=UTC).timestamp() * 1000))
    mine = (DailyStatistics.tenant_id == visit.work.tenant_id, DailyStatistics.day >= since)
    found = visit.work.rows.scalars(select(DailyStatistics).where(*mine))
    return {datetime.fromtimestamp(each.day / 1000, UTC).date(): each for each in found}


def _count(day: DailyStatistics | None, name: str) -> int:
    return int(getattr(day, name)) if day is not None else 0


def _chart(name: str, dates: Sequence[date], counts: Sequence[int]) -> Chart:
    most = max(1, *counts)
    bars = [
        Bar(each.isoformat(), count, at * WIDE, -(-count * HIGH // most), each == dates[-1])
        for at, (each, count) in enumerate(zip(dates, counts, strict=True))
    ]
    highest = max(bars, key=lambda bar: bar.count)
    return Chart(name, bars, highest.count, highest.date, sum(counts))


def _tiles(visit: Visit, now: Sequence[DailyStatistics | None], before: Sequence[DailyStatistics | None]) -> list[Tile]:
    texts = visit.texts

    def total(days: Sequence[DailyStatistics | None], name: str) -> int:
        return sum(_count(day, name) for day in days)

    def tile(name: str) -> Tile:
        kind = LOG_KINDS[name] if operations.may(visit.work, logs.list_logs) else ""
        href = visit.href("/admin/monitoring/logs", kind=kind) if kind else ""
        return Tile(name, texts.number(total(now, name)), texts.number(total(before, name)), href=href)

    return [
        # who was active on several days counts once: for the day that was the last
        Tile("active", texts.number(total(now, "last_active"))),
        *(tile(name) for name in ("logins", "failures", "signups")),
        Tile(
            "factors",
            _share(texts.locale, total(now, "factors"), total(now, "logins")),
            _share(texts.locale, total(before, "factors"), total(before, "logins"))
            if total(before, "logins")
            else None,
        ),
    ]


def _share(locale: str, part: int, whole: int) -> str:
    """The locale's way; a step up proves a factor without a sign-in, so that there may be more of them."""
    from babel.numbers import format_percent

    said: str = format_percent(min(1.0, part / whole), locale=locale.replace("-", "_")) if whole else "–"
    return said
