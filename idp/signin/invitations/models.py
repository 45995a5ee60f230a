"""Who is invited."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from idp.foundation.db.base import Base, JSONText, Millis, TenantScoped


class Invitation(TenantScoped, Base):
    """An invitation of the owner of an address to an application. ``accepted_at`` (ms) and ``user_id`` are there once
    it was accepted; the link itself is a one-time thing whose subject this is.
    """

    __tablename__ = "invitations"
    __table_args__ = (
        Index("ix_invitations_listed", "tenant_id", "created_at", "id"),
        Index("ix_invitations_email_key", "email_key", "client_id", "tenant_id"),
        Index("ix_invitations_client_id", "client_id", "tenant_id"),
        Index("ix_invitations_connection_id", "connection_id", "tenant_id"),
        Index("ix_invitations_user_id", "user_id", "tenant_id"),
        Index("ix_invitations_expires_at", "expires_at"),
    )

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    client_id: Mapped[str] = mapped_column(String(64))
    connection_id: Mapped[str] = mapped_column(String(64))
    email: Mapped[str] = mapped_column(String(254))
    email_key: Mapped[str] = mapped_column(String(254))
    inviter: Mapped[str] = mapped_column(String(300))
    user_metadata: Mapped[dict[str, Any] | None] = mapped_column(JSONText)
    app_metadata: Mapped[dict[str, Any] | None] = mapped_column(JSONText)
    created_at: Mapped[int] = mapped_column(Millis)
    expires_at: Mapped[int] = mapped_column(Millis)
    accepted_at: Mapped[int | None] = mapped_column(Millis)
    user_id: Mapped[str | None] = mapped_column(String(300))
