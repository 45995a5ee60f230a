"""What the Management API takes and shows of sessions."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import UNSET, UnsetType

from idp.foundation.apikit import Body, View
from idp.foundation.kernel.formats import whole

Metadata = dict[Annotated[str, whole("[A-Za-z0-9_-]{1,255}")], Any]


class SessionUpdate(Body):
    """PATCH /sessions/{id}: the metadata is replaced, ``{}`` and null clear it."""

    session_metadata: Metadata | UnsetType | None = UNSET


class SessionClientView(View):
    """A client that takes part in a session."""

    client_id: str


class Authentication(View):
    """How somebody signed in."""

    methods: list[dict[str, Any]]


class Cookie(View):
    """The kind of cookie that holds a session."""

    mode: str


class SessionView(View):
    """A live session."""

    id: str
    user_id: str
    created_at: str
    updated_at: str
    authenticated_at: str
    idle_expires_at: str
    expires_at: str
    last_interacted_at: str
    device: dict[str, Any]
    clients: list[SessionClientView]
    authentication: Authentication
    cookie: Cookie
    session_metadata: Metadata | UnsetType = UNSET
