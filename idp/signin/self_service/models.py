"""Changes of address that are under way."""

from __future__ import annotations

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from idp.foundation.db.base import Base, Millis, TenantScoped


class AddressChange(TenantScoped, Base):
    """The one change of a user's address that is under way: which sides have confirmed it, and until when they may
    (ms). ``locale`` is the language of the mails.
    """

    __tablename__ = "address_changes"
    __table_args__ = (Index("ix_address_changes_expires_at", "expires_at"),)

    user_id: Mapped[str] = mapped_column(String(300), primary_key=True)
    connection_id: Mapped[str] = mapped_column(String(64))
    account_id: Mapped[str] = mapped_column(String(255))
    old_email: Mapped[str] = mapped_column(String(254))
    new_email: Mapped[str] = mapped_column(String(254))
    old_confirmed_at: Mapped[int | None] = mapped_column(Millis)
    new_confirmed_at: Mapped[int | None] = mapped_column(Millis)
    locale: Mapped[str] = mapped_column(String(35))
    created_at: Mapped[int] = mapped_column(Millis)
    expires_at: Mapped[int] = mapped_column(Millis)
