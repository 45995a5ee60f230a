"""``/logs``, ``/users/{id}/logs`` and ``/stats``."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType
from sqlalchemy import func, select

from idp.foundation.apikit import Api, Page, Paging, Query
from idp.foundation.apikit.document import list_of, shown
from idp.foundation.apikit.schema import QUERY, fault
from idp.foundation.db import paging
from idp.foundation.kernel import clock
from idp.foundation.kernel.errors import NotFound
from idp.foundation.tenancy.management import Call
from idp.foundation.tenancy.work import Work
from idp.tenant.audit import filters
from idp.tenant.audit.models import LogEntry

api = Api("logs")
DAY_MS = 86_400_000
LOGINS, SIGNUPS = ("s", "ssa", "sepft"), ("ss",)
_MOBILE = ("Mobile", "Android", "iPhone", "iPad")
_NULLS = (
    "connection",
    "connection_id",
    "client_name",
    "user_name",
    "audience",
    "scope",
    "strategy",
    "strategy_type",
    "details",
)
SORTS = {"date:1": False, "date:-1": True}


class LogQuery(Query):
    """GET /logs: pages and ``q``, or ``from`` (a log id) and ``take``."""

    q: Annotated[str, Meta(max_length=4000)] | UnsetType = UNSET
    search: Annotated[str, Meta(max_length=4000)] | UnsetType = UNSET
    sort: Annotated[str, Meta(max_length=40)] | UnsetType = UNSET
    after: Annotated[str, Meta(max_length=64)] | UnsetType = msgspec.field(default=UNSET, name="from")
    take: Annotated[int, Meta(ge=1, le=100)] | UnsetType = UNSET


class Sorted(Query):
    """GET /users/{id}/logs."""

    sort: Annotated[str, Meta(max_length=40)] | UnsetType = UNSET


class Days(Query):
    """GET /stats/daily: days as YYYYMMDD, both included."""

    first: Annotated[str, Meta(pattern="^[0-9]{8}$")] | UnsetType = msgspec.field(default=UNSET, name="from")
    last: Annotated[str, Meta(pattern="^[0-9]{8}$")] | UnsetType = msgspec.field(default=UNSET, name="to")


LogView = shown(
    "Log",
    extra={
        **dict.fromkeys(("_id", "log_id", "date", "type", "description", "ip", "hostname", "user_agent"), str),
        **dict.fromkeys(("client_id", "client_name", "user_id", "user_name", "connection", "connection_id"), str),
        **dict.fromkeys(("audience", "scope", "strategy", "strategy_type"), str),
        "isMobile": bool,
        "details": dict[str, Any],
    },
)


@api.get(
    "/logs",
    scopes={"read:logs", "read:logs_users"},
    query=LogQuery,
    paging=Paging.by_offset("logs", length=True),
    returns=LogView,
    fields=True,
    summary="Search log events",
)
def list_logs(call: Call[LogQuery, None]) -> Page | list[dict[str, Any]]:
    """Newest first; with ``from`` or ``take`` the entries after that one, oldest first, as a plain array."""
    query, statement = call.query, select(LogEntry)
    if query.after is not UNSET or query.take is not UNSET:
        if query.after is not UNSET:
            statement = statement.where(LogEntry.log_id > query.after)
        take = query.take if isinstance(query.take, int) else 50
        rows = call.work.rows.scalars(statement.order_by(LogEntry.log_id).limit(take))
        return [_shown(call.work, row) for row in rows]
    text = query.q or query.search
    if text:
        statement = statement.where(filters.condition(text))
    return _page(call, statement, query.sort)


@api.get("/logs/{id}", scopes={"read:logs", "read:logs_users"}, returns=LogView, summary="Get a log event by id")
def get_log(call: Call[Query, None]) -> dict[str, Any]:
    """One entry."""
    row = call.work.rows.get(LogEntry, (call.work.tenant_id, call.params["id"]))
    if row is None:
        raise NotFound("The log event does not exist.", "inexistent_log_event")
    return _shown(call.work, row)


@api.get(
    "/users/{id}/logs",
    scopes={"read:logs", "read:logs_users"},
    query=Sorted,
    paging=Paging.by_offset("logs", length=True),
    returns=LogView,
    summary="Get user's log events",
)
def list_of_user(call: Call[Sorted, None]) -> Page:
    """What happened to one user, newest first."""
    return _page(call, select(LogEntry).where(LogEntry.user_id == call.params["id"]), call.query.sort)


@api.get("/stats/active-users", scopes={"read:stats"}, returns=int, summary="Get active users count")
def active_users(call: Call[Query, None]) -> int:
    """How many people signed in during the last 30 days."""
    since = clock.now_ms() - 30 * DAY_MS
    statement = select(func.count(func.distinct(LogEntry.user_id))).where(
        LogEntry.type.in_(LOGINS), LogEntry.date >= since, LogEntry.tenant_id == call.work.tenant_id
    )
    return int(call.work.rows.scalar(statement) or 0)


@api.get(
    "/stats/daily",
    scopes={"read:stats"},
    query=Days,
    returns=list_of(
        shown(
            "DailyStats", extra={"date": str, "logins": int, "signups": int, "leaked_passwords": int, "updated_at": str}
        )
    ),
    summary="Get daily stats",
)
def daily(call: Call[Days, None]) -> list[dict[str, Any]]:
    """Sign-ins and sign-ups by day, of the last 30 days unless told otherwise. Days on which nothing happened are left
    out.
    """
    last = _day(call.query.last, clock.now_ms())
    first = _day(call.query.first, last - 29 * DAY_MS)
    day = LogEntry.date - LogEntry.date % DAY_MS
    statement = (
        select(day.label("day"), LogEntry.type, func.count().label("amount"))
        .where(
            LogEntry.tenant_id == call.work.tenant_id,
            LogEntry.type.in_((*LOGINS, *SIGNUPS)),
            LogEntry.date >= first - first % DAY_MS,
            LogEntry.date < last - last % DAY_MS + DAY_MS,
        )
        .group_by("day", LogEntry.type)
    )
    days: dict[int, dict[str, int]] = {}
    for row in call.work.rows.execute(statement):
        counts = days.setdefault(int(row.day), {"logins": 0, "signups": 0})
        counts["signups" if row.type in SIGNUPS else "logins"] += int(row.amount)
    return [
        {
            "date": clock.iso(start),
            **days[start],
            "leaked_passwords": 0,
            "created_at": clock.iso(start),
            "updated_at": clock.iso(start),
        }
        for start in sorted(days)
    ]


def _page(call: Call[Any, None], statement: Any, sort: str | UnsetType) -> Page:
    if sort is not UNSET and sort not in SORTS:
        raise fault(QUERY, "Sort must be date:1 or date:-1", "sort")
    descending = SORTS[sort] if isinstance(sort, str) else True
    rows = paging.fetch(call.work.rows, statement, call.page, [LogEntry.date, LogEntry.log_id], descending=descending)
    return Page([_shown(call.work, row) for row in rows.items], rows.total)


def _day(text: str | UnsetType, otherwise: int) -> int:
    if isinstance(text, UnsetType):
        return otherwise
    try:
        return int(datetime.strptime(text, "%Y%m%d").replace(tzinfo=UTC).timestamp() * 1000)
    except ValueError as error:
        raise fault(QUERY, f"Object didn't pass validation for format date: {text}", "from") from error


def _shown(work: Work, row: LogEntry) -> dict[str, Any]:
    agent = str(row.data.get("user_agent") or "")
    return {
        "_id": row.log_id,
        "log_id": row.log_id,
        "date": clock.iso(row.date),
        "type": row.type,
        "description": "",
        **dict.fromkeys(_NULLS),
        "ip": "",
        "user_agent": "",
        "hostname": work.config.host,
        "isMobile": any(word in agent for word in _MOBILE),
        "client_id": row.client_id,
        "user_id": row.user_id,
        **row.data,
    }
