"""Recorded consent."""

from __future__ import annotations

from sqlalchemy import Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from idp.foundation.db.base import Base, JSONText, Millis, TenantScoped


class UserGrant(TenantScoped, Base):
    """What a user granted to a client: scopes, those of one API among them (``audience`` empty: of none), and single
    claims that no scope of these opens.
    """

    __tablename__ = "user_grants"
    __table_args__ = (
        UniqueConstraint("user_id", "client_id", "audience", "tenant_id"),
        Index("ix_user_grants_listed", "tenant_id", "created_at", "id"),
        Index("ix_user_grants_client_id", "tenant_id", "client_id", "created_at", "id"),
    )

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[str] = mapped_column(String(300))
    client_id: Mapped[str] = mapped_column(String(64))
    audience: Mapped[str] = mapped_column(String(600), default="")
    scope: Mapped[list[str]] = mapped_column(JSONText, default=list)
    claims: Mapped[list[str]] = mapped_column(JSONText, default=list, server_default="[]")
    created_at: Mapped[int] = mapped_column(Millis)
