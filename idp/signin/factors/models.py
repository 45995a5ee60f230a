"""What people have enrolled to prove who they are, and the browsers that need not ask for it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Boolean, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from idp.foundation.db.base import SEALED, Base, JSONText, Millis, TenantScoped


class AuthenticationMethod(TenantScoped, Base):
    """One method of somebody. ``id`` is ``type|dev_...``, as Auth0 has it; ``type`` names the kind
    (:mod:`idp.signin.factors.kinds`). One that is not ``confirmed`` is still being enrolled and proves nothing.

    Columns that only some kinds have: ``secret_sealed`` (a TOTP seed, Base32) with the ``last_step`` it was used in;
    ``code_hash`` of a recovery code; ``email`` or ``phone_number``, with the ``preferred`` way to it (``sms`` or
    ``voice``); and a credential of WebAuthn, which ``rp_id`` and ``credential_hash`` find.
    """

    __tablename__ = "authentication_methods"
    __table_args__ = (
        Index("ix_authentication_methods_user_id", "user_id", "tenant_id"),
        Index("uq_authentication_methods_credential", "credential_hash", "tenant_id", unique=True),
        Index("ix_authentication_methods_pending", "pending_until"),
    )

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[str] = mapped_column(String(300))
    type: Mapped[str] = mapped_column(String(32))
    name: Mapped[str | None] = mapped_column(String(128))
    confirmed: Mapped[bool] = mapped_column(Boolean, default=False)
    preferred: Mapped[str | None] = mapped_column(String(16))
    secret_sealed: Mapped[str | None] = mapped_column(Text, info=SEALED)
    last_step: Mapped[int | None] = mapped_column(BigInteger)
    code_hash: Mapped[str | None] = mapped_column(String(64))
    email: Mapped[str | None] = mapped_column(String(254))
    phone_number: Mapped[str | None] = mapped_column(String(32))
    credential_id: Mapped[str | None] = mapped_column(Text)
    """Base64url without padding, up to 1023 bytes of it (WebAuthn 3)."""
    credential_hash: Mapped[str | None] = mapped_column(String(64))
    """SHA-256 of relying party and credential id, which no two methods of a tenant share."""
    public_key: Mapped[str | None] = mapped_column(Text)
    sign_count: Mapped[int | None] = mapped_column(BigInteger)
    aaguid: Mapped[str | None] = mapped_column(String(36))
    transports: Mapped[list[str] | None] = mapped_column(JSONText)
    user_handle: Mapped[str | None] = mapped_column(String(128))
    rp_id: Mapped[str | None] = mapped_column(String(253))
    backup_eligible: Mapped[bool | None] = mapped_column(Boolean)
    backed_up: Mapped[bool | None] = mapped_column(Boolean)
    identity_user_id: Mapped[str | None] = mapped_column(String(255))
    """The account (of the user's connection) that a passkey signs in."""
    user_agent: Mapped[str | None] = mapped_column(String(512))
    details: Mapped[dict[str, Any] | None] = mapped_column(JSONText)
    """What else a kind keeps; nothing secret."""
    created_at: Mapped[int] = mapped_column(Millis)
    enrolled_at: Mapped[int | None] = mapped_column(Millis)
    last_auth_at: Mapped[int | None] = mapped_column(Millis)
    pending_until: Mapped[int | None] = mapped_column(Millis)
    """When an enrolment that was not finished goes; None once it is confirmed."""


class RememberedBrowser(TenantScoped, Base):
    """A browser that somebody asked not to be asked in again (``purpose`` ``trusted``), or that they signed in with
    (``known``, found by the id). The cookie of a trusted one carries a secret of which only the hash is here.
    """

    __tablename__ = "remembered_browsers"
    __table_args__ = (
        Index("ix_remembered_browsers_user_id", "user_id", "tenant_id"),
        Index("ix_remembered_browsers_ends_at", "ends_at"),
    )

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[str] = mapped_column(String(300))
    purpose: Mapped[str] = mapped_column(String(16))
    secret_hash: Mapped[str | None] = mapped_column(String(64))
    user_agent: Mapped[str | None] = mapped_column(String(512))
    ip: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[int] = mapped_column(Millis)
    last_used_at: Mapped[int] = mapped_column(Millis)
    ends_at: Mapped[int] = mapped_column(Millis)
