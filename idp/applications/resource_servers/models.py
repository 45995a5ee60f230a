"""Resource servers. ``data`` holds every documented member that has no column of its own."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Boolean, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from idp.foundation.db.base import SEALED, Base, JSONText, Millis, TenantScoped
from idp.foundation.db.editable import Editable


class ResourceServer(Editable, TenantScoped, Base):
    """An API. ``identifier`` is the audience of its tokens."""

    __tablename__ = "resource_servers"
    edited_as = "resource-servers"
    flat = frozenset({"data"})
    named = (("signing_secret_sealed", "signing_secret"),)
    __table_args__ = (UniqueConstraint("identifier", "tenant_id"),)

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    identifier: Mapped[str] = mapped_column(String(600))
    name: Mapped[str] = mapped_column(String(255))
    is_system: Mapped[bool] = mapped_column(Boolean, default=False)
    signing_secret_sealed: Mapped[str | None] = mapped_column(Text, info=SEALED)
    data: Mapped[dict[str, Any]] = mapped_column(JSONText, default=dict)
    created_at: Mapped[int] = mapped_column(Millis)
    updated_at: Mapped[int] = mapped_column(Millis)
