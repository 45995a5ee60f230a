"""Log entries."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Index, PrimaryKeyConstraint, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from idp.foundation.db.base import Base, JSONText, Millis, TenantScoped

_ORDER = ("date", "log_id")
"""What each index ends with: lists show the newest first, whatever they are narrowed to."""


class LogEntry(TenantScoped, Base):
    """One thing that happened. ``log_id`` follows the order in which entries become visible
    (docs/decisions/0100); every member that can be searched for has a column, ``rest`` holds the others as the
    Management API shows them.

    Unlike elsewhere the keys begin with the tenant: a log is listed, hardly ever looked up, and one tenant's list must
    not walk another's (docs/decisions/0100).
    """

    __tablename__ = "logs"
    __table_args__ = (
        PrimaryKeyConstraint("tenant_id", "log_id"),
        Index("ix_logs_date", "tenant_id", *_ORDER),
        Index("ix_logs_type", "tenant_id", "type", *_ORDER),
        Index("ix_logs_user_id", "tenant_id", "user_id", *_ORDER),
        Index("ix_logs_client_id", "tenant_id", "client_id", *_ORDER),
        Index("ix_logs_user_name", "tenant_id", "user_name", *_ORDER),
        Index("ix_logs_ip", "tenant_id", "ip", *_ORDER),
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
