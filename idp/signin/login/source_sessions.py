"""What a source calls the session that one of ours came of, so that either side can end both.

One row for each session, sealed, for as long as the session may live: found by our session, or by the source's name of
the person.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import msgspec

from connectors.contract import ConnectorError, Identity, LogsOutAtSource
from idp.directory.connections import runtime as connections
from idp.directory.connections.runtime import ConnectionConfig
from idp.foundation.ephemeral import one_time
from idp.foundation.kernel import ids
from idp.foundation.kernel.document_encryption import MARK
from idp.foundation.kernel.secrets import digest
from idp.foundation.tenancy.work import Work
from idp.signin.login.transaction import MAX_STATE
from idp.signin.sessions import service as sessions
from idp.signin.sessions.log_types import SessionLog
from idp.signin.sessions.service import LiveSession
from idp.tenant.audit import log

KIND, LEFT = "source-session", "source-logout"
LEFT_MS = 600_000
RETURN = "/logout"
"""Where sources send browsers back to that were signed out there."""


class Kept(msgspec.Struct, frozen=True):
    """A session of ours, and (sealed) what its source calls it."""

    session_id: str
    user_id: str
    connection_id: str
    named: dict[str, str]


class Left(msgspec.Struct, frozen=True):
    """Somebody who went to be signed out at a source, and where they go afterwards (matched against an allow-list)."""

    target: str | None
    client_id: str | None


def remember(work: Work, session_id: str, user_id: str, connection: ConnectionConfig, identity: Identity) -> None:
    """Keep what the source calls the session, in the transaction that begins it."""
    if not identity.session:
        return
    sealer = one_time.sealer(work, KIND, session_id)
    named = {MARK: sealer.seal(msgspec.json.encode(identity.session).decode())}
    kept = Kept(session_id, user_id, connection.id, named)
    absolute, _ = work.config.settings.lifetimes_ms(work.config.settings.session_cookie.mode)
    if not one_time.change(work, KIND, session_id, kept):
        subject = _subject(connection.id, identity.session.get("sub", ""))
        one_time.put(work, KIND, session_id, kept, ttl_ms=absolute, subject=subject)


def leave(work: Work, session: LiveSession, *, client_id: str | None, target: str | None) -> str | None:
    """Where the browser goes to be signed out at the source of its session, and comes back from to ``target``. None
    where there is no such place.
    """
    kept, _ = one_time.read(work, KIND, session.id, Kept)
    connection = connections.find(work, kept.connection_id) if kept else None
    if kept is None or connection is None or not connection.can(LogsOutAtSource):
        return None
    connector = connections.runtime.open(work, connection)
    if not isinstance(connector, LogsOutAtSource):
        raise TypeError(f"strategy {connection.strategy} said that it logs out at its source")
    state = ids.token()
    try:
        address = connector.logout_url(_named(work, kept), f"{work.config.url.rstrip('/')}{RETURN}?state={state}")
    except ConnectorError:
        return None  # our own session ends all the same
    if address is not None:
        one_time.put(work, LEFT, state, Left(target, client_id), ttl_ms=LEFT_MS)
    return address


def returned(work: Work, state: str) -> Left | None:
    """Who comes back from a source, once; None for anybody else."""
    name = state if len(state) <= MAX_STATE else ""
    left, _ = one_time.read(work, LEFT, name, Left)
    return left if left is not None and one_time.take(work, LEFT, name) else None


def ended_there(
    work: Work, connection: ConnectionConfig, sub: str, sids: Collection[str], *, but: str = ""
) -> list[str]:
    """The source ended sessions of the person it calls ``sub``: those it calls ``sids``, all where it names none. Ends
    ours that came of them, but one; answers the ids of all.
    """
    found = [
        kept
        for _, kept in one_time.live_of_subject(work, KIND, _subject(connection.id, sub), Kept)
        if not sids or _named(work, kept).get("sid") in sids
    ]
    for kept in found:
        if kept.session_id == but:
            continue
        with work.transaction():
            if sessions.end(work, kept.session_id, kept.user_id, "idp-logout"):
                log.write(
                    work,
                    SessionLog.LOGGED_OUT,
                    "signed out at the identity provider",
                    user_id=kept.user_id,
                    connection=connection.name,
                    connection_id=connection.id,
                )
    return [kept.session_id for kept in found]


def _subject(connection_id: str, sub: str) -> str:
    return digest(f"{connection_id}\0{sub}")


def _named(work: Work, kept: Kept) -> Mapping[str, str]:
    text = one_time.sealer(work, KIND, kept.session_id).open(kept.named[MARK])
    return msgspec.json.decode(text, type=dict[str, str])
