"""What a person's own page lists of their sessions."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import bindparam, select

from idp.foundation.db.by_key import by_key
from idp.foundation.db.hot import Statement
from idp.foundation.db.typed_rows import Json
from idp.signin.sessions.models import Session as S
from idp.signin.sessions.models import SessionClient as SC

MOST_SHOWN = 50
"""How many sessions a person's own page lists. Ending all others ends those beyond, too."""
_TENANT = S.tenant_id == bindparam("tenant")


class LiveOfUser(msgspec.Struct, frozen=True):
    """A live session as its owner sees it; times in ms."""

    id: str
    device: Json[dict[str, Any]]
    last_interacted_at: int
    created_at: int


class ClientOfSession(msgspec.Struct, frozen=True):
    """An application that was used in a session."""

    session_id: str
    client_id: str


LIVE_OF_USER = Statement(
    "session_live_of_user",
    select(S.id, S.device, S.last_interacted_at, S.created_at)
    .where(
        _TENANT,
        S.user_id == bindparam("user"),
        S.ended_at.is_(None),
        S.expires_at > bindparam("now"),
        S.idle_expires_at > bindparam("now"),
    )
    .order_by(S.last_interacted_at.desc())
    .limit(MOST_SHOWN),
    row=LiveOfUser,
)
CLIENTS_OF_USER = Statement(
    "session_clients_of_user",
    select(SC.session_id, SC.client_id)
    .select_from(by_key(S, SC, (SC.tenant_id == S.tenant_id) & (SC.session_id == S.id)))
    .where(_TENANT, S.user_id == bindparam("user"), S.ended_at.is_(None))
    .order_by(SC.created_at),
    row=ClientOfSession,
)
