"""What the extension knows: groups, roles, permissions and its settings as documents, and who is in them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from idp.foundation.db.base import Base, JSONText, Millis, TenantScoped


class AuthorizationObject(TenantScoped, Base):
    """One of them; ``kind`` is ``group``, ``role``, ``permission`` or ``configuration``."""

    __tablename__ = "authorization_objects"
    __table_args__ = (Index("ix_authorization_objects_kind", "tenant_id", "kind", "created_at", "id"),)

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    document: Mapped[dict[str, Any]] = mapped_column(JSONText, default=dict)
    created_at: Mapped[int] = mapped_column(Millis)


class AuthorizationMember(TenantScoped, Base):
    """Somebody in a group, or with a role."""

    __tablename__ = "authorization_members"
    __table_args__ = (Index("ix_authorization_members_user", "user_id", "tenant_id"),)

    object_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[str] = mapped_column(String(300), primary_key=True)
