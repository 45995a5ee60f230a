"""The outbox."""

from __future__ import annotations

from sqlalchemy import Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from idp.foundation.db.base import Base, Millis, TenantScoped


class OutboxItem(TenantScoped, Base):
    """A task: ``task`` names its handler, ``payload_sealed`` is JSON sealed at rest (mails hold links)."""

    __tablename__ = "outbox"
    __table_args__ = (Index("ix_outbox_due", "done_at", "run_at"),)

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    task: Mapped[str] = mapped_column(String(64))
    payload_sealed: Mapped[str] = mapped_column(Text)
    run_at: Mapped[int] = mapped_column(Millis)
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    locked_until: Mapped[int] = mapped_column(Millis, default=0)
    created_at: Mapped[int] = mapped_column(Millis)
    done_at: Mapped[int | None] = mapped_column(Millis)
    failure: Mapped[str | None] = mapped_column(Text)
