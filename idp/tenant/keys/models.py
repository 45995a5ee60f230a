"""Signing keys."""

from __future__ import annotations

from typing import Any

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from idp.foundation.db.base import SEALED, Base, JSONText, Millis, TenantScoped


class SigningKey(TenantScoped, Base):
    """One key pair. ``state``: next, current, previous or revoked; at most one next and one current per ``alg``."""

    __tablename__ = "signing_keys"

    kid: Mapped[str] = mapped_column(String(64), primary_key=True)
    alg: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(16))
    private_sealed: Mapped[str] = mapped_column(Text, info=SEALED)
    public_jwk: Mapped[dict[str, Any]] = mapped_column(JSONText)
    certificate: Mapped[str] = mapped_column(Text)
    created_at: Mapped[int] = mapped_column(Millis)
    current_since: Mapped[int | None] = mapped_column(Millis)
    current_until: Mapped[int | None] = mapped_column(Millis)
    revoked_at: Mapped[int | None] = mapped_column(Millis)


class TokenKey(TenantScoped, Base):
    """A secret for tags on opaque tokens (:mod:`idp.tenant.keys.token_key`)."""

    __tablename__ = "token_keys"

    kid: Mapped[str] = mapped_column(String(64), primary_key=True)
    secret_sealed: Mapped[str] = mapped_column(Text, info=SEALED)
    created_at: Mapped[int] = mapped_column(Millis)


class SubjectKey(TenantScoped, Base):
    """The tenant's key for pairwise subjects (:mod:`idp.tenant.keys.subject_key`)."""

    __tablename__ = "subject_keys"

    secret_sealed: Mapped[str] = mapped_column(Text, info=SEALED)
    created_at: Mapped[int] = mapped_column(Millis)
