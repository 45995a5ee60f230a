"""Clients and client grants. ``data`` holds every documented member that has no column of its own."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Boolean, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from idp.foundation.db.base import SEALED, Base, JSONText, Millis, TenantScoped
from idp.foundation.db.editable import Editable


class Client(Editable, TenantScoped, Base):
    """A registered application. ``external_client_id`` is the address of the document that describes it, where that is
    what it calls itself. ``is_global`` marks the one seeded "All Applications" row, ``is_system`` our own
    clients.
    """

    __tablename__ = "clients"
    edited_as = "clients"
    flat = frozenset({"data"})
    named = (("secret_sealed", "client_secret"),)
    __table_args__ = (
        Index("ix_clients_listed", "tenant_id", "created_at", "client_id"),
        Index("ix_clients_external", "tenant_id", "external_client_id", unique=True),
    )

    client_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str] = mapped_column(String(255))
    secret_sealed: Mapped[str | None] = mapped_column(Text, info=SEALED)
    external_client_id: Mapped[str | None] = mapped_column(String(255))
    is_first_party: Mapped[bool] = mapped_column(Boolean, default=True)
    is_global: Mapped[bool] = mapped_column(Boolean, default=False)
    is_system: Mapped[bool] = mapped_column(Boolean, default=False)
    data: Mapped[dict[str, Any]] = mapped_column(JSONText, default=dict, info=SEALED)
    created_at: Mapped[int] = mapped_column(Millis)
    updated_at: Mapped[int] = mapped_column(Millis)


class ClientGrant(Editable, TenantScoped, Base):
    """What a client may ask of a resource server on its own behalf (client_credentials)."""

    __tablename__ = "client_grants"
    edited_as = "client-grants"
    flat = frozenset({"data"})
    __table_args__ = (
        UniqueConstraint("client_id", "audience", "subject_type", "tenant_id"),
        Index("ix_client_grants_listed", "tenant_id", "created_at", "id"),
        Index("ix_client_grants_audience", "tenant_id", "audience", "created_at", "id"),
    )

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    client_id: Mapped[str] = mapped_column(String(64))
    audience: Mapped[str] = mapped_column(String(600))
    scope: Mapped[list[str]] = mapped_column(JSONText, default=list)
    subject_type: Mapped[str] = mapped_column(String(32), default="client")
    data: Mapped[dict[str, Any]] = mapped_column(JSONText, default=dict)
    created_at: Mapped[int] = mapped_column(Millis)
