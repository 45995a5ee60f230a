"""Streams, the people whom a receiver added to them or took out, and what is on its way."""

from __future__ import annotations

from sqlalchemy import Boolean, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from idp.foundation.db.base import SEALED, Base, JSONText, Millis, TenantScoped


class SignalStream(TenantScoped, Base):
    """What one receiver, a client, hears and how (SSF 8.1.1).

    ``domain`` is the custom domain by which it was made, whose issuer its events name. ``events`` are the types that
    the receiver asked for. ``held_by`` is who holds it back: ``receiver``, ``administrator`` or ``transmitter``. Times
    in ms: ``verified_at`` of the last request to verify, ``delivered_at`` of the last event that arrived,
    ``failing_since`` of the first delivery that failed since then, with the ``failure`` of the last one.
    """

    __tablename__ = "signal_streams"
    __table_args__ = (UniqueConstraint("client_id", "tenant_id"),)

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    client_id: Mapped[str] = mapped_column(String(64))
    domain: Mapped[str | None] = mapped_column(String(255))
    method: Mapped[str] = mapped_column(String(8))
    endpoint_url: Mapped[str | None] = mapped_column(String(2048))
    authorization_sealed: Mapped[str | None] = mapped_column(Text, info=SEALED)
    events: Mapped[list[str]] = mapped_column(JSONText, default=list)
    subject_format: Mapped[str] = mapped_column(String(16))
    description: Mapped[str | None] = mapped_column(String(255))
    status: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str | None] = mapped_column(String(255))
    held_by: Mapped[str | None] = mapped_column(String(16))
    created_at: Mapped[int] = mapped_column(Millis)
    updated_at: Mapped[int] = mapped_column(Millis)
    verified_at: Mapped[int | None] = mapped_column(Millis)
    delivered_at: Mapped[int | None] = mapped_column(Millis)
    failing_since: Mapped[int | None] = mapped_column(Millis)
    failure: Mapped[str | None] = mapped_column(String(500))


class SignalSubject(TenantScoped, Base):
    """A person whom the receiver of a stream added (``added``) or took out."""

    __tablename__ = "signal_subjects"
    __table_args__ = (Index("ix_signal_subjects_user_id", "user_id", "tenant_id"),)

    stream_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[str] = mapped_column(String(300), primary_key=True)
    added: Mapped[bool] = mapped_column(Boolean)
    created_at: Mapped[int] = mapped_column(Millis)


class SignalEvent(TenantScoped, Base):
    """An event that its receiver has not acknowledged. ``id`` is its ``jti``; it is signed when it leaves.

    ``user_id`` is whom it is about; None where that is nobody any more, or the stream itself. ``about_stream``: it says
    what became of the stream, and leaves even while that is paused. ``taken_until`` (ms): a worker is sending it.
    """

    __tablename__ = "signal_events"
    __table_args__ = (
        Index("ix_signal_events_waiting", "stream_id", "tenant_id", "created_at", "id"),
        Index("ix_signal_events_user_id", "user_id", "tenant_id"),
        Index("ix_signal_events_created_at", "created_at"),
    )

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    stream_id: Mapped[str] = mapped_column(String(64))
    user_id: Mapped[str | None] = mapped_column(String(300))
    about_stream: Mapped[bool] = mapped_column(Boolean, default=False)
    claims_sealed: Mapped[str] = mapped_column(Text, info=SEALED)
    taken_until: Mapped[int] = mapped_column(Millis, default=0)
    created_at: Mapped[int] = mapped_column(Millis)
