"""The tenant row."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Boolean, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from idp.foundation.db.base import SEALED, Base, JSONText, Millis


class Tenant(Base):
    """One identity provider. ``config_version`` grows with every change of anything a process may cache; ``host`` is
    where requests find it, with the path of its URL behind (``example.com/auth``).
    """

    __tablename__ = "tenants"

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
