"""What people answered."""

from __future__ import annotations

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from idp.foundation.db.base import Base, Millis, TenantScoped


class DeclinedLink(TenantScoped, Base):
    """``user_id`` does not want to join ``other_id``, and is not asked again for a while."""

    __tablename__ = "declined_links"
    __table_args__ = (
        Index("ix_declined_links_other_id", "other_id", "tenant_id"),
        Index("ix_declined_links_declined_at", "declined_at"),
    )

    user_id: Mapped[str] = mapped_column(String(300), primary_key=True)
    other_id: Mapped[str] = mapped_column(String(300), primary_key=True)
    declined_at: Mapped[int] = mapped_column(Millis)
