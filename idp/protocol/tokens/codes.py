"""Authorization codes: nothing of them is stored, nobody else can make one, and they are good for a minute and once
(security.md A18, B1-B5).
"""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from idp.applications.clients.runtime import ClientConfig
from idp.foundation.kernel import clock, ids
from idp.foundation.tenancy.work import Work
from idp.protocol.tokens import handles, issuer, store
from idp.protocol.tokens.claims import Subject
from idp.protocol.tokens.store import AuthorizationRequest, Exchange, Granted

REPLAY_MS = 86_400_000
"""How long a code is recognized that comes back, or that nobody redeems."""


@dataclass(frozen=True, kw_only=True)
class NewAuthorization:
    """What a user authorized, in a session where there is one; ``offline`` means with refresh tokens. ``given_at`` (ms)
    is when, None for now.
    """

    user_id: str
    connection_id: str | None
    session_id: str | None
    scope: str
    audience: str | None
    offline: bool
    request: AuthorizationRequest
    given_at: int | None = None


def code_of(work: Work, family: str) -> str:
    """The code of an authorization that is about to be stored. Only the gate calls it."""
    return handles.spent_once(work, handles.CODE, family, 0)


def new_id() -> str:
    """The id of an authorization that is about to be."""
    return f"{handles.FAMILY}{ids.alphanumeric(19)}"


def insert(work: Work, client: ClientConfig, family: str, authorization: NewAuthorization) -> None:
    """Store the authorization under that id, its code not redeemed."""
    moment = clock.now_ms()
    about = {"initial_ip": work.ip, "initial_user_agent": work.user_agent[:512]}
    store.insert_authorization(
        work,
        id=family,
        client_id=client.client_id,
        user_id=authorization.user_id,
        connection_id=authorization.connection_id,
        session_id=authorization.session_id,
        scope=authorization.scope,
        audience=authorization.audience,
        request=msgspec.json.encode(authorization.request).decode(),
        offline=authorization.offline,
        rotating=client.refresh.rotation_type == "rotating",
        device=msgspec.json.encode(about).decode() if authorization.offline else None,
        generation=0,
        created_at=authorization.given_at or moment,
        expires_at=issuer.family_expiry(client, authorization.given_at) if authorization.offline else None,
        purge_at=moment + REPLAY_MS,
    )


def insert_answered(
    work: Work, client: ClientConfig, granted: Granted, new: NewAuthorization, words: frozenset[str]
) -> None:
    """Store what was answered with more than a code. A code waits to be redeemed; of an authorization without one, what
    there is was issued at once; an ID token alone leaves nothing behind.
    """
    if words == {"id_token"}:
        return
    with work.transaction():
        insert(work, client, granted.id, new)
        if "code" not in words:
            store.redeem(work, granted, Exchange(live_until=clock.now_ms() + issuer.MOST_IN_BROWSER_S * 1000))


def granted(client: ClientConfig, family: str, new: NewAuthorization, user: Subject) -> Granted:
    """An authorization that is about to be stored, as it will be read."""
    return Granted(
        id=family,
        client_id=client.client_id,
        user_id=new.user_id,
        connection_id=new.connection_id,
        session_id=new.session_id,
        scope=new.scope,
        audience=new.audience,
        request=new.request,
        offline=new.offline,
        created_at=new.given_at or clock.now_ms(),
        expires_at=issuer.family_expiry(client, new.given_at) if new.offline else None,
        idle_expires_at=None,
        live_until=None,
        exchanged_at=None,
        generation=0,
        revoked_at=None,
        revoked_tokens=None,
        code_used_at=None,
        user=user,
    )
