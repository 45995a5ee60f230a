"""Rules of the metadata of sessions and refresh tokens (spec/metadata.md, "Kinds")."""

from __future__ import annotations

from typing import Any

from idp.foundation.kernel.faults import BODY, fault

MAX_ENTRIES, MAX_TEXT = 25, 255


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
