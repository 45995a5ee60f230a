"""The development mailbox."""

from __future__ import annotations

from sqlalchemy import Index, String, Text
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
