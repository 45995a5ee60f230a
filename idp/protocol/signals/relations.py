"""Which receivers hear of a person (docs/decisions/0379): those whose application the person used or lets use an API,
as far as we still know of it, and those that added them; none that took them out.
"""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import bindparam, select

from idp.foundation.db.by_key import by_key
from idp.foundation.db.hot import Statement
from idp.foundation.tenancy.work import Work
from idp.protocol.signals import runtime
from idp.protocol.signals.models import SignalSubject as SS
from idp.protocol.signals.runtime import StreamConfig
from idp.protocol.tokens.models import Authorization as A
from idp.signin.sessions import service as sessions
from idp.signin.sessions.models import Session as S
from idp.signin.sessions.models import SessionClient as SC
from idp.signin.user_grants.models import UserGrant as G

_TENANT: Any = bindparam("tenant")
_USER: Any = bindparam("user")
_BY_TOKENS = Statement(
    "signal_clients_by_tokens",
    select(A.client_id).where(A.tenant_id == _TENANT, A.user_id == _USER).distinct(),
    row=str,
)
_BY_SESSIONS = Statement(
    "signal_clients_by_sessions",
    select(SC.client_id)
    .select_from(by_key(S, SC, (SC.tenant_id == S.tenant_id) & (SC.session_id == S.id)))
    .where(S.tenant_id == _TENANT, S.user_id == _USER)
    .distinct(),
    row=str,
)
_BY_CONSENT = Statement(
    "signal_clients_by_consent",
    select(G.client_id).where(G.tenant_id == _TENANT, G.user_id == _USER).distinct(),
    row=str,
)


class _Named(msgspec.Struct, frozen=True):
    stream_id: str
    added: bool


_NAMED = Statement(
    "signal_subjects_of_user",
    select(SS.stream_id, SS.added).where(SS.tenant_id == _TENANT, SS.user_id == _USER),
    row=_Named,
)


def of_user(work: Work, event: str, user_id: str) -> list[StreamConfig]:
    """Streams that hear ``event`` about that person."""
    wanting = [each for each in runtime.of_tenant(work) if each.wants(event)]
    if not wanting:
        return []
    named = _named(work, user_id)
    known = clients_of(work, user_id)
    return [each for each in wanting if named.get(each.id, each.client_id in known)]


def of_session(work: Work, event: str, session_id: str, user_id: str) -> list[StreamConfig]:
    """The like about one session of theirs: those whose application took part in it, and nobody else knows of it."""
    wanting = [each for each in runtime.of_tenant(work) if each.wants(event)]
    if not wanting:
        return []
    part = set(sessions.clients(work, session_id))
    found = [each for each in wanting if each.client_id in part]
    named = _named(work, user_id) if found else {}
    return [each for each in found if named.get(each.id, True)]


def clients_of(work: Work, user_id: str) -> set[str]:
    """Ids of the clients that have, or lately had, sessions, tokens or consent of that person."""
    who = {"tenant": work.tenant_id, "user": user_id}
    return {client_id for each in (_BY_TOKENS, _BY_SESSIONS, _BY_CONSENT) for client_id in work.hot.all(each, **who)}


def _named(work: Work, user_id: str) -> dict[str, bool]:
    return {each.stream_id: each.added for each in work.hot.all(_NAMED, tenant=work.tenant_id, user=user_id)}
