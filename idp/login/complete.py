"""Identity in, session out: the end of every way to sign in. One short transaction, its log row included."""

from __future__ import annotations

from typing import Any

from flask import Response

from idp.attack_protection import brute_force
from idp.audit import log
from idp.kernel import clock
from idp.kernel.events import Event, bus
from idp.login import transaction as transactions
from idp.login.visit import Visit
from idp.sessions import service as sessions
from idp.tenants import http
from idp.tenants.context import Context
from idp.users import provision
from idp.users.provision import FoundUser

BLOCKED = "user is blocked"


def sign_in(
    visit: Visit, user: FoundUser, connection_name: str, *, strategy: str = "auth0", counted_as: str | None = None
) -> Response:
    """Begin the session (or renew it for the same person) and go on. ``counted_as`` is the identifier whose failures are forgotten."""
    ctx = visit.ctx
    before = sessions.read(ctx, http.session_secret())
    members = _members(visit, user, connection_name, strategy)
    if user.blocked:
        with ctx.hot.transaction():
            provision.record_login(ctx, user.user_id)
            log.write(ctx, "f", BLOCKED, **members)
        return visit.deny("unauthorized", BLOCKED)
    methods = [{"name": "pwd", "timestamp": clock.iso(clock.now_ms())}]
    with ctx.hot.transaction():
        if before is not None and before.user_id == user.user_id:
            sid, secret = before.id, sessions.reauthenticate(ctx, before, user.connection_id, methods)
        else:
            if before is not None:
                end_session(ctx, before.id, before.user_id, "session-expired")
            sid, secret = sessions.begin(ctx, user.user_id, user.connection_id, methods)
        provision.record_login(ctx, user.user_id)
        if counted_as is not None:
            brute_force.succeeded(ctx, counted_as)
        visit.transaction.user_id, visit.transaction.session_id = user.user_id, sid
        visit.transaction.authenticated_at = clock.now_ms()
        transactions.save(ctx, visit.state, visit.transaction)
        log.write(ctx, "s", **members)
    return http.send_session(ctx, visit.resume(), secret, max_age_s=cookie_max_age(ctx))


def end_session(ctx: Context, session_id: str, user_id: str, reason: str) -> None:
    """End a session in the caller's transaction and tell whoever listens; ``reason`` is one of Auth0's logout initiators."""
    if sessions.end(ctx, session_id):
        bus.emit(
            Event("session.ended", ctx.tenant_id, {"session_id": session_id, "user_id": user_id, "reason": reason}), ctx
        )


def cookie_max_age(ctx: Context) -> int | None:
    """The session cookie's life in seconds: the absolute lifetime, or None for one that ends with the browser."""
    mode = ctx.config.settings.session_cookie.mode
    absolute, _ = ctx.config.settings.lifetimes_ms(mode)
    return absolute // 1000 if mode == "persistent" else None


def _members(visit: Visit, user: FoundUser, connection_name: str, strategy: str) -> dict[str, Any]:
    return {
        "client_id": visit.client.client_id, "client_name": visit.client.name, "user_id": user.user_id,
        "user_name": user.email or user.username or user.name, "connection": connection_name, "connection_id": user.connection_id,
        "strategy": strategy, "strategy_type": "database",
    }  # fmt: skip
