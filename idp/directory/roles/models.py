"""Who may do what: roles with permissions of APIs, people and groups that have them.

A permission is a scope of an API: the API's id, which stays when its identifier follows the tenant, and the scope's
value. A member of a group is an account at the group's connection, not a user: linking and unlinking move it along with
its identity.
"""

from __future__ import annotations

from sqlalchemy import Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, validates

from idp.foundation.db.base import Base, FoldedText, Millis, TenantScoped
from idp.foundation.db.editable import Editable
from idp.foundation.kernel.folding import fold


class Role(Editable, TenantScoped, Base):
    """A name for permissions that people get together."""

    __tablename__ = "roles"
    edited_as = "roles"
    __table_args__ = (
        UniqueConstraint("name", "tenant_id"),
        Index("ix_roles_listed", "tenant_id", "created_at", "id"),
    )

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str] = mapped_column(String(255))
    name_folded: Mapped[str] = mapped_column(FoldedText)
    description: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[int] = mapped_column(Millis)
    updated_at: Mapped[int] = mapped_column(Millis)

    @validates("name")
    def _keep_folded(self, _name: str, value: str) -> str:
        self.name_folded = fold(value)
        return value


class RolePermission(TenantScoped, Base):
    """What whoever has a role may do."""

    __tablename__ = "role_permissions"
    __table_args__ = (Index("ix_role_permissions_api", "resource_server_id", "permission", "tenant_id"),)

    role_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    resource_server_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    permission: Mapped[str] = mapped_column(String(280), primary_key=True)


class UserRole(TenantScoped, Base):
    """A role that somebody was given by name."""

    __tablename__ = "user_roles"
    __table_args__ = (Index("ix_user_roles_role", "role_id", "user_id", "tenant_id"),)

    user_id: Mapped[str] = mapped_column(String(300), primary_key=True)
    role_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    created_at: Mapped[int] = mapped_column(Millis)


class UserPermission(TenantScoped, Base):
    """A permission that somebody was given directly."""

    __tablename__ = "user_permissions"
    __table_args__ = (Index("ix_user_permissions_api", "resource_server_id", "permission", "tenant_id"),)

    user_id: Mapped[str] = mapped_column(String(300), primary_key=True)
    resource_server_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    permission: Mapped[str] = mapped_column(String(280), primary_key=True)
    created_at: Mapped[int] = mapped_column(Millis)


class Group(TenantScoped, Base):
    """A group of a connection's directory. ``source_id`` is what it is called in whatever brought it here."""

    __tablename__ = "directory_groups"
    __table_args__ = (
        UniqueConstraint("source_id", "connection_id", "tenant_id"),
        Index("ix_directory_groups_listed", "tenant_id", "created_at", "id"),
        Index("ix_directory_groups_connection", "connection_id", "tenant_id"),
    )

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    connection_id: Mapped[str] = mapped_column(String(64))
    source_id: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(300))
    name_folded: Mapped[str] = mapped_column(FoldedText)
    external_id: Mapped[str | None] = mapped_column(String(300))
    created_at: Mapped[int] = mapped_column(Millis)
    updated_at: Mapped[int] = mapped_column(Millis)

    @validates("name")
    def _keep_folded(self, _name: str, value: str) -> str:
        self.name_folded = fold(value)
        return value


class GroupMember(TenantScoped, Base):
    """An account in a group of its own connection."""

    __tablename__ = "group_members"
    __table_args__ = (Index("ix_group_members_account", "account_id", "connection_id", "tenant_id"),)

    group_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    account_id: Mapped[str] = mapped_column(String(255), primary_key=True)
    connection_id: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[int] = mapped_column(Millis)


class GroupRole(TenantScoped, Base):
    """A role that every member of a group has."""

    __tablename__ = "group_roles"
    __table_args__ = (Index("ix_group_roles_role", "role_id", "group_id", "tenant_id"),)

    group_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    role_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    created_at: Mapped[int] = mapped_column(Millis)
