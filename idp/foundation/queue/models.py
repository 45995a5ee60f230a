"""The outbox."""

from __future__ import annotations

from sqlalchemy import Index, Integer, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from idp.foundation.db.base import SEALED, Base, Millis, TenantScoped

NOBODY = "-"
"""The receiver of work that waits for nobody in particular. It sorts before every hash."""


class OutboxItem(TenantScoped, Base):
    """A task: ``task`` names its handler, ``payload_sealed`` is JSON sealed at rest (mails hold links). ``receiver`` is
    a hash of whom it waits for (the host of a URL, the domain of an address), so that turns can be fair.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        Index("ix_outbox_due", "done_at", "run_at"),
        Index(
            "ix_outbox_turns",
            "task",
            "tenant_id",
            "receiver",
            "run_at",
            sqlite_where=text("done_at IS NULL"),
        ),
        Index("ix_outbox_created_at", "created_at"),
    )

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    task: Mapped[str] = mapped_column(String(64))
    receiver: Mapped[str] = mapped_column(String(32), default=NOBODY, server_default=NOBODY)
    payload_sealed: Mapped[str] = mapped_column(Text, info=SEALED)
    run_at: Mapped[int] = mapped_column(Millis)
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    locked_until: Mapped[int] = mapped_column(Millis, default=0)
    created_at: Mapped[int] = mapped_column(Millis)
    done_at: Mapped[int | None] = mapped_column(Millis)
    failure: Mapped[str | None] = mapped_column(Text)
