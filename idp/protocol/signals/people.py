"""Which receivers hear of a person (docs/decisions/0379): those whose application the person used or lets use an API,
as far as we still know of it, and those that added them; none that took them out. And how receivers add people and take
them out (SSF 8.1.3): whether there is anybody is never told.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec
from sqlalchemy import bindparam, func, select

from idp.applications.clients.runtime import ClientConfig
from idp.directory.users.models import User
from idp.foundation.db.by_key import by_key
from idp.foundation.db.hot import Statement
from idp.foundation.db.upsert import insert as upsert
from idp.foundation.kernel import clock
from idp.foundation.kernel.email_addresses import email_key
from idp.foundation.kernel.errors import OAuthError, invalid_request
from idp.foundation.tenancy.work import Work
from idp.protocol.signals import runtime, types
from idp.protocol.signals.models import SignalStream
from idp.protocol.signals.models import SignalSubject as SS
from idp.protocol.signals.runtime import StreamConfig
from idp.protocol.tokens import subjects
from idp.protocol.tokens.models import Authorization as A
from idp.signin.sessions import service as sessions
from idp.signin.sessions.models import Session as S
from idp.signin.sessions.models import SessionClient as SC
from idp.signin.user_grants.models import UserGrant as G

MOST: Final = 10_000
"""People that one stream names."""
MOST_OF_ADDRESS: Final = 10
"""Accounts of one address that are meant by it."""
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
    named = _named_in(work, user_id)
    known = clients_of(work, user_id)
    return [each for each in wanting if named.get(each.id, each.client_id in known)]


def of_session(work: Work, event: str, session_id: str, user_id: str) -> list[StreamConfig]:
    """The like about one session of theirs: those whose application took part in it, and nobody else knows of it."""
    wanting = [each for each in runtime.of_tenant(work) if each.wants(event)]
    if not wanting:
        return []
    part = set(sessions.clients(work, session_id))
    found = [each for each in wanting if each.client_id in part]
    named = _named_in(work, user_id) if found else {}
    return [each for each in found if named.get(each.id, True)]


def clients_of(work: Work, user_id: str) -> set[str]:
    """Ids of the clients that have, or lately had, sessions, tokens or consent of that person."""
    who = {"tenant": work.tenant_id, "user": user_id}
    return {client_id for each in (_BY_TOKENS, _BY_SESSIONS, _BY_CONSENT) for client_id in work.hot.all(each, **who)}


def _named_in(work: Work, user_id: str) -> dict[str, bool]:
    return {each.stream_id: each.added for each in work.hot.all(_NAMED, tenant=work.tenant_id, user=user_id)}


_BY_ID = Statement(
    "signal_user_by_id",
    select(User.user_id).where(User.tenant_id == bindparam("tenant"), User.user_id == bindparam("user")),
    row=str,
)
_BY_EMAIL = Statement(
    "signal_users_by_email",
    select(User.user_id)
    .where(User.tenant_id == bindparam("tenant"), User.email_key == bindparam("email"))
    .limit(MOST_OF_ADDRESS),
    row=str,
)
_COUNT = Statement(
    "signal_subjects_count",
    select(func.count())
    .select_from(SS)
    .where(SS.tenant_id == bindparam("tenant"), SS.stream_id == bindparam("stream")),
    row=int,
)


def _named() -> Any:
    made = upsert(SS).values(
        tenant_id=bindparam("tenant"),
        stream_id=bindparam("stream"),
        user_id=bindparam("user"),
        added=bindparam("added"),
        created_at=bindparam("now"),
    )
    return made.on_conflict_do_update(
        index_elements=[SS.stream_id, SS.user_id, SS.tenant_id], set_={"added": bindparam("added")}
    )


_PUT = Statement("signal_subject_put", _named())


def set_(work: Work, client: ClientConfig, stream: StreamConfig, subject: Mapping[str, Any], *, added: bool) -> None:
    """Tell of that person from now on, or no more. A receiver of others adds nobody whom it does not know already;
    whoever is meant by nothing of that is passed over in silence.

    :raises OAuthError: 400 for a subject that cannot be read; 403 for more people than a stream names.
    """
    people = _meant(work, client, stream, _person(subject))
    with work.transaction():
        work.rows.lock_one(SignalStream, stream.id)  # it stands for the number of them
        if (work.hot.one(_COUNT, tenant=work.tenant_id, stream=stream.id) or 0) >= MOST:  # whoever is meant
            raise OAuthError("access_denied", f"A stream names at most {MOST} people", status=403)
        for user_id in people:
            if client.is_first_party or client.client_id in clients_of(work, user_id):
                values = {"tenant": work.tenant_id, "stream": stream.id, "user": user_id}
                work.hot.run(_PUT, **values, added=added, now=clock.now_ms())


def _person(subject: Mapping[str, Any]) -> Mapping[str, Any]:
    """The simple subject that names a person; of a complex one its member ``user`` (SSF 3.2)."""
    if subject.get("format") != "complex":
        return subject
    user = subject.get("user")
    if not isinstance(user, dict):
        raise invalid_request("A complex subject has to name a user here")
    return user


def _meant(work: Work, client: ClientConfig, stream: StreamConfig, person: Mapping[str, Any]) -> list[str]:
    """Ids of the users whom a subject means to this receiver."""
    kind = person.get("format")
    if kind == types.ISS_SUB:
        iss, sub = _text(person, "iss", 2048), _text(person, "sub", 300)
        if iss != runtime.issuer(work, stream):
            return []
        found = work.hot.one(_BY_ID, tenant=work.tenant_id, user=subjects.asked_for(work, client, sub)[:300])
        return [found] if found is not None else []
    if kind == types.EMAIL:
        address = _text(person, "email", 254)
        if not runtime.by_address(client):
            return []  # it knows nobody by an address here
        return work.hot.all(_BY_EMAIL, tenant=work.tenant_id, email=email_key(address)[:254])
    if kind == types.OPAQUE:
        _text(person, "id", 256)
        return []  # the stream itself, or nobody's name
    raise invalid_request("The format of the subject is not supported")


def _text(person: Mapping[str, Any], name: str, most: int) -> str:
    found = person.get(name)
    if not isinstance(found, str) or not 0 < len(found) <= most:
        raise invalid_request(f"{name} of the subject is missing or no good")
    return found
