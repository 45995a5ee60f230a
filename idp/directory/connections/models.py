"""Connections and their enabled clients."""

from __future__ import annotations

from typing import Any

from sqlalchemy import String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from idp.foundation.db.base import SEALED, Base, JSONText, Millis, TenantScoped
from idp.foundation.db.editable import Editable


class Connection(Editable, TenantScoped, Base):
    """A source of users: ``strategy`` picks the connector, ``options`` configure it (secret ones sealed, see
    :mod:`idp.foundation.kernel.document_encryption`), ``data`` holds the remaining members.
    """

    __tablename__ = "connections"
    edited_as = "connections"
    flat = frozenset({"data"})
    __table_args__ = (UniqueConstraint("name", "tenant_id"),)

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str] = mapped_column(String(128))
    strategy: Mapped[str] = mapped_column(String(64))
    options: Mapped[dict[str, Any]] = mapped_column(JSONText, default=dict, info=SEALED)
    data: Mapped[dict[str, Any]] = mapped_column(JSONText, default=dict)
    created_at: Mapped[int] = mapped_column(Millis)
    updated_at: Mapped[int] = mapped_column(Millis)


class ConnectionClient(TenantScoped, Base):
    """A client that may use a connection."""

    __tablename__ = "connection_clients"

    connection_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    client_id: Mapped[str] = mapped_column(String(64), primary_key=True, index=True)


class ConnectionKey(TenantScoped, Base):
    """A key pair of a connection's own. ``use`` is ``signing`` or ``encryption``, ``state`` next, current or previous;
    one of each for each use at most.
    """

    __tablename__ = "connection_keys"

    connection_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    kid: Mapped[str] = mapped_column(String(64), primary_key=True)
    use: Mapped[str] = mapped_column(String(16))
    alg: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(16))
    private_sealed: Mapped[str] = mapped_column(Text, info=SEALED)
    public_jwk: Mapped[dict[str, Any]] = mapped_column(JSONText)
    certificate: Mapped[str] = mapped_column(Text)
    created_at: Mapped[int] = mapped_column(Millis)
    current_since: Mapped[int | None] = mapped_column(Millis)
    current_until: Mapped[int | None] = mapped_column(Millis)
