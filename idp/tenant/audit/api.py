"""``/logs``, ``/users/{id}/logs`` and ``/stats``."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType
from sqlalchemy import Select, func, select

from idp.foundation.apikit import Api, Page, PageRequest, Paging, Query, View, as_view, given
from idp.foundation.db import paging
from idp.foundation.db.purge import DAY_MS
from idp.foundation.db.time_limit import time_limit
from idp.foundation.kernel import clock
from idp.foundation.kernel.errors import NotFound
from idp.foundation.kernel.faults import QUERY, fault
from idp.foundation.kernel.formats import UserId, whole
from idp.foundation.tenancy.work import Work
from idp.tenant.audit import searches
from idp.tenant.audit.models import DailyStatistics, LogEntry
from idp.tenant.audit.statistics import ACTIVE_DAYS, day_in, day_of

api = Api("logs")
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
SEARCH_SECONDS = 5.0
MOST_COUNTED = 10_000
"""``total`` goes no further: lists show the first thousand."""


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

    first: Annotated[str, whole("[0-9]{8}")] | UnsetType = msgspec.field(default=UNSET, name="from")
    last: Annotated[str, whole("[0-9]{8}")] | UnsetType = msgspec.field(default=UNSET, name="to")


class LogView(View):
    """An entry. What an entry says nothing of is null where Auth0 answers null."""

    id_: str = msgspec.field(name="_id")
    log_id: str
    date: str
    type: str
    description: str
    hostname: str
    isMobile: bool  # noqa: N815 - Auth0's name
    ip: str | None
    user_agent: str | None
    client_id: str | None
    user_id: str | None
    client_name: str | None
    user_name: str | None
    connection: str | None
    connection_id: str | None
    audience: str | None
    scope: str | None
    strategy: str | None
    strategy_type: str | None
    details: dict[str, Any] | None


class DailyStats(View):
    """What happened on one day."""

    date: str
    logins: int
    signups: int
    leaked_passwords: int
    created_at: str
    updated_at: str


@api.get(
    "/logs",
    scopes={"read:logs", "read:logs_users"},
    paging=Paging.by_offset("logs", length=True),
    fields=True,
    stale=True,
    summary="Search log events",
)
def list_logs(work: Work, query: LogQuery, page: PageRequest) -> Page[LogView] | list[LogView]:
    """Newest first; with ``from`` or ``take`` the entries after that one, oldest first, as a plain array."""
    statement = select(LogEntry)
    if query.after is not UNSET or query.take is not UNSET:
        statement = statement.where(LogEntry.tenant_id == work.tenant_id)
        if query.after is not UNSET:
            statement = statement.where(LogEntry.log_id > query.after)
        rows = work.rows.scalars(statement.order_by(LogEntry.log_id).limit(given(query.take, 50)))
        return [log_view(work, row) for row in rows]
    text = query.q or query.search
    if not text:
        return _page(work, statement, page, query.sort)
    descending = _descending(query.sort)
    with time_limit(work.rows, SEARCH_SECONDS):
        found = searches.page(
            work.rows,
            text,
            work.config.own_host,
            page,
            descending=descending,
            most=MOST_COUNTED,
            seconds=SEARCH_SECONDS,
        )
    return Page.of(found, [log_view(work, row) for row in found.items])


@api.get("/logs/{id}", scopes={"read:logs", "read:logs_users"}, summary="Get a log event by id")
def get_log(work: Work, id: str) -> LogView:
    """One entry."""
    row = work.rows.get(LogEntry, (work.tenant_id, id))
    if row is None:
        raise NotFound("The log event does not exist.", "inexistent_log_event")
    return log_view(work, row)


@api.get(
    "/users/{id}/logs",
    scopes={"read:logs", "read:logs_users"},
    paging=Paging.by_offset("logs", length=True),
    stale=True,
    summary="Get user's log events",
)
def list_of_user(work: Work, id: UserId, query: Sorted, page: PageRequest) -> Page[LogView]:
    """What happened to one user, newest first."""
    return _page(work, select(LogEntry).where(LogEntry.user_id == id), page, query.sort)


@api.get("/stats/active-users", scopes={"read:stats"}, stale=True, summary="Get active users count")
def active_users(work: Work) -> int:
    """How many people signed in during the last 30 days, today included; days begin at the tenant's midnight."""
    first = day_in(work, clock.now_ms()) - (ACTIVE_DAYS - 1) * DAY_MS
    statement = select(func.coalesce(func.sum(DailyStatistics.last_active), 0)).where(
        DailyStatistics.tenant_id == work.tenant_id, DailyStatistics.day >= first
    )
    return int(work.rows.scalar(statement) or 0)


@api.get("/stats/daily", scopes={"read:stats"}, stale=True, summary="Get daily stats")
def daily(work: Work, query: Days) -> list[DailyStats]:
    """Sign-ins and sign-ups by day, of the last 30 days unless told otherwise. Days on which nothing happened are left
    out.
    """
    last = _day(query.last, day_in(work, clock.now_ms()))
    first = _day(query.first, last - 29 * DAY_MS)
    statement = (
        select(DailyStatistics)
        .where(
            DailyStatistics.tenant_id == work.tenant_id,
            DailyStatistics.day >= day_of(first),
            DailyStatistics.day <= day_of(last),
            (DailyStatistics.logins > 0) | (DailyStatistics.signups > 0),
        )
        .order_by(DailyStatistics.day)
    )
    return [_stats(row) for row in work.rows.scalars(statement)]


def _stats(row: DailyStatistics) -> DailyStats:
    moment = clock.iso(row.day)
    return DailyStats(
        date=moment,
        logins=row.logins,
        signups=row.signups,
        leaked_passwords=0,
        created_at=moment,
        updated_at=moment,
    )


def log_view(work: Work, row: LogEntry) -> LogView:
    """An entry as it is answered."""
    agent = row.user_agent or ""
    return as_view(
        LogView,
        {
            "_id": row.log_id,
            "log_id": row.log_id,
            "date": clock.iso(row.date),
            "type": row.type,
            "description": "",
            **dict.fromkeys(_NULLS),
            "ip": "",
            "user_agent": "",
            "hostname": work.config.own_host,
            "isMobile": any(word in agent for word in _MOBILE),
            "client_id": row.client_id,
            "user_id": row.user_id,
            **row.data,
        },
    )


def _page(work: Work, statement: Select[LogEntry], page: PageRequest, sort: str | UnsetType) -> Page[LogView]:
    descending = _descending(sort)
    with time_limit(work.rows, SEARCH_SECONDS):
        rows = paging.fetch(
            work.rows, statement, page, [LogEntry.log_id], descending=descending, count_at_most=MOST_COUNTED
        )
    return Page.of(rows, [log_view(work, row) for row in rows.items])


def _descending(sort: str | UnsetType) -> bool:
    if sort is not UNSET and sort not in SORTS:
        raise fault(QUERY, "Sort must be date:1 or date:-1", "sort")
    return SORTS[sort] if isinstance(sort, str) else True


def _day(text: str | UnsetType, otherwise: int) -> int:
    if isinstance(text, UnsetType):
        return otherwise
    try:
        return int(datetime.strptime(text, "%Y%m%d").replace(tzinfo=UTC).timestamp() * 1000)
    except ValueError as error:
        raise fault(QUERY, f"Object didn't pass validation for format date: {text}", "from") from error
