"""Log entries, and what is counted of them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Index, Integer, LargeBinary, PrimaryKeyConstraint, String, Text, func, select, text
from sqlalchemy.orm import Mapped, mapped_column

from idp.foundation.db.base import Base, JSONText, Millis, TenantScoped

SEARCHED_BY = ("type", "user_id", "client_id", "user_name", "ip")
"""Members with an index: few entries among very many are found by each of these."""


class LogEntry(TenantScoped, Base):
    """One thing that happened. ``log_id`` follows the order in which entries become visible
    (docs/decisions/0100); every member that can be searched for has a column, ``rest`` holds the others as the
    Management API shows them.

    Lists are in the order of ids (docs/decisions/0131). Unlike elsewhere the keys begin with the tenant: a log is
    listed, hardly ever looked up, and one tenant's list must not walk another's (docs/decisions/0100).
    """

    __tablename__ = "logs"
    __table_args__ = (
        PrimaryKeyConstraint("tenant_id", "log_id"),
        *(Index(f"ix_logs_{name}_log_id", "tenant_id", name, "log_id") for name in SEARCHED_BY),
        Index(
            "ix_logs_object_log_id",
            "tenant_id",
            "object",
            "log_id",
            sqlite_where=text("object IS NOT NULL"),
        ),
    )

    log_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    date: Mapped[int] = mapped_column(Millis)
    type: Mapped[str] = mapped_column(String(64))
    user_id: Mapped[str | None] = mapped_column(String(300))
    client_id: Mapped[str | None] = mapped_column(String(64))
    user_name: Mapped[str | None] = mapped_column(String(300))
    ip: Mapped[str | None] = mapped_column(String(64))
    description: Mapped[str | None] = mapped_column(Text)
    client_name: Mapped[str | None] = mapped_column(Text)
    connection: Mapped[str | None] = mapped_column(Text)
    connection_id: Mapped[str | None] = mapped_column(Text)
    strategy: Mapped[str | None] = mapped_column(Text)
    strategy_type: Mapped[str | None] = mapped_column(Text)
    audience: Mapped[str | None] = mapped_column(Text)
    scope: Mapped[str | None] = mapped_column(Text)
    user_agent: Mapped[str | None] = mapped_column(Text)
    object: Mapped[str | None] = mapped_column(Text)
    """What an administrator changed, by its kind and its id (``clients/…``): its history is found by it."""
    rest: Mapped[dict[str, Any]] = mapped_column("data", JSONText, default=dict)

    @property
    def data(self) -> dict[str, Any]:
        """Every member that the entry says something of, but for its id, its moment, its type and whom it is about."""
        said = {name: value for name in MEMBERS if (value := getattr(self, name)) is not None}
        return {**said, **self.rest}


class LogPosition(TenantScoped, Base):
    """The number of a tenant's newest log entry: whoever writes entries holds this row until its commit."""

    __tablename__ = "log_positions"

    position: Mapped[int] = mapped_column(Millis)
    behind: Mapped[int] = mapped_column(Millis, default=0, server_default="0")
    """By how many ms the date of an entry was ever earlier than the moment in its id; never less than 0. So dates bound
    ids on both sides, however long an entry waited for the database and whichever clock was ahead.
    """


class LogStretch(TenantScoped, Base):
    """Some thousand entries that follow each other, and which names stand in them (docs/decisions/0181)."""

    __tablename__ = "log_stretches"
    __table_args__ = (PrimaryKeyConstraint("tenant_id", "last_id"),)

    last_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    """Id of its newest entry; ``first_id`` is that of its oldest."""
    first_id: Mapped[str] = mapped_column(String(64))
    names: Mapped[str | None] = mapped_column(Text)
    """What its entries have in members without an index, each once; None where that is too much to look through."""
    grams: Mapped[bytes | None] = mapped_column(LargeBinary)
    """Which groups of three letters stand in the members that have an index (docs/decisions/0453); None: any may."""


class DailyStatistics(TenantScoped, Base):
    """What happened on one day. ``last_active`` is the number of people who signed in on it, and on none since;
    ``active`` that of those who signed in on it at all. ``failures`` are sign-ins that failed, ``factors`` second
    factors that were proven.
    """

    __tablename__ = "daily_statistics"
    __table_args__ = (PrimaryKeyConstraint("tenant_id", "day"), Index("ix_daily_statistics_day", "day"))

    day: Mapped[int] = mapped_column(Millis, primary_key=True)
    logins: Mapped[int] = mapped_column(Integer, default=0)
    signups: Mapped[int] = mapped_column(Integer, default=0)
    last_active: Mapped[int] = mapped_column(Integer, default=0)
    active: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    failures: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    factors: Mapped[int] = mapped_column(Integer, default=0, server_default="0")


class LastActiveDay(TenantScoped, Base):
    """The day on which somebody signed in last."""

    __tablename__ = "last_active_days"
    __table_args__ = (Index("ix_last_active_days_day", "day"),)

    user_id: Mapped[str] = mapped_column(String(300), primary_key=True)
    day: Mapped[int] = mapped_column(Millis)


MEMBERS = (
    "user_name",
    "ip",
    "description",
    "client_name",
    "connection",
    "connection_id",
    "strategy",
    "strategy_type",
    "audience",
    "scope",
    "user_agent",
)
"""Members of an entry that have a column of their own."""


def behind(tenant: Any) -> Any:
    """:attr:`LogPosition.behind` of a tenant, as part of a statement; 0 where it has no entries."""
    found = select(LogPosition.behind).where(LogPosition.tenant_id == tenant).correlate(None).scalar_subquery()
    return func.coalesce(found, 0)
