"""Use cases on sessions: begin, read, extend, end. The only place where sessions begin and end, and where that becomes
news.

The cookie carries a secret of which the database holds only the hash. Ended, expired, and sessions of blocked or
deleted users are never answered: the check is part of the one read every request makes.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import takewhile
from typing import Any

import msgspec
from sqlalchemy import bindparam, delete, exists, select, update

from idp.directory.users.models import User as U
from idp.foundation.db.by_key import by_key
from idp.foundation.db.hot import Statement
from idp.foundation.db.insert_row import insert_row
from idp.foundation.db.purge import DAY_MS
from idp.foundation.db.typed_rows import Json
from idp.foundation.db.upsert import insert as upsert
from idp.foundation.kernel import clock, ids
from idp.foundation.kernel.events import SessionBegan, SessionEnded, SessionExpired, SessionUpdated, UserSignedOut
from idp.foundation.kernel.secrets import digest
from idp.foundation.tenancy.configuration import VERSION, Versioned
from idp.foundation.tenancy.work import Work
from idp.signin.sessions import devices
from idp.signin.sessions.log_types import SessionLog
from idp.signin.sessions.models import Session as S
from idp.signin.sessions.models import SessionClient as SC
from idp.tenant.audit import log

TOUCH_EVERY_MS = 60_000
"""A session's idle time is extended at most this often: reading it again a second later writes nothing."""

AUTHENTICATION = ("authenticated_at", "methods")
Proven = list[dict[str, Any]]


class LiveSession(msgspec.Struct, frozen=True):
    """A session that is good now, with the user it belongs to. Times in ms; ``known_client`` says whether this client
    took part before.
    """

    id: str
    user_id: str
    connection_id: str | None
    authenticated_at: int
    created_at: int
    last_interacted_at: int
    idle_expires_at: int
    expires_at: int
    cookie_mode: str
    methods: Json[list[dict[str, Any]]]
    known_client: bool
    blocked: bool
    email: str | None
    name: str | None
    language: str | None = None
    device: str = "{}"
    factors: str | None = None
    """Kinds of second factors that the user has, as their row says."""
    theme: str | None = None
    deletion_due: int | None = None
    """When the account is erased, as its owner asked for."""


_TENANT = S.tenant_id == bindparam("tenant")
_LIVE = Statement(
    "session_live",
    select(
        VERSION,
        S.id,
        S.user_id,
        S.connection_id,
        S.authenticated_at,
        S.created_at,
        S.last_interacted_at,
        S.idle_expires_at,
        S.expires_at,
        S.cookie_mode,
        S.methods,
        exists()
        .where(SC.tenant_id == S.tenant_id, SC.session_id == S.id, SC.client_id == bindparam("client"))
        .label("known_client"),
        U.blocked,
        U.email,
        U.name,
        U.language,
        S.device,
        U.factors,
        U.theme,
        U.deletion_due,
    )
    .select_from(by_key(S, U, (U.tenant_id == S.tenant_id) & (U.user_id == S.user_id)))
    .where(_TENANT, S.secret_hash == bindparam("hash"), S.ended_at.is_(None)),
    row=Versioned[LiveSession],
)
_INSERT = Statement("session_insert", insert_row(S, without=(S.ended_at, S.session_metadata)))
_REAUTHENTICATE = Statement(
    "session_reauthenticate",
    update(S)
    .where(_TENANT, S.id == bindparam("session"), S.ended_at.is_(None))
    .values(
        secret_hash=bindparam("hash"),
        authenticated_at=bindparam("now"),
        updated_at=bindparam("now"),
        last_interacted_at=bindparam("now"),
        idle_expires_at=bindparam("idle"),
        expires_at=bindparam("ends"),
        cookie_mode=bindparam("mode"),
        methods=bindparam("methods"),
        connection_id=bindparam("connection"),
    ),
)
_STEP_UP = Statement(
    "session_step_up",
    update(S)
    .where(_TENANT, S.id == bindparam("session"), S.ended_at.is_(None))
    .values(
        secret_hash=bindparam("hash"),
        updated_at=bindparam("now"),
        last_interacted_at=bindparam("now"),
        methods=bindparam("methods"),
    ),
)
_TOUCH = Statement(
    "session_touch",
    update(S)
    .where(_TENANT, S.id == bindparam("session"))
    .values(
        last_interacted_at=bindparam("now"),
        updated_at=bindparam("now"),
        idle_expires_at=bindparam("idle"),
        device=bindparam("device"),
    ),
)
_ENDED: dict[Any, Any] = {S.ended_at: bindparam("now"), S.purge_at: bindparam("purge")}
_END = Statement(
    "session_end",
    update(S).where(_TENANT, S.id == bindparam("session"), S.ended_at.is_(None)).values(_ENDED),
)
_END_USER = Statement(
    "session_end_of_user",
    update(S)
    .where(_TENANT, S.user_id == bindparam("user"), S.ended_at.is_(None), S.id != bindparam("except_session"))
    .values(_ENDED),
)
_LIST_USER = Statement(
    "session_list_of_user",
    select(S.id).where(
        _TENANT,
        S.user_id == bindparam("user"),
        S.ended_at.is_(None),
        S.expires_at > bindparam("now"),
        S.idle_expires_at > bindparam("now"),
    ),
    row=str,
)
_CLIENTS = Statement(
    "session_clients",
    select(SC.client_id)
    .where(SC.tenant_id == bindparam("tenant"), SC.session_id == bindparam("session"))
    .order_by(SC.created_at),
    row=str,
)


def _join() -> Any:
    made = upsert(SC).values(
        tenant_id=bindparam("tenant"),
        session_id=bindparam("session"),
        client_id=bindparam("client"),
        created_at=bindparam("now"),
    )
    return made.on_conflict_do_nothing()


_JOIN = Statement("session_join", _join())


def read(work: Work, secret: str | None, client_id: str = "") -> LiveSession | None:
    """The live session of a cookie's secret, or None. One statement, which brings the configuration version along."""
    if not secret or len(secret) > 128:
        return None
    found = work.first(_LIVE, hash=digest(secret), client=client_id)
    if found is None:
        return None
    moment = clock.now_ms()
    absolute, idle = work.config.settings.lifetimes_ms(found.cookie_mode)  # a lowered limit applies at once
    ends = min(found.expires_at, found.authenticated_at + absolute)
    idle_ends = min(found.idle_expires_at, found.last_interacted_at + idle)
    return found if ends > moment and idle_ends > moment else None


def begin(work: Work, user_id: str, connection_id: str | None, methods: Proven, mode: str = "") -> tuple[str, str]:
    """A new session in the caller's transaction; answers (sid, cookie secret). Always a new secret (security.md H2)."""
    moment, mode = clock.now_ms(), mode or work.config.settings.session_cookie.mode
    absolute, idle = work.config.settings.lifetimes_ms(mode)
    sid, secret = ids.sid(), ids.token()
    work.hot.run(
        _INSERT,
        tenant_id=work.tenant_id,
        id=sid,
        secret_hash=digest(secret),
        user_id=user_id,
        connection_id=connection_id,
        cookie_mode=mode,
        methods=msgspec.json.encode(methods).decode(),
        device=devices.seen(work),
        created_at=moment,
        updated_at=moment,
        authenticated_at=moment,
        last_interacted_at=moment,
        idle_expires_at=moment + idle,
        expires_at=moment + absolute,
        purge_at=moment + min(idle, absolute) + DAY_MS,
    )
    work.emit(SessionBegan(sid, user_id))
    return sid, secret


def reauthenticate(work: Work, session: LiveSession, connection_id: str | None, methods: Proven, mode: str = "") -> str:
    """The same person proved who they are again: same ``sid`` for the applications, a new secret and a new life for
    the browser's.
    """
    moment, mode = clock.now_ms(), mode or work.config.settings.session_cookie.mode
    absolute, idle = work.config.settings.lifetimes_ms(mode)
    secret = ids.token()
    work.hot.run(
        _REAUTHENTICATE,
        tenant=work.tenant_id,
        session=session.id,
        hash=digest(secret),
        now=moment,
        idle=moment + idle,
        ends=moment + absolute,
        mode=mode,
        methods=msgspec.json.encode(methods).decode(),
        connection=connection_id,
    )
    work.emit(SessionUpdated(session.id, session.user_id, AUTHENTICATION))
    return secret


def step_up(work: Work, session: LiveSession, methods: Sequence[str]) -> str:
    """The person proved more, in the caller's transaction, and the browser is given a new secret (security.md H2).
    ``methods`` as in :func:`stepped_up`.
    """
    moment, secret = clock.now_ms(), ids.token()
    work.hot.run(
        _STEP_UP,
        tenant=work.tenant_id,
        session=session.id,
        hash=digest(secret),
        now=moment,
        methods=msgspec.json.encode(stepped_up(session.methods, methods, moment)).decode(),
    )
    work.emit(SessionUpdated(session.id, session.user_id, ("methods",)))
    return secret


def stepped_up(before: Sequence[Mapping[str, Any]], methods: Sequence[str], moment: int) -> Proven:
    """What a session remembers once more was proven (ms). The first of ``methods`` is the name that stands between what
    signed in, which stays as it is, and what was proven besides, of which the latest of each counts.
    """
    marker, *_ = methods
    first = list(takewhile(lambda each: each.get("name") != marker, before))
    added: Proven = [{"name": name, "timestamp": clock.iso(moment)} for name in methods]
    kept = [each for each in before[len(first) :] if each.get("name") not in methods]
    return [dict(each) for each in (*first, *added, *kept)]


def set_metadata(work: Work, session: S, metadata: dict[str, Any] | None) -> None:
    """Replace the metadata of a session's row."""
    work.rows.lock(session)
    session.session_metadata, session.updated_at = metadata, clock.now_ms()
    work.rows.flush()
    work.emit(SessionUpdated(session.id, session.user_id, ("session_metadata",)))


def due_for_touch(session: LiveSession) -> bool:
    """Whether :func:`touch` would write."""
    return clock.now_ms() - session.last_interacted_at >= TOUCH_EVERY_MS


def touch(work: Work, session: LiveSession) -> None:
    """Activity: push the idle end out, once a minute."""
    if due_for_touch(session):
        moment = clock.now_ms()
        _, idle = work.config.settings.lifetimes_ms(session.cookie_mode)
        work.hot.run(
            _TOUCH,
            tenant=work.tenant_id,
            session=session.id,
            now=moment,
            idle=min(moment + idle, session.expires_at),
            device=devices.seen(work, session.device),
        )


def join(work: Work, session_id: str, client_id: str) -> None:
    """Remember that ``client_id`` got tokens in this session."""
    work.hot.run(_JOIN, tenant=work.tenant_id, session=session_id, client=client_id, now=clock.now_ms())


def end(work: Work, session_id: str, user_id: str, reason: str) -> bool:
    """End one in the caller's transaction (security.md H3); True when it was live. ``reason`` is one of Auth0's logout
    initiators, by which applications choose what they are told.
    """
    moment = clock.now_ms()
    ended = work.hot.run(_END, tenant=work.tenant_id, session=session_id, now=moment, purge=moment + DAY_MS) == 1
    if ended:
        work.emit(SessionEnded(session_id, user_id, reason))
    return ended


def close(work: Work, session_id: str, user_id: str) -> None:
    """One came to its end by itself: the first to note it tells, in the caller's transaction. What it gave lives on."""
    moment = clock.now_ms()
    if work.hot.run(_END, tenant=work.tenant_id, session=session_id, now=moment, purge=moment + DAY_MS) == 1:
        work.emit(SessionExpired(session_id, user_id))


def live_of(work: Work, user_id: str) -> list[str]:
    """Ids of a user's live sessions."""
    return work.hot.all(_LIST_USER, tenant=work.tenant_id, user=user_id, now=clock.now_ms())


def end_all(work: Work, user_id: str, reason: str, *, but: str = "") -> None:
    """End every session of a user, one may be spared (security.md H4)."""
    work.rows.lock_one(U, user_id)  # nobody signs in or ends one of them meanwhile
    moment = clock.now_ms()
    live = work.hot.all(_LIST_USER, tenant=work.tenant_id, user=user_id, now=moment)
    ended = {"now": moment, "purge": moment + DAY_MS}
    work.hot.run(_END_USER, tenant=work.tenant_id, user=user_id, except_session=but, **ended)
    for session_id in live:
        if session_id != but:
            work.emit(SessionEnded(session_id, user_id, reason))
    work.emit(UserSignedOut(user_id, but))


def end_others(work: Work, current: LiveSession, only: Collection[str] | None = None) -> None:
    """A person ends their other sessions, shown on their page or not, or those of them that ``only`` names, with their
    tokens (those with offline_access excepted).
    """
    with work.transaction():
        work.rows.lock_one(U, current.user_id)
        if only is None:
            end_all(work, current.user_id, "session-revoked", but=current.id)
        else:
            theirs = set(work.hot.all(_LIST_USER, tenant=work.tenant_id, user=current.user_id, now=clock.now_ms()))
            for session_id in theirs.intersection(only) - {current.id}:
                end(work, session_id, current.user_id, "session-revoked")
        log.write(
            work,
            SessionLog.LOGGED_OUT,
            "sessions ended from the account page",
            user_id=current.user_id,
            user_name=current.email,
        )


def count(work: Work, user_id: str) -> int:
    """How many live sessions a user has."""
    return len(live_of(work, user_id))


def erase_of_users(work: Work, user_ids: Sequence[str], reason: str) -> None:
    """These users are gone: live sessions end for ``reason``, then no row is left of any, nor of who took part."""
    now = clock.now_ms()
    theirs = S.user_id.in_(user_ids)
    live = select(S.id, S.user_id).where(theirs, S.ended_at.is_(None), S.expires_at > now, S.idle_expires_at > now)
    for session_id, user_id in work.rows.execute(live).all():
        work.emit(SessionEnded(session_id, user_id, reason))
    work.rows.execute(delete(SC).where(SC.session_id.in_(select(S.id).where(theirs))))
    work.rows.execute(delete(S).where(theirs))


def clients(work: Work, session_id: str) -> list[str]:
    """Ids of the clients that took part in a session."""
    return work.hot.all(_CLIENTS, tenant=work.tenant_id, session=session_id)
