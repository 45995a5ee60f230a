"""Identity in, session out: the end of every way to sign in. One short transaction, its log row included."""

from __future__ import annotations

from typing import Any

from flask import Response

from idp.directory.users import provision
from idp.directory.users.provision import FoundUser
from idp.foundation.kernel import clock
from idp.foundation.kernel.events import SessionEnded
from idp.foundation.tenancy import http
from idp.foundation.tenancy.work import Work
from idp.signin.attack_protection import brute_force
from idp.signin.login import transaction as transactions
from idp.signin.login.log_types import LoginLog
from idp.signin.login.screen_request import Visit
from idp.signin.sessions import service as sessions
from idp.tenant.audit import log

BLOCKED = "user is blocked"


def sign_in(
    visit: Visit, user: FoundUser, connection_name: str, *, strategy: str = "auth0", counted_as: str | None = None
) -> Response:
    """Begin the session (or renew it for the same person) and go on. ``counted_as`` is the identifier whose failures
    are forgotten.
    """
    work = visit.work
    before = sessions.read(work, http.session_secret())
    members = _members(visit, user, connection_name, strategy)
    if user.blocked:
        with work.hot.transaction():
            provision.record_login(work, user.user_id)
            log.write(work, LoginLog.FAILED, BLOCKED, **members)
        return visit.deny("unauthorized", BLOCKED)
    methods = [{"name": "pwd", "timestamp": clock.iso(clock.now_ms())}]
    with work.hot.transaction():
        if before is not None and before.user_id == user.user_id:
            sid, secret = before.id, sessions.reauthenticate(work, before, user.connection_id, methods)
        else:
            if before is not None:
                end_session(work, before.id, before.user_id, "session-expired")
            sid, secret = sessions.begin(work, user.user_id, user.connection_id, methods)
        provision.record_login(work, user.user_id)
        if counted_as is not None:
            brute_force.succeeded(work, counted_as)
        visit.transaction.user_id, visit.transaction.session_id = user.user_id, sid
        visit.transaction.authenticated_at = clock.now_ms()
        transactions.save(work, visit.state, visit.transaction)
        log.write(work, LoginLog.SUCCESS, **members)
    return http.send_session(work, visit.resume(), secret, max_age_s=cookie_max_age(work))


def end_session(work: Work, session_id: str, user_id: str, reason: str) -> None:
    """End a session in the caller's transaction and tell whoever listens; ``reason`` is one of Auth0's logout
    initiators.
    """
    if sessions.end(work, session_id):
        work.emit(SessionEnded(session_id, user_id, reason))


def cookie_max_age(work: Work) -> int | None:
    """The session cookie's life in seconds: the absolute lifetime, or None for one that ends with the browser."""
    mode = work.config.settings.session_cookie.mode
    absolute, _ = work.config.settings.lifetimes_ms(mode)
    return absolute // 1000 if mode == "persistent" else None


def _members(visit: Visit, user: FoundUser, connection_name: str, strategy: str) -> dict[str, Any]:
    return {
        "client_id": visit.client.client_id,
        "client_name": visit.client.name,
        "user_id": user.user_id,
        "user_name": user.email or user.username or user.name,
        "connection": connection_name,
        "connection_id": user.connection_id,
        "strategy": strategy,
        "strategy_type": "database",
    }
