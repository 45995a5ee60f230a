"""What a source calls the session that one of ours came of, so that either side can end both.

One row for each session, sealed, for as long as the session may live: found by our session, or by the source's name of
the person.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import msgspec

from connectors.contract import CleansUp, ConnectorError, HearsOfLogouts, Identity, LogsOutAtSource
from idp.directory.connections import runtime as connections
from idp.directory.connections.availability import sources
from idp.directory.connections.runtime import ConnectionConfig
from idp.foundation.db.hot import UniqueViolation
from idp.foundation.ephemeral import limits, one_time
from idp.foundation.kernel import clock, ids
from idp.foundation.kernel.document_encryption import MARK
from idp.foundation.kernel.secrets import digest
from idp.foundation.tenancy.work import Work
from idp.signin.login.transaction import MAX_STATE
from idp.signin.sessions import service as sessions
from idp.signin.sessions.log_types import SessionLog
from idp.signin.sessions.service import LiveSession
from idp.tenant.audit import failures, log

KIND, LEFT, BY_SID, HEARD = "source-session", "source-logout", "source-sid", "source-logout-heard"
LEFT_MS = 600_000
RETURN = "/logout"
"""Where sources send browsers back to that were signed out there."""


class Kept(msgspec.Struct, frozen=True):
    """A session of ours, and (sealed) what its source calls it."""

    session_id: str
    user_id: str
    connection_id: str
    named: dict[str, str]


class Person(msgspec.Struct, frozen=True):
    """Whose session at a source it is, by the source's name of the person."""

    sub: str


class Refused(Exception):
    """What a source sent about a logout is not taken; ``reason`` is for whoever runs the source."""

    def __init__(self, error: str, reason: str, status: int = 400) -> None:
        super().__init__(reason)
        self.error, self.reason, self.status = error, reason, status


class Left(msgspec.Struct, frozen=True):
    """Somebody who went to be signed out at a source, and where they go afterwards (matched against an allow-list)."""

    target: str | None
    client_id: str | None


MODES = ("persistent", "non-persistent")
"""Of the session, which is the application's to choose."""


def remember(work: Work, session_id: str, user_id: str, connection: ConnectionConfig, identity: Identity) -> None:
    """Keep what the source calls the session, in the transaction that begins it."""
    if not identity.session:
        return
    sealer = one_time.sealer(work, KIND, session_id)
    named = {MARK: sealer.seal(msgspec.json.encode(identity.session).decode())}
    kept = Kept(session_id, user_id, connection.id, named)
    absolute = max(work.config.settings.lifetimes_ms(mode)[0] for mode in MODES)
    subject = _subject(connection.id, identity.session.get("sub", ""))
    if not one_time.change_owner(work, KIND, session_id, kept, subject=subject):
        one_time.put(work, KIND, session_id, kept, ttl_ms=absolute, subject=subject)
    sid, sub = identity.session.get("sid"), identity.session.get("sub", "")
    if sid and not one_time.change(work, BY_SID, _sid(connection.id, sid), Person(sub)):
        one_time.put(work, BY_SID, _sid(connection.id, sid), Person(sub), ttl_ms=absolute)


def hear(work: Work, name: str, message: str) -> int:
    """A source tells the connection of that name that somebody was logged out there (OIDC Back-Channel Logout 1.0,
    2.7): ends the sessions here that came of theirs, and answers how many. The same message counts once.

    :raises Refused: there is no such source, or it is not its message.
    """
    if limits.exceeded(work, limits.ANSWERS_POSTED, work.network) is not None:
        raise Refused("too_many_requests", "Too many messages. Try again in a few minutes.", 429)
    connection = connections.named(work, name)
    if connection is None or not connection.can(HearsOfLogouts):
        raise Refused("invalid_request", "No connection of that name hears of logouts.", 404)
    connector = connections.runtime.open(work, connection)
    if not isinstance(connector, HearsOfLogouts):
        raise TypeError(f"strategy {connection.strategy} said that it hears of logouts")
    try:
        with sources.hearing(work, connection):
            heard = connector.logged_out(message)
    except ConnectorError as error:
        _write_failure(work, connection, error)
        raise Refused("invalid_request", "The logout token is not valid.") from error
    left = max(heard.until - clock.now_ms(), 1)
    try:
        with work.transaction():  # it is heard once what it asks for is done: a source that got no answer says it again
            one_time.put(work, HEARD, f"{connection.id}\0{heard.token_id}", None, ttl_ms=left)
            person, _ = one_time.read(work, BY_SID, _sid(connection.id, heard.session or ""), Person)
            sub = heard.user_id or (person.sub if person else "")
            return len(ended_there(work, connection, sub, [heard.session] if heard.session else []))
    except UniqueViolation:
        return 0  # it was heard before


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
    except ConnectorError as error:
        _write_failure(work, connection, error)
        return None  # our own session ends all the same
    if address is not None:
        one_time.put(work, LEFT, state, Left(target, client_id), ttl_ms=LEFT_MS)
    return address


def returned(work: Work, state: str) -> Left | None:
    """Who comes back from a source, once; None for anybody else."""
    name = state if len(state) <= MAX_STATE else ""
    left, _ = one_time.read(work, LEFT, name, Left)
    return left if left is not None and one_time.take(work, LEFT, name) else None


def cleaned_up(work: Work, params: Mapping[str, str]) -> str | None:
    """Where a browser goes on that a source sent along with word of a sign-out that proves nothing: back to one of our
    sources, or None. Nobody is signed out by it.
    """
    for connection in connections.everywhere(work):
        if not connection.can(CleansUp):
            continue
        connector = connections.runtime.open(work, connection)
        if not isinstance(connector, CleansUp):
            raise TypeError(f"strategy {connection.strategy} said that it cleans up")
        found = connector.way_back(params)
        if found is not None:
            return found
    return None


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


def _sid(connection_id: str, sid: str) -> str:
    return f"{connection_id}\0{sid}"


def _write_failure(work: Work, connection: ConnectionConfig, error: ConnectorError) -> None:
    failures.write(
        work,
        SessionLog.LOGOUT_FAILED,
        error.message,
        connection=connection.name,
        connection_id=connection.id,
        strategy=connection.strategy,
        strategy_type=connection.strategy_type,
        details={"code": error.code, "detail": error.detail},
    )


def _subject(connection_id: str, sub: str) -> str:
    return digest(f"{connection_id}\0{sub}")


def _named(work: Work, kept: Kept) -> Mapping[str, str]:
    text = one_time.sealer(work, KIND, kept.session_id).open(kept.named[MARK])
    return msgspec.json.decode(text, type=dict[str, str])
