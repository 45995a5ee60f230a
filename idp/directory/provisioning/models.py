"""Which connections are provisioned, with which tokens, and what their directories have sent."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from idp.foundation.db.base import Base, JSONText, Millis, TenantScoped


class ScimConfiguration(TenantScoped, Base):
    """How a connection is provisioned: ``user_id_attribute`` is the SCIM attribute that holds the id by which the
    source knows a person when they sign in; ``mapping`` says which attribute of the profile each other one becomes.
    """

    __tablename__ = "scim_configurations"

    connection_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id_attribute: Mapped[str] = mapped_column(String(200))
    mapping: Mapped[list[dict[str, str]]] = mapped_column(JSONText, default=list)
    created_at: Mapped[int] = mapped_column(Millis)
    updated_at: Mapped[int] = mapped_column(Millis)


class ScimToken(TenantScoped, Base):
    """A bearer token of a connection's directory, as its hash."""

    __tablename__ = "scim_tokens"
    __table_args__ = (
        UniqueConstraint("token_hash", "tenant_id"),
        Index("ix_scim_tokens_connection", "connection_id", "created_at", "tenant_id"),
    )

    token_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    connection_id: Mapped[str] = mapped_column(String(64))
    token_hash: Mapped[str] = mapped_column(String(64))
    scopes: Mapped[list[str]] = mapped_column(JSONText, default=list)
    created_at: Mapped[int] = mapped_column(Millis)
    valid_until: Mapped[int | None] = mapped_column(Millis)
    last_used_at: Mapped[int | None] = mapped_column(Millis)


class ScimResource(TenantScoped, Base):
    """A person or a group of a directory as it was sent. ``unique_key`` is what no other may have (a ``userName``),
    ``name_key`` what it is called, both without regard to case; ``account_id`` is the id of the person's identity.
    """

    __tablename__ = "scim_resources"
    __table_args__ = (
        UniqueConstraint("unique_key", "kind", "connection_id", "tenant_id"),
        Index("ix_scim_resources_listed", "connection_id", "kind", "created_at", "resource_id", "tenant_id"),
        Index("ix_scim_resources_name", "name_key", "kind", "connection_id", "tenant_id"),
        Index("ix_scim_resources_external", "external_id", "kind", "connection_id", "tenant_id"),
        Index("ix_scim_resources_account", "account_id", "connection_id", "tenant_id"),
    )

    resource_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    connection_id: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(16))
    unique_key: Mapped[str | None] = mapped_column(String(300))
    name_key: Mapped[str | None] = mapped_column(String(300))
    external_id: Mapped[str | None] = mapped_column(String(300))
    account_id: Mapped[str | None] = mapped_column(String(255))
    document: Mapped[dict[str, Any]] = mapped_column(JSONText, default=dict)
    version: Mapped[int] = mapped_column(Integer, default=1)
    created_at: Mapped[int] = mapped_column(Millis)
    updated_at: Mapped[int] = mapped_column(Millis)
