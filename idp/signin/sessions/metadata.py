"""Rules of the metadata of sessions and refresh tokens (spec/metadata.md, "Kinds")."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import bindparam, select

from idp.foundation.db.hot import Statement
from idp.foundation.db.typed_rows import Json
from idp.foundation.kernel.faults import BODY, fault
from idp.foundation.tenancy.work import Work
from idp.signin.sessions.models import Session as S

MAX_ENTRIES, MAX_TEXT = 25, 255


class _Kept(msgspec.Struct, frozen=True):
    session_metadata: Json[dict[str, Any]] | None


_OF_SESSION = Statement(
    "session_metadata_of",
    select(S.session_metadata).where(S.tenant_id == bindparam("tenant"), S.id == bindparam("session")),
    row=_Kept,
)


def of_session(work: Work, session_id: str) -> dict[str, Any]:
    """What the session has, live or not; empty where that is nothing."""
    found = work.hot.one(_OF_SESSION, tenant=work.tenant_id, session=session_id)
    return (found.session_metadata if found is not None else None) or {}


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
