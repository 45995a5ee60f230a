"""Authorizations, and tokens of releases that stored them.

An authorization is one answer of ``/authorize``: its code, and the family of every token that comes of it. Revoking the
family is one UPDATE, since each token check reads its authorization.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Boolean, Index, Integer, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from idp.foundation.db.base import Base, JSONText, Millis, TenantScoped

ADOPTED: Final = "adopted"
"""The kind of a refresh token that a former tenant gave: it stays for as long as its family's row, spent or not, since
whoever holds one that is not known here has the former tenant asked (docs/decisions/0250).
"""


class Authorization(TenantScoped, Base):
    """One granted authorization request. ``id`` is also the Management API's refresh token id (the family's)."""

    __tablename__ = "authorizations"
    __table_args__ = (
        Index(
            "uq_authorizations_code_hash",
            "code_hash",
            "tenant_id",
            unique=True,
            sqlite_where=text("code_hash IS NOT NULL"),
        ),
        Index("ix_authorizations_user_client", "user_id", "client_id", "tenant_id"),
        Index("ix_authorizations_session_id", "session_id", "tenant_id"),
        Index("ix_authorizations_purge_at", "purge_at"),
    )
    """No exchange changes an indexed column, so that Postgres keeps the new version of the row beside the old one."""

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    client_id: Mapped[str] = mapped_column(String(64))
    user_id: Mapped[str] = mapped_column(String(300))
    connection_id: Mapped[str | None] = mapped_column(String(64))
    session_id: Mapped[str | None] = mapped_column(String(64))
    scope: Mapped[str] = mapped_column(Text)
    audience: Mapped[str | None] = mapped_column(String(600))
    request: Mapped[dict[str, Any]] = mapped_column(JSONText)
    """redirect_uri, nonce, code_challenge, claims, acr, amr, auth_time: what the token endpoint must repeat or check.
    """
    code_hash: Mapped[str | None] = mapped_column(String(64))
    """Of the release before, and so is ``code_expires_at``: its processes run on for as long as an upgrade takes. With
    an adopted refresh token, its hash: the row has a row of ``tokens``.
    """
    code_expires_at: Mapped[int | None] = mapped_column(Millis)
    code_used_at: Mapped[int | None] = mapped_column(Millis)
    generation: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    """Of its refresh token: the one that is good now is of this generation, older ones are spent."""
    exchanged_at: Mapped[int | None] = mapped_column(Millis)
    """When a refresh token was exchanged last."""
    idle_expires_at: Mapped[int | None] = mapped_column(Millis)
    """End of the refresh token unless it is used before; None never."""
    live_until: Mapped[int | None] = mapped_column(Millis)
    """End of everything that was issued, once the code is used; None never."""
    revoked_tokens: Mapped[str | None] = mapped_column(Text)
    """Access tokens that were revoked by themselves: ``name:end`` each, separated by spaces."""
    offline: Mapped[bool] = mapped_column(Boolean, default=False)
    rotating: Mapped[bool] = mapped_column(Boolean, default=True)
    device: Mapped[dict[str, Any] | None] = mapped_column(JSONText)
    refresh_token_metadata: Mapped[dict[str, Any] | None] = mapped_column(JSONText)
    created_at: Mapped[int] = mapped_column(Millis)
    expires_at: Mapped[int | None] = mapped_column(Millis)
    """Absolute end of the refresh tokens of this family; None never."""
    purge_at: Mapped[int | None] = mapped_column(Millis)
    """When to look whether the row may go; what lives then is looked at later (:mod:`.feature`)."""
    revoked_at: Mapped[int | None] = mapped_column(Millis)


class Token(TenantScoped, Base):
    """An access or refresh token of a release that stored them (docs/decisions/0120), or a refresh token of a former
    tenant.
    """

    __tablename__ = "tokens"
    __table_args__ = (
        Index("ix_tokens_authorization_id", "authorization_id", "tenant_id"),
        Index("ix_tokens_purge_at", "purge_at"),
        Index(
            "ix_tokens_used_at",
            "used_at",
            sqlite_where=text("used_at IS NOT NULL"),
        ),
    )

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    """SHA-256 of an opaque token, or of the ``jti`` of a JWT access token."""
    kind: Mapped[str] = mapped_column(String(8))
    """``access`` or ``refresh``, or :data:`ADOPTED`."""
    authorization_id: Mapped[str] = mapped_column(String(64))
    client_id: Mapped[str] = mapped_column(String(64))
    user_id: Mapped[str] = mapped_column(String(300))
    scope: Mapped[str] = mapped_column(Text)
    audience: Mapped[str | None] = mapped_column(String(600))
    created_at: Mapped[int] = mapped_column(Millis)
    expires_at: Mapped[int | None] = mapped_column(Millis)
    used_at: Mapped[int | None] = mapped_column(Millis)
    """When a rotating refresh token was exchanged."""
    revoked_at: Mapped[int | None] = mapped_column(Millis)
    purge_at: Mapped[int | None] = mapped_column(Millis)


class BlacklistedToken(TenantScoped, Base):
    """A JWT that an administrator refused, by its ``jti``; kept for longer than any token lives."""

    __tablename__ = "blacklisted_tokens"
    __table_args__ = (Index("ix_blacklisted_tokens_created_at", "created_at"),)

    jti: Mapped[str] = mapped_column(String(255), primary_key=True)
    aud: Mapped[str] = mapped_column(String(600), primary_key=True)
    created_at: Mapped[int] = mapped_column(Millis)


class DeviceKey(TenantScoped, Base):
    """The public key of a user's device, one for each device and client."""

    __tablename__ = "device_keys"
    __table_args__ = (UniqueConstraint("user_id", "client_id", "device_id", "tenant_id"),)

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[str] = mapped_column(String(300))
    client_id: Mapped[str] = mapped_column(String(64))
    device_name: Mapped[str] = mapped_column(String(255))
    device_id: Mapped[str] = mapped_column(String(255))
    public_key: Mapped[str] = mapped_column(Text)
    created_at: Mapped[int] = mapped_column(Millis)
