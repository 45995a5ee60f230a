"""One-time things and counters."""

from __future__ import annotations

from sqlalchemy import Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from idp.foundation.db.base import SEALED, Base, Millis, TenantScoped


class OneTime(TenantScoped, Base):
    """Something that is used once: ``kind`` separates namespaces (security.md B5, M5); ``data`` is JSON text."""

    __tablename__ = "one_time"
    __table_args__ = (
        Index("ix_one_time_subject", "subject", "kind", "tenant_id"),
        Index("ix_one_time_expires_at", "expires_at"),
    )

    kind: Mapped[str] = mapped_column(String(32), primary_key=True, sort_order=50)
    key_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    subject: Mapped[str | None] = mapped_column(String(300))
    data: Mapped[str] = mapped_column(Text, info=SEALED)
    created_at: Mapped[int] = mapped_column(Millis)
    expires_at: Mapped[int] = mapped_column(Millis)
    used_at: Mapped[int | None] = mapped_column(Millis)


class OneTimeCode(TenantScoped, Base):
    """A short code that was sent to somebody: good for one address in one attempt. ``code_mac`` is keyed with the
    deployment's key, since a short code is guessed from any other hash; the next one of that attempt takes its row.
    """

    __tablename__ = "one_time_codes"
    __table_args__ = (Index("ix_one_time_codes_expires_at", "expires_at"),)

    key_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    code_mac: Mapped[str] = mapped_column(String(64))
    tries: Mapped[int] = mapped_column(Integer)
    created_at: Mapped[int] = mapped_column(Millis)
    expires_at: Mapped[int] = mapped_column(Millis)
    used_at: Mapped[int | None] = mapped_column(Millis)


class Counter(TenantScoped, Base):
    """A fixed-window counter of a rate limit."""

    __tablename__ = "counters"
    __table_args__ = (Index("ix_counters_expires_at", "expires_at"),)

    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    count: Mapped[int] = mapped_column(Integer)
    expires_at: Mapped[int] = mapped_column(Millis)
