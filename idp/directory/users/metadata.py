"""Rules of ``user_metadata`` and ``app_metadata`` (spec/metadata.md)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from idp.directory.users.attributes import METADATA
from idp.foundation.kernel.documents import merged
from idp.foundation.kernel.faults import BODY, fault

MAX_BYTES = 1024 * 1024
RESERVED = frozenset(
    {
        "__tenant",
        "_id",
        "blocked",
        "clientID",
        "created_at",
        "email_verified",
        "email",
        "globalClientID",
        "global_client_id",
        "identities",
        "lastIP",
        "lastLogin",
        "loginsCount",
        "metadata",
        "multifactor_last_modified",
        "multifactor",
        "updated_at",
        "user_id",
    }
)
"""Names that ``app_metadata`` must not have at its root."""
KINDS = METADATA


def check(members: Mapping[str, Any]) -> None:
    """Refuse bad names in either kind.

    :raises BadRequest: ``invalid_body``.
    """
    for kind in KINDS:
        value = members.get(kind)
        if isinstance(value, dict):
            _check_names(kind, value)
    taken = RESERVED.intersection(members.get("app_metadata") or ())
    if taken:
        raise fault(BODY, f"The following properties are not allowed: {', '.join(sorted(taken))}", "app_metadata")


def merge(kind: str, stored: Mapping[str, Any] | None, patch: Mapping[str, Any] | None) -> dict[str, Any]:
    """The result of a PATCH: first-level merge, a null at the root deletes its key, ``{}`` and null clear everything.

    :raises BadRequest: the result is larger than 1 MB.
    """
    result = merged(stored or {}, patch) if patch else {}
    if len(msgspec.json.encode(result)) > MAX_BYTES:
        raise fault(BODY, f"Metadata is larger than {MAX_BYTES} bytes", kind)
    return result


def _check_names(where: str, value: Any) -> None:
    if isinstance(value, list):
        for item in value:
            _check_names(where, item)
    if not isinstance(value, dict):
        return
    for name, item in value.items():
        if "." in name or "$" in name:
            raise fault(BODY, f"Property names must not contain '.' or '$': {name[:80]}".replace("'", ""), where)
        _check_names(where, item)
