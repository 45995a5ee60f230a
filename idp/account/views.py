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
from idp.applications.clients import runtime as clients
from idp.directory.connections import runtime as connections
from idp.directory.connections.runtime import ConnectionConfig, runtime
from idp.directory.users import provision
from idp.directory.users.identifiers import email_key
from idp.directory.users.provision import FoundUser
from idp.foundation.kernel.errors import PageError
from idp.foundation.tenancy import http, page_context
from idp.foundation.tenancy.work import Work
from idp.foundation.web.pages import FormError
from idp.foundation.web.view_models import AccountUser, password_rules
from idp.protocol.tokens import store as tokens
from idp.protocol.tokens.log_types import TokenLog
from idp.signin.attack_protection import brute_force
from idp.signin.login import complete, reset
from idp.signin.login.log_types import LoginLog
from idp.signin.login.sign_out import sign_out
from idp.signin.sessions.log_types import SessionLog
from idp.signin.sessions.service import LiveSession
from idp.signin.user_grants import service as user_grants
from idp.tenant.audit import log
from idp.tenant.audit.log_types import ApiLog

blueprint = Blueprint("account", __name__)
MAX_NAME = 300
NOTICES = {
    "profile": "account.index.profileSaved",
    "password": "account.index.passwordSaved",
    "session": "account.index.sessionEnded",
    "application": "account.index.applicationRemoved",
}


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
    return signed_in.resume()


@blueprint.post("/account/profile")
@login_required
def profile() -> Response:
    """Another name."""
    work, session = _checked()
    name = http.form().get("name", "").strip()[:MAX_NAME]
    if not name:
        return _page([FormError(_text(work, "account.index.no-name"), "name")], {"name": name})
    with work.hot.transaction():
        provision.rename(work, session.user_id, name)
        log.write(work, ApiLog.DONE, "Update profile", user_id=session.user_id, user_name=session.email)
    return http.redirect("/account?done=profile")


@blueprint.post("/account/password")
@login_required
def password() -> Response:
    """Another password; the current one is asked for, and its tries are counted like a sign-in's."""
    work, session = _checked()
    user, connection = _user(work, session)
    errors = _password_errors(work, user, connection)
    if errors:
        return _page(errors)
    connector, prepared = reset.prepare(work, user.connection_id, http.form().get("password", ""))
    with work.hot.transaction():
        reset.apply(work, user, connector, prepared, locale=page_context.locale(work), keep_session=session.id)
    return http.redirect("/account?done=password")


@blueprint.post("/account/sessions")
@login_required
def sessions_() -> Response:
    """End one other session, or all others."""
    work, session = _checked()
    ids = {row.id for row in session_rows(work, page_context.page(work).texts, session)} - {session.id}
    if http.form().get("action") == "end":
        ids &= {http.form().get("session_id", "")}
    with work.hot.transaction():
        for each in ids:
            complete.end_session(work, each, session.user_id, "session-revoked")
            tokens.revoke_of_session(work, each, offline_too=False)
        log.write(
            work,
            SessionLog.LOGGED_OUT,
            "sessions ended from the account page",
            user_id=session.user_id,
            user_name=session.email,
        )
    return http.redirect("/account?done=session")


@blueprint.post("/account/applications")
@login_required
def applications_() -> Response:
    """Take an application's access back: its consent and every token (security.md K4)."""
    work, session = _checked()
    client_id = http.form().get("application_id", "")[:64]
    with work.hot.transaction():
        user_grants.forget(work, session.user_id, client_id)
        tokens.revoke_of_user(work, session.user_id, client_id)
        log.write(
            work, TokenLog.REVOKED, "access removed from the account page", user_id=session.user_id, client_id=client_id
        )
    return http.redirect(f"/account?{urlencode({'done': 'application', 'client': client_id})}")


@blueprint.post("/account/sign-out")
@login_required
def sign_out_() -> Response:
    """End this session."""
    work, session = _checked()
    return sign_out(work, session, client_id=None, target=None, login_url="/account")


def _checked() -> tuple[Work, LiveSession]:
    work = http.current()
    http.check_form(work, http.form().get("csrf"))
    session: LiveSession = current_user.session
    return work, session


def _text(work: Work, key: str) -> str:
    return page_context.page(work).texts.t(key)


def _named(work: Work) -> str:
    """The application whose access was just removed."""
    client = clients.find(work, http.query().get("client", "")[:64])
    return client.name if client else ""


def _user(work: Work, session: LiveSession) -> tuple[FoundUser, ConnectionConfig | None]:
    user = provision.by_id(work, session.user_id)
    if user is None:
        raise PageError("not_found", "This account does not exist any more.", status=404)
    return user, connections.find(work, user.connection_id)


def _password_errors(work: Work, user: FoundUser, connection: ConnectionConfig | None) -> list[FormError]:
    connector = runtime.open(work, connection) if connection else None
    identifier = user.email or user.username or ""
    if not isinstance(connector, PasswordConnector):
        raise PageError("invalid_request", "This account has no password here.")
    key = email_key(identifier)
    if connection and not brute_force.attempt(work, key, connection.name):
        return [FormError(_text(work, "login.login.too-many-attempts"), "current_password")]
    try:
        connector.login(identifier, http.form().get("current_password", ""))
    except InvalidCredentials:
        log.write(
            work, LoginLog.PASSWORD_CHANGE_FAILED, "wrong current password", user_id=user.user_id, user_name=user.email
        )
        return [FormError(_text(work, "account.index.wrong-password"), "current_password")]
    brute_force.succeeded(work, key)
    problem = reset.problem(work, user, http.form().get("password", ""))
    return [FormError(_text(work, problem), "password")] if problem else []


def _page(
    errors: Sequence[FormError] = (), values: dict[str, str] | None = None, notice: str | None = None
) -> Response:
    work = http.current()
    session: LiveSession = current_user.session
    user, connection = _user(work, session)
    chosen = page_context.page(work).texts.t(notice, clientName=_named(work)) if notice else None
    page = page_context.page(work, errors=errors, values=values, notice=chosen)
    options = connection.options if connection else {}
    length = (options.get("password_complexity_options") or {}).get("min_length")
    rules = (
        password_rules(page.texts, str(options.get("passwordPolicy") or "good"), length)
        if connection and connection.is_database
        else None
    )
    return page_context.answer(
        work,
        "account/index.html",
        page,
        status=400 if errors else 200,
        user=AccountUser(user.name or user.email or user.user_id, user.email, user.email_verified),
        sessions=session_rows(work, page.texts, session),
        applications=applications(work, session.user_id),
        rules=rules,
        now=datetime.now(UTC),
    )
