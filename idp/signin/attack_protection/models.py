"""Failed sign-ins per identifier and network, per account, and per network."""

from __future__ import annotations

from sqlalchemy import Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from idp.foundation.db.base import Base, Millis, TenantScoped


class LoginFailure(TenantScoped, Base):
    """Consecutive failures for (identifier, ip). ``ip`` is a network (:mod:`idp.foundation.kernel.networks`), empty in
    the mode count_per_identifier, and ``*`` in the row that counts those of an account from everywhere.
    """

    __tablename__ = "login_failures"
    __table_args__ = (Index("ix_login_failures_last_at", "last_at", "tenant_id"),)

    identifier: Mapped[str] = mapped_column(String(300), primary_key=True)
    ip: Mapped[str] = mapped_column(String(64), primary_key=True)
    connection: Mapped[str] = mapped_column(String(128), primary_key=True)
    count: Mapped[int] = mapped_column(Integer)
    last_at: Mapped[int] = mapped_column(Millis)


class NetworkBucket(TenantScoped, Base):
    """What one network has used up of one stage of suspicious-IP throttling (:mod:`.throttling`). ``full_at`` is when
    it has everything back, unless it takes more; whoever is past that moment needs no row.
    """

    __tablename__ = "network_buckets"
    __table_args__ = (
        Index("ix_network_buckets_full_at", "full_at"),
        Index("ix_network_buckets_emptiest", "stage", "full_at", "tenant_id"),
    )

    network: Mapped[str] = mapped_column(String(64), primary_key=True)
    stage: Mapped[str] = mapped_column(String(32), primary_key=True)
    full_at: Mapped[int] = mapped_column(Millis)
