"""What is kept of clients that made themselves known, and of the tokens that let them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from idp.foundation.db.base import Base, JSONText, Millis, TenantScoped


class Registration(TenantScoped, Base):
    """One client that registered itself (``dcr``), published its document (``cimd``), or is an entity of
    a federation (``oidf``).

    ``token_hash`` is of the registration access token, ``former_hash`` of the one before, which is good until the new
    one was used. ``document`` is what was registered, as far as the client's own row does not say it, and the rules
    under which it was. ``used_at`` is there once a person agreed to something of it, or an administrator keeps
    it, and follows its use to the day (:mod:`.uses`). Times in ms.
    """

    __tablename__ = "client_registrations"
    __table_args__ = (Index("ix_client_registrations_made", "tenant_id", "kind", "created_at", "client_id"),)

    client_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    kind: Mapped[str] = mapped_column(String(8))
    token_hash: Mapped[str | None] = mapped_column(String(64))
    former_hash: Mapped[str | None] = mapped_column(String(64))
    initial_token_id: Mapped[str | None] = mapped_column(String(64))
    document: Mapped[dict[str, Any]] = mapped_column(JSONText, default=dict)
    created_at: Mapped[int] = mapped_column(Millis)
    used_at: Mapped[int | None] = mapped_column(Millis)
    fetched_at: Mapped[int | None] = mapped_column(Millis)
    fresh_until: Mapped[int | None] = mapped_column(Millis)


class InitialAccessToken(TenantScoped, Base):
    """A token that lets clients register (RFC 7591 3): ``uses_left`` times until ``expires_at`` (ms). ``policy`` may
    allow other grant types and hosts than the tenant does.
    """

    __tablename__ = "initial_access_tokens"
    __table_args__ = (
        Index("ix_initial_access_tokens_hash", "token_hash", "tenant_id", unique=True),
        Index("ix_initial_access_tokens_listed", "tenant_id", "created_at", "id"),
        Index("ix_initial_access_tokens_expires_at", "expires_at"),
    )

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str] = mapped_column(String(255))
    token_hash: Mapped[str] = mapped_column(String(64))
    uses: Mapped[int] = mapped_column(Integer)
    uses_left: Mapped[int] = mapped_column(Integer)
    policy: Mapped[dict[str, Any]] = mapped_column(JSONText, default=dict)
    created_at: Mapped[int] = mapped_column(Millis)
    expires_at: Mapped[int] = mapped_column(Millis)
