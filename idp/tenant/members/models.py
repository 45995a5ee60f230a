"""Administrators, their visits, and who is to become one."""

from __future__ import annotations

from sqlalchemy import Boolean, Index, String, Text, false
from sqlalchemy.orm import Mapped, mapped_column

from idp.foundation.db.base import Base, JSONText, Millis, TenantScoped
from idp.foundation.db.editable import Editable


class Member(Editable, TenantScoped, Base):
    """An administrator. ``roles`` are names of :data:`idp.tenant.members.roles.ROLES`; ``client_ids`` are the
    applications of a role that is for some only. ``added_by`` is the user id of another administrator, None for the
    operator.
    """

    __tablename__ = "tenant_members"
    edited_as = "members"
    unnoted = frozenset({"last_seen_at"})

    user_id: Mapped[str] = mapped_column(String(300), primary_key=True)
    roles: Mapped[list[str]] = mapped_column(JSONText, default=list)
    client_ids: Mapped[list[str]] = mapped_column(JSONText, default=list)
    added_by: Mapped[str | None] = mapped_column(String(300))
    blocked: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    """Whether they are shut out as a user: such an Owner is no way in."""
    last_seen_at: Mapped[int | None] = mapped_column(Millis)
    created_at: Mapped[int] = mapped_column(Millis)
    updated_at: Mapped[int] = mapped_column(Millis)


class MemberSession(TenantScoped, Base):
    """When somebody last did something at the dashboard in one session (ms)."""

    __tablename__ = "member_sessions"
    __table_args__ = (
        Index("ix_member_sessions_seen_at", "seen_at"),
        Index("ix_member_sessions_user_id", "user_id", "tenant_id"),
    )

    session_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[str] = mapped_column(String(300))
    seen_at: Mapped[int] = mapped_column(Millis)


class SavedFilter(TenantScoped, Base):
    """A filter of a list that an administrator keeps: ``query`` is that of its address. ``shared`` ones are shown to
    every administrator who may open the list.
    """

    __tablename__ = "saved_filters"
    __table_args__ = (
        Index("ix_saved_filters_resource", "resource", "tenant_id"),
        Index("ix_saved_filters_user_id", "user_id", "tenant_id"),
    )

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[str] = mapped_column(String(300))
    resource: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(80))
    query: Mapped[str] = mapped_column(Text)
    shared: Mapped[bool] = mapped_column(Boolean)
    created_at: Mapped[int] = mapped_column(Millis)


class MemberInvitation(TenantScoped, Base):
    """Whoever accepts that invitation becomes an administrator with these roles."""

    __tablename__ = "member_invitations"
    __table_args__ = (Index("ix_member_invitations_created_at", "created_at"),)

    invitation_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    roles: Mapped[list[str]] = mapped_column(JSONText, default=list)
    client_ids: Mapped[list[str]] = mapped_column(JSONText, default=list)
    added_by: Mapped[str | None] = mapped_column(String(300))
    created_at: Mapped[int] = mapped_column(Millis)
