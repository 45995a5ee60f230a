"""Statistics, kept as things happen: how many signed in and up on each day, or did not get in, how many people that
were, and on which day each person was active last.

Log entries are what is counted, where they get their ids: whoever writes entries of a tenant has its number until the
commit (docs/decisions/0100), so nobody waits for a count who would not wait anyway, and what is read there does not
change before it is written (docs/decisions/0132). Days are those of the tenant's time zone at the moment of the entry
(docs/decisions/0404), named by the millisecond with which the day of that date begins in UTC.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import ARRAY, String, any_, bindparam, delete, func, select

from idp.foundation.db.hot import HotConnection, Statement
from idp.foundation.db.purge import DAY_MS
from idp.foundation.db.upsert import insert as upsert
from idp.foundation.kernel import time_zones
from idp.foundation.tenancy.work import Work
from idp.tenant.audit.models import DailyStatistics as D
from idp.tenant.audit.models import LastActiveDay as A

LOGINS = frozenset({"s", "ssa", "sepft"})
"""Types of entries that say that somebody signed in."""
SIGNUPS = frozenset({"ss"})
"""Types of entries that say that somebody signed up."""
FAILURES = ("f", "fp", "fu", "limit_wc", "pwd_leak")
"""Types of entries that say that somebody did not get in."""
FACTORS = frozenset({"gd_auth_succeed", "gd_recovery_succeed"})
"""Types of entries that say that a second factor was proven."""
ACTIVE_DAYS = 30
"""Who signed in on one of these last days is an active user."""


class _Active(msgspec.Struct, frozen=True):
    user_id: str
    day: int


@dataclass
class _Change:
    """By how much the numbers of a day go up."""

    logins: int = 0
    signups: int = 0
    last_active: int = 0
    active: int = 0
    failures: int = 0
    factors: int = 0


DAY = "day"
"""Of an entry that is about to be written: its day, where that is not the one in UTC."""


def day_of(moment: int) -> int:
    """The day of a moment in UTC, both in ms."""
    return moment - moment % DAY_MS


def day_in(work: Work, moment: int) -> int:
    """The day of a moment in the tenant's time zone, both in ms."""
    return day_of(moment + time_zones.shift_ms(work.config.settings.time_zone, moment))


def _add() -> Any:
    made = upsert(D).values({column: bindparam(column.key) for column in D.__table__.columns})
    more = {name: getattr(D, name) + made.excluded[name] for name in vars(_Change())}
    return made.on_conflict_do_update(index_elements=[D.tenant_id, D.day], set_=more)


def _active() -> Any:
    made = upsert(A).values({column: bindparam(column.key) for column in A.__table__.columns})
    return made.on_conflict_do_update(index_elements=[A.user_id, A.tenant_id], set_={"day": made.excluded.day})


def _known(among: Any) -> Any:
    return select(A.user_id, A.day).where(A.tenant_id == bindparam("tenant"), among)


@dataclass(frozen=True)
class Statements:
    """What one kind of store is told."""

    known: Statement[_Active]
    active: Statement[Any]
    add: Statement[Any]


_ACTIVE = Statement("activity", _active())
_ADD = Statement("daily_statistics", _add())
ON_SQLITE = Statements(
    known=Statement(
        "activity_known_sqlite",
        _known(A.user_id.in_(select(func.json_each(bindparam("users")).table_valued("value").c.value))),
        row=_Active,
    ),
    active=_ACTIVE,
    add=_ADD,
)
ON_POSTGRESQL = Statements(
    known=Statement(
        "activity_known_postgresql",
        _known(A.user_id == any_(bindparam("users", type_=ARRAY(String)))),
        row=_Active,
    ),
    active=_ACTIVE,
    add=_ADD,
)
_FORGET = Statement(
    "activity_forget", delete(A).where(A.tenant_id == bindparam("tenant"), A.user_id == bindparam("user"))
)


def count(hot: HotConnection, told: Statements, tenant: str, entries: Iterable[Mapping[str, Any]]) -> None:
    """Count these entries. The caller has the tenant's number."""
    changes: dict[int, _Change] = defaultdict(_Change)
    seen: dict[str, int] = {}
    for entry in entries:
        kind, day = entry["type"], entry.get(DAY) or day_of(entry["date"])
        if kind in LOGINS:
            changes[day].logins += 1
            if entry["user_id"]:
                seen[entry["user_id"]] = max(day, seen.get(entry["user_id"], day))
        elif kind in SIGNUPS:
            changes[day].signups += 1
        elif kind in FAILURES:
            changes[day].failures += 1
        elif kind in FACTORS:
            changes[day].factors += 1
    if seen:
        _see(hot, told, tenant, seen, changes)
    if changes:
        days = [{"tenant_id": tenant, "day": day, **vars(change)} for day, change in sorted(changes.items())]
        _each(hot, told.add, days)


def forget(hot: HotConnection, tenant: str, user_ids: Iterable[str]) -> None:
    """When these people were active is no longer known; that somebody was, is. The caller has the tenant's number."""
    for user_id in sorted(user_ids):
        hot.run(_FORGET, tenant=tenant, user=user_id)


def _see(
    hot: HotConnection, told: Statements, tenant: str, seen: Mapping[str, int], changes: dict[int, _Change]
) -> None:
    """These people are active: whoever was so on an earlier day last counts for the later one from now on."""
    users: Any = msgspec.json.encode(list(seen)).decode() if told is ON_SQLITE else list(seen)
    known = {each.user_id: each.day for each in hot.all(told.known, tenant=tenant, users=users)}
    later = {user_id: day for user_id, day in seen.items() if known.get(user_id, -1) < day}
    for user_id, day in later.items():
        changes[day].last_active += 1
        changes[day].active += 1
        if user_id in known:
            changes[known[user_id]].last_active -= 1
    _each(hot, told.active, [{"tenant_id": tenant, "user_id": user_id, "day": later[user_id]} for user_id in later])


def _each(hot: HotConnection, statement: Statement[Any], rows: list[dict[str, Any]]) -> None:
    """Run the statement for each row; one row needs no pipeline."""
    if len(rows) == 1:
        hot.run(statement, **rows[0])
    elif rows:
        hot.many(statement, rows)
