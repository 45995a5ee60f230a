"""Log entries."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from idp.foundation.db.base import Base, JSONText, Millis, TenantScoped


class LogEntry(TenantScoped, Base):
    """One thing that happened. ``data`` is the rest of the entry as the Management API shows it."""

    __tablename__ = "logs"
    __table_args__ = (
        Index("ix_logs_user_id", "user_id", "tenant_id", "log_id"),
        Index("ix_logs_type", "type", "tenant_id", "log_id"),
    )

    log_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    date: Mapped[int] = mapped_column(Millis)
    type: Mapped[str] = mapped_column(String(64))
    user_id: Mapped[str | None] = mapped_column(String(300))
    client_id: Mapped[str | None] = mapped_column(String(64))
    data: Mapped[dict[str, Any]] = mapped_column(JSONText, default=dict)
