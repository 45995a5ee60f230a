"""The development mailbox, and what became of what was sent."""

from __future__ import annotations

from sqlalchemy import Index, Integer, PrimaryKeyConstraint, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from idp.foundation.db.base import Base, Millis, TenantScoped


class MailboxMessage(TenantScoped, Base):
    """A mail that development kept instead of sending."""

    __tablename__ = "mailbox_messages"
    __table_args__ = (Index("ix_mailbox_messages_created_at", "created_at"),)

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    recipient: Mapped[str] = mapped_column(String(254))
    subject: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text)
    created_at: Mapped[int] = mapped_column(Millis)


class Delivery(TenantScoped, Base):
    """What became of a mail or a text message: whom it was for, by which template, and what its provider said; never
    what stood in it. ``channel``, ``state`` and ``user_id`` are as :mod:`idp.tenant.mail.deliveries` says.

    Ids sort by time. As with log entries the key begins with the tenant: deliveries are listed, newest first, and one
    tenant's list must not walk another's. No other index does, or a plan made before there were statistics would take
    it for one delivery (docs/decisions/0010).
    """

    __tablename__ = "deliveries"
    __table_args__ = (
        PrimaryKeyConstraint("tenant_id", "id"),
        *(Index(f"ix_deliveries_{name}_id", name, "tenant_id", "id") for name in ("user_id", "recipient")),
        Index("ix_deliveries_created_at", "created_at"),
    )

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    channel: Mapped[str] = mapped_column(String(16))
    template: Mapped[str] = mapped_column(String(64))
    recipient: Mapped[str] = mapped_column(String(300))
    """An address in small letters, or a number."""
    user_id: Mapped[str | None] = mapped_column(String(300))
    state: Mapped[str] = mapped_column(String(16))
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    reason: Mapped[str | None] = mapped_column(Text)
    """Why the last attempt did not work."""
    task_id: Mapped[str] = mapped_column(String(64))
    """The row of the outbox that carries it; none (an empty text) for a trial."""
    created_at: Mapped[int] = mapped_column(Millis)
    changed_at: Mapped[int] = mapped_column(Millis)
