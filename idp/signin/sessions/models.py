"""Sessions and the clients that took part in them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from idp.foundation.db.base import Base, JSONText, Millis, TenantScoped


class Session(TenantScoped, Base):
    """A signed-in browser. ``id`` is the ``sid`` of its ID tokens; the cookie carries a secret of which only the hash
    is here.
    """

    __tablename__ = "sessions"
    __table_args__ = (
        Index("uq_sessions_secret_hash", "secret_hash", "tenant_id", unique=True),
        Index("ix_sessions_user_id", "user_id", "tenant_id"),
        Index("ix_sessions_purge_at", "purge_at"),
    )

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    secret_hash: Mapped[str] = mapped_column(String(64))
    user_id: Mapped[str] = mapped_column(String(300))
    connection_id: Mapped[str | None] = mapped_column(String(64))
    cookie_mode: Mapped[str] = mapped_column(String(16), default="persistent")
    methods: Mapped[list[dict[str, Any]]] = mapped_column(JSONText, default=list)
    device: Mapped[dict[str, Any]] = mapped_column(JSONText, default=dict)
    session_metadata: Mapped[dict[str, Any] | None] = mapped_column(JSONText)
    created_at: Mapped[int] = mapped_column(Millis)
    updated_at: Mapped[int] = mapped_column(Millis)
    authenticated_at: Mapped[int] = mapped_column(Millis)
    last_interacted_at: Mapped[int] = mapped_column(Millis)
    idle_expires_at: Mapped[int] = mapped_column(Millis)
    expires_at: Mapped[int] = mapped_column(Millis)
    ended_at: Mapped[int | None] = mapped_column(Millis)
    purge_at: Mapped[int] = mapped_column(Millis, default=0, server_default="0")
    """When to look whether the row may go; a session that lives then is looked at later (:mod:`.feature`)."""


class SessionClient(TenantScoped, Base):
    """A client that got tokens in a session: whom logout tells."""

    __tablename__ = "session_clients"

    session_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    client_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    created_at: Mapped[int] = mapped_column(Millis)
