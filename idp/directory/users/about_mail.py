"""Whom a mail is about, as templates of the tenant's own may say it (:mod:`idp.tenant.mail.subjects`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from idp.applications.clients import runtime as clients
from idp.directory.connections import runtime as connections
from idp.directory.users.models import User
from idp.foundation.tenancy.work import Work

SHOWN = (
    "user_id",
    "email",
    "email_verified",
    "name",
    "given_name",
    "family_name",
    "nickname",
    "username",
    "picture",
    "phone_number",
)
"""Attributes that are columns; metadata of both kinds come beside them."""


def about(work: Work, named: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """``user``, ``application`` and ``connection``, as far as they are there."""
    return {
        "user": _user(work, named.get("user_id")),
        "application": _application(work, named.get("client_id")),
        "connection": _connection(work, named.get("connection_id")),
    }


def _user(work: Work, user_id: str | None) -> dict[str, Any]:
    row = work.rows.get(User, (work.tenant_id, user_id)) if user_id else None
    if row is None:
        return {}
    shown = {name: value for name in SHOWN if (value := getattr(row, name, None)) is not None}
    metadata = {"user_metadata": row.user_metadata or {}, "app_metadata": row.app_metadata or {}}
    return {**shown, **metadata, "language": row.language or ""}


def _application(work: Work, client_id: str | None) -> dict[str, Any]:
    client = clients.find(work, client_id) if client_id else None
    if client is None:
        return {}
    callbacks = client.data.callbacks
    parts = urlsplit(callbacks[0]) if callbacks else None
    return {
        "name": client.name,
        "clientID": client.client_id,
        "client_id": client.client_id,
        "callback_domain": f"{parts.scheme}://{parts.netloc}" if parts and parts.netloc else "",
    }


def _connection(work: Work, connection_id: str | None) -> dict[str, Any]:
    found = connections.find(work, connection_id) if connection_id else None
    return {"name": found.name} if found is not None else {}
