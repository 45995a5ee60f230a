"""The first page: what happened lately, as numbers, as a chart and as a table, and where to go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from idp.admin.desk import operations, standing
from idp.admin.desk.frame import Shown, Visit
from idp.admin.desk.resource import Resource
from idp.foundation.kernel import clock
from idp.tenant.audit import api as logs

DAYS = 30
HIGH = 96
"""Units of the chart that its highest bar has."""
WIDE, GAP = 20, 6
"""Units that a day has, and how many of them stay empty."""


@dataclass(frozen=True)
class Day:
    """What happened on a day. ``x`` and the heights are units of the chart."""

    date: str
    logins: int
    signups: int
    x: int
    logins_high: int
    signups_high: int
    today: bool = False


@dataclass(frozen=True)
class Tile:
    """A number, and that of the days before; None where it is not known."""

    name: str
    count: int
    before: int | None = None
    always: bool = False
    """Whether it is of all days."""


def page(visit: Visit, resources: Sequence[Resource]) -> Shown:
    """The page, with what this person may see."""
    seen = [each for each in resources if operations.may(visit.work, each.all or each.read)]
    given: dict[str, Any] = {"resources": seen, "days": (), "tiles": (), "wide": DAYS * WIDE, "high": HIGH}
    if operations.may(visit.work, logs.daily):
        found = standing.numbers(visit)
        given |= _numbers(visit)
        given["tiles"].append(Tile("users", found["users"], always=True))
        given |= {"found": found, "failures": standing.failures(visit), "steps": standing.steps(visit, found)}
        given |= {"sees_log": operations.may(visit.work, logs.list_logs), "most_read": standing.MOST_READ}
    return Shown("admin/home.html", visit.texts.t("frame.home.title"), given, current="home")


def _numbers(visit: Visit) -> Mapping[str, Any]:
    today = datetime.fromtimestamp(clock.now(), UTC).date()
    dates = [today - timedelta(days=back) for back in range(2 * DAYS - 1, -1, -1)]
    asked = {"from": f"{dates[0]:%Y%m%d}", "to": f"{today:%Y%m%d}"}
    found = {each["date"][:10]: each for each in operations.call(visit.work, logs.daily, query=asked)}
    numbers = [found.get(date.isoformat(), {}) for date in dates]
    logins = [int(each.get("logins", 0)) for each in numbers]
    signups = [int(each.get("signups", 0)) for each in numbers]
    most = max(1, *logins[DAYS:], *signups[DAYS:])
    days = [
        Day(
            date.isoformat(),
            logins[at],
            signups[at],
            (at - DAYS) * WIDE,
            -(-logins[at] * HIGH // most),
            -(-signups[at] * HIGH // most),
            date == today,
        )
        for at, date in enumerate(dates)
        if at >= DAYS
    ]
    tiles = [
        Tile("active", int(operations.call(visit.work, logs.active_users))),
        Tile("logins", sum(logins[DAYS:]), sum(logins[:DAYS])),
        Tile("signups", sum(signups[DAYS:]), sum(signups[:DAYS])),
    ]
    return {"days": days, "tiles": tiles, "bar": (WIDE - GAP) // 2}
