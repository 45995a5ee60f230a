"""What the Management API takes and shows of sessions."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import UNSET, Meta, UnsetType

from idp.foundation.apikit import Body
from idp.foundation.apikit.document import shown
from idp.foundation.kernel.faults import BODY, fault

MAX_ENTRIES, MAX_TEXT = 25, 255
Metadata = dict[Annotated[str, Meta(pattern="^[A-Za-z0-9_-]{1,255}$")], Any]


class SessionUpdate(Body):
    """PATCH /sessions/{id}: the metadata is replaced, ``{}`` and null clear it."""

    session_metadata: Metadata | UnsetType | None = UNSET


def check_metadata(name: str, value: dict[str, Any] | None) -> dict[str, Any] | None:
    """The metadata to store (spec/metadata.md, "Kinds").

    :raises BadRequest: more than 25 entries, or texts longer than 255 characters.
    """
    if value is None or not value:
        return None
    if len(value) > MAX_ENTRIES or any(isinstance(item, str) and len(item) > MAX_TEXT for item in value.values()):
        raise fault(BODY, f"At most {MAX_ENTRIES} entries of at most {MAX_TEXT} characters", name)
    if any(isinstance(item, dict | list) for item in value.values()):
        raise fault(BODY, f"Entries must be scalars ({MAX_ENTRIES} of at most {MAX_TEXT} characters)", name)
    return value


SessionView = shown(
    "Session",
    SessionUpdate,
    extra={
        **dict.fromkeys(("id", "user_id", "created_at", "updated_at", "authenticated_at"), str),
        **dict.fromkeys(("idle_expires_at", "expires_at", "last_interacted_at"), str),
        **dict.fromkeys(("device", "authentication", "cookie"), dict[str, Any]),
        "clients": list[dict[str, str]],
    },
)
