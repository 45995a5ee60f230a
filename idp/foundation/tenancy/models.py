"""The tenant row, and what stands beside it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Boolean, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from idp.foundation.db.base import SEALED, Base, JSONText, Millis, TenantScoped
from idp.foundation.db.editable import Editable


class Tenant(Editable, Base):
    """One identity provider. ``config_version`` grows with every change of anything a process may cache; ``host`` is
    where requests find it, with the path of its URL behind (``example.com/auth``).
    """

    __tablename__ = "tenants"
    edited_as = "tenants"
    flat = frozenset({"settings"})
    unnoted = frozenset({"config_version", "host"})

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    url: Mapped[str] = mapped_column(String(512), unique=True)
    host: Mapped[str] = mapped_column(String(255), unique=True)
    is_default: Mapped[bool] = mapped_column(Boolean, default=False)
    config_version: Mapped[int] = mapped_column(Integer, default=1)
    settings: Mapped[dict[str, Any]] = mapped_column(JSONText, default=dict, info=SEALED)
    branding: Mapped[dict[str, Any]] = mapped_column(JSONText, default=dict)
    prompts: Mapped[dict[str, Any]] = mapped_column(JSONText, default=dict)
    attack_protection: Mapped[dict[str, Any]] = mapped_column(JSONText, default=dict, info=SEALED)
    created_at: Mapped[int] = mapped_column(Millis)
    updated_at: Mapped[int] = mapped_column(Millis)


class TenantDocument(Editable, TenantScoped, Base):
    """A part of a tenant's configuration that most requests do not need: its templates, themes and words. ``kind`` says
    what it is and ``name`` which one (:mod:`idp.foundation.tenancy.documents`, decision 0215).
    """

    __tablename__ = "tenant_documents"
    edited_as = "tenant-documents"

    kind: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    document: Mapped[Any] = mapped_column(JSONText, info=SEALED)
    created_at: Mapped[int] = mapped_column(Millis)
    updated_at: Mapped[int] = mapped_column(Millis)


class CustomDomain(TenantScoped, Base):
    """A host name of the tenant's own customers' domain, under which it answers beside its URL (decision 0245).

    Anybody may write down a name (``domain``); ``held`` is the name again once whoever asked proved to hold it, and no
    two tenants hold one. ``token`` is what the proof in the DNS says, ``proxy_key_hash`` the hash of what the proxy in
    front says to be believed about addresses of clients.
    """

    __tablename__ = "custom_domains"
    __table_args__ = (
        Index("ix_custom_domains_domain", "domain", "tenant_id", unique=True),
        Index("ix_custom_domains_held", "held", unique=True),
        Index("ix_custom_domains_listed", "tenant_id", "created_at", "id"),
    )

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    domain: Mapped[str] = mapped_column(String(253))
    held: Mapped[str | None] = mapped_column(String(253))
    type: Mapped[str] = mapped_column(String(32))
    by_record: Mapped[str] = mapped_column(String(8))
    token: Mapped[str] = mapped_column(String(64))
    is_default: Mapped[bool] = mapped_column(Boolean, default=False)
    tls_policy: Mapped[str | None] = mapped_column(String(32))
    client_ip_header: Mapped[str | None] = mapped_column(String(32))
    proxy_key_hash: Mapped[str | None] = mapped_column(String(64))
    domain_metadata: Mapped[dict[str, Any]] = mapped_column(JSONText, default=dict)
    relying_party_identifier: Mapped[str | None] = mapped_column(String(253))
    problem: Mapped[str | None] = mapped_column(String(500))
    verified_at: Mapped[int | None] = mapped_column(Millis)
    created_at: Mapped[int] = mapped_column(Millis)
    updated_at: Mapped[int] = mapped_column(Millis)
