"""The account page and its forms. Every form is this browser's own (CSRF), and every change writes a log row."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from urllib.parse import urlencode

from flask import Blueprint, Flask, Response
from flask.blueprints import BlueprintSetupState
from flask_login import current_user, login_required

from connectors.contract import InvalidCredentials, PasswordConnector
from idp.account import signed_in
from idp.account.lists import applications, session_rows
from idp.attack_protection import brute_force
from idp.audit import log
from idp.clients import runtime as clients
from idp.connections import runtime as connections
from idp.connections.runtime import ConnectionConfig, runtime
from idp.kernel.errors import PageError
from idp.login import complete, reset
from idp.login import transaction as transactions
from idp.login.sign_out import sign_out
from idp.login.visit import see_other
from idp.sessions.service import LiveSession
from idp.tenants import http, page_context
from idp.tenants.context import Context
from idp.tokens import store as tokens
from idp.user_grants import service as user_grants
from idp.users import provision
from idp.users.identifiers import email_key
from idp.users.provision import FoundUser
from idp.web.page_parts import AccountUser, password_rules
from idp.web.pages import FormError

blueprint = Blueprint("account", __name__)
MAX_NAME = 300
NOTICES = {"profile": "account.index.profileSaved", "password": "account.index.passwordSaved", "session": "account.index.sessionEnded",
           "application": "account.index.applicationRemoved"}  # fmt: skip


@blueprint.record_once
def _adapt(state: BlueprintSetupState) -> None:
    if isinstance(state.app, Flask):
        signed_in.init(state.app)


@blueprint.get("/account")
@login_required
def index() -> Response:
    """The page."""
    return _page(notice=NOTICES.get(http.query().get("done", "")))


@blueprint.get(signed_in.RESUME)
def resume() -> Response:
    """Back from signing in."""
    ctx = http.current()
    state = http.query().get("state", "")
    denied = transactions.load(ctx, state).denied
    transactions.finish(ctx, state)
    if denied:
        raise PageError(denied[0], denied[1], status=403)
    return see_other("/account")


@blueprint.post("/account/profile")
@login_required
def profile() -> Response:
    """Another name."""
    ctx, session = _checked()
    name = http.form().get("name", "").strip()[:MAX_NAME]
    if not name:
        return _page([FormError(_text(ctx, "account.index.no-name"), "name")], {"name": name})
    with ctx.hot.transaction():
        provision.rename(ctx, session.user_id, name)
        log.write(ctx, "sapi", "Update profile", user_id=session.user_id, user_name=session.email)
    return see_other("/account?done=profile")


@blueprint.post("/account/password")
@login_required
def password() -> Response:
    """Another password; the current one is asked for, and its tries are counted like a sign-in's."""
    ctx, session = _checked()
    user, connection = _user(ctx, session)
    errors = _password_errors(ctx, user, connection)
    if errors:
        return _page(errors)
    connector, prepared = reset.prepare(ctx, user.connection_id, http.form().get("password", ""))
    with ctx.hot.transaction():
        reset.apply(ctx, user, connector, prepared, locale=page_context.locale(ctx), keep_session=session.id)
    return see_other("/account?done=password")


@blueprint.post("/account/sessions")
@login_required
def sessions_() -> Response:
    """End one other session, or all others."""
    ctx, session = _checked()
    ids = {row.id for row in session_rows(ctx, page_context.page(ctx).texts, session)} - {session.id}
    if http.form().get("action") == "end":
        ids &= {http.form().get("session_id", "")}
    with ctx.hot.transaction():
        for each in ids:
            complete.end_session(ctx, each, session.user_id, "session-revoked")
            tokens.revoke_of_session(ctx, each, offline_too=False)
        log.write(ctx, "slo", "sessions ended from the account page", user_id=session.user_id, user_name=session.email)
    return see_other("/account?done=session")


@blueprint.post("/account/applications")
@login_required
def applications_() -> Response:
    """Take an application's access back: its consent and every token (security.md K4)."""
    ctx, session = _checked()
    client_id = http.form().get("application_id", "")[:64]
    with ctx.hot.transaction():
        user_grants.forget(ctx, session.user_id, client_id)
        tokens.revoke_of_user(ctx, session.user_id, client_id)
        log.write(ctx, "srrt", "access removed from the account page", user_id=session.user_id, client_id=client_id)
    return see_other(f"/account?{urlencode({'done': 'application', 'client': client_id})}")


@blueprint.post("/account/sign-out")
@login_required
def sign_out_() -> Response:
    """End this session."""
    ctx, session = _checked()
    return sign_out(ctx, session, client_id=None, target=None, login_url="/account")


def _checked() -> tuple[Context, LiveSession]:
    ctx = http.current()
    http.check_form(ctx, http.form().get("csrf"))
    session: LiveSession = current_user.session
    return ctx, session


def _text(ctx: Context, key: str) -> str:
    return page_context.page(ctx).texts.t(key)


def _named(ctx: Context) -> str:
    """The application whose access was just removed."""
    client = clients.find(ctx, http.query().get("client", "")[:64])
    return client.name if client else ""


def _user(ctx: Context, session: LiveSession) -> tuple[FoundUser, ConnectionConfig | None]:
    user = provision.by_id(ctx, session.user_id)
    if user is None:
        raise PageError("not_found", "This account does not exist any more.", status=404)
    return user, connections.find(ctx, user.connection_id)


def _password_errors(ctx: Context, user: FoundUser, connection: ConnectionConfig | None) -> list[FormError]:
    connector = runtime.open(ctx, connection) if connection else None
    identifier = user.email or user.username or ""
    if not isinstance(connector, PasswordConnector):
        raise PageError("invalid_request", "This account has no password here.")
    key = email_key(identifier)
    if connection and not brute_force.attempt(ctx, key, connection.name):
        return [FormError(_text(ctx, "login.login.too-many-attempts"), "current_password")]
    try:
        connector.login(identifier, http.form().get("current_password", ""))
    except InvalidCredentials:
        log.write(ctx, "fcp", "wrong current password", user_id=user.user_id, user_name=user.email)
        return [FormError(_text(ctx, "account.index.wrong-password"), "current_password")]
    brute_force.succeeded(ctx, key)
    problem = reset.problem(ctx, user, http.form().get("password", ""))
    return [FormError(_text(ctx, problem), "password")] if problem else []


def _page(
    errors: Sequence[FormError] = (), values: dict[str, str] | None = None, notice: str | None = None
) -> Response:
    ctx = http.current()
    session: LiveSession = current_user.session
    user, connection = _user(ctx, session)
    chosen = page_context.page(ctx).texts.t(notice, clientName=_named(ctx)) if notice else None
    page = page_context.page(ctx, errors=errors, values=values, notice=chosen)
    options = connection.options if connection else {}
    length = (options.get("password_complexity_options") or {}).get("min_length")
    rules = (
        password_rules(page.texts, str(options.get("passwordPolicy") or "good"), length)
        if connection and connection.is_database
        else None
    )
    return page_context.answer(
        ctx,
        "account/index.html",
        page,
        status=400 if errors else 200,
        user=AccountUser(user.name or user.email or user.user_id, user.email, user.email_verified),
        sessions=session_rows(ctx, page.texts, session),
        applications=applications(ctx, session.user_id),
        rules=rules,
        now=datetime.now(UTC),
    )
