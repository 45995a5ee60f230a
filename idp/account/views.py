"""The account page and its forms. Every form is this browser's own (CSRF), and every change writes a log row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import ClassVar

from flask import Blueprint, Flask, Response
from flask.blueprints import BlueprintSetupState
from flask_login import current_user, login_required

from idp.account import own_data, service, signed_in
from idp.account.factor_section import FactorsSection, factors_section
from idp.account.lists import RequestRow, accounts, applications, passkeys, pending_requests, session_rows
from idp.account.own_data import SignInRow
from idp.account.own_section import OwnSection, own_section
from idp.applications.clients import runtime as clients
from idp.directory.connections import runtime as connections
from idp.foundation.tenancy import http, page_context
from idp.foundation.tenancy.work import Work
from idp.foundation.web.pages import FormError, PageView
from idp.foundation.web.view_models import (
    AccountRow,
    AccountUser,
    ApplicationRow,
    PasskeyRow,
    PasswordRules,
    SessionRow,
)
from idp.signin.login import password_change, verification
from idp.signin.login.pages import signed_out
from idp.signin.login.password_rules import rules_of
from idp.signin.login.screen import Problem
from idp.signin.passkeys import enrolment
from idp.signin.sessions import service as sessions
from idp.signin.sessions.lists import MOST_SHOWN
from idp.signin.sessions.service import LiveSession

blueprint = Blueprint("account", __name__)
MAX_NAME = 300


@dataclass(frozen=True)
class Said:
    """A sentence that says what was done, and the section it stands in."""

    key: str
    section: str
    bad: bool = False


NOTICES = {
    "profile": Said("account.index.profileSaved", "profile"),
    "verification": Said("account.index.verificationSent", "profile"),
    "password": Said("account.index.passwordSaved", "password-section"),
    "session": Said("account.index.sessionEnded", "sessions"),
    "others": Said("account.index.othersEnded", "sessions"),
    "account": Said("account.index.disconnected", "accounts"),
    "passkey-added": Said("account.index.passkeyAdded", "passkeys"),
    "passkey-renamed": Said("account.index.passkeyRenamed", "passkeys"),
    "passkey-removed": Said("account.index.passkeyRemoved", "passkeys"),
    "passkey-last": Said("account.index.passkeyLast", "passkeys", bad=True),
    "application": Said("account.index.applicationRemoved", "applications"),
    "email-requested": Said("account.index.emailRequested", "profile"),
    "email-called-off": Said("address-change.result.cancelledTitle", "profile"),
    "picture": Said("account.index.pictureSaved", "picture-section"),
    "picture-removed": Said("account.index.pictureRemoved", "picture-section"),
    "look": Said("account.index.profileSaved", "look"),
    "confirmed": Said("account.index.confirmed", "factors"),
    "factor-removed": Said("account.index.factorRemoved", "factors"),
    "browsers": Said("account.index.browsersForgotten", "factors"),
}
"""What was just done, by the ``done`` of the address that each form leads to."""
NO_NAME = Problem("account.index.no-name", "name")


@dataclass(frozen=True)
class AccountView(PageView):
    """A person's own page; ``rules`` is None where the account has no password here, or its source has rules of its
    own.
    """

    template: ClassVar[str] = "account/index.html"
    user: AccountUser
    sessions: Sequence[SessionRow]
    applications: Sequence[ApplicationRow]
    rules: PasswordRules | None
    now: datetime
    changes_password: bool = False
    """Whether the person can change their password here."""
    more_sessions: int = 0
    """How many further sessions are not listed."""
    accounts: Sequence[AccountRow] = ()
    """Linked accounts, where there are any."""
    factors: FactorsSection | None = None
    """Two-step verification, where the tenant has any."""
    notice_in: str | None = None
    """Id of the section that the notice stands in."""
    sign_ins: Sequence[SignInRow] = ()
    bad_news: bool = False
    """Whether the notice says that something was not done."""
    passkeys: Sequence[PasskeyRow] = ()
    adds_passkeys: bool = False
    """Whether the person may add one."""
    requests: Sequence[RequestRow] = ()
    """What applications ask the person to confirm."""
    own: OwnSection = field(default_factory=OwnSection)


@blueprint.record_once
def _adapt(state: BlueprintSetupState) -> None:
    if isinstance(state.app, Flask):
        signed_in.init(state.app)


@blueprint.get("/account")
@login_required
def index() -> Response:
    """The page; in a language that was picked on it, which is kept for the person."""
    if page_context.picked_language() and http.chosen_here():
        work = http.current()
        service.keep_language(work, current_user.session, page_context.locale(work))
    return page(said=NOTICES.get(http.query().get("done", "")))


@blueprint.get("/.well-known/change-password")
def change_password() -> Response:
    """W3C "A Well-Known URL for Changing Passwords": password managers follow this."""
    return http.redirect(f"{http.current().href('/account')}#password", 302)


@blueprint.get(signed_in.RESUME)
def resume() -> Response:
    """Back from signing in."""
    return signed_in.resume()


@blueprint.post("/account/profile")
@login_required
def profile() -> Response:
    """Another name."""
    work, session = checked()
    name = http.form().get("name", "").strip()[:MAX_NAME]
    if not name:
        return page(NO_NAME, {"name": name})
    service.rename(work, session, name)
    return done("profile")


@blueprint.post("/account/verification")
@login_required
def verification_() -> Response:
    """Another mail that proves the address."""
    work, session = checked()
    user = service.user_of(work, session)
    if not user.email or user.email_verified:
        return http.redirect(work.href("/account"))
    wait = verification.send_again(work, user, client_id=None, locale=page_context.locale(work, kept=session.language))
    if wait is None:
        return done("verification")
    words = {"wait": page_context.texts(work, kept=session.language).duration(wait)}
    return page(Problem("account.index.verification-wait", values=words), status=429)


@blueprint.post("/account/password")
@login_required
def password() -> Response:
    """Another password."""
    work, session = checked()
    form, locale = http.form(), page_context.locale(work, kept=session.language)
    current, new = form.get("current_password", ""), form.get("password", "")
    user = service.user_of(work, session)
    problem = password_change.change_password(work, user, current, new, locale=locale, keep_session=session.id)
    return page(problem) if problem else done("password")


@blueprint.post("/account/sessions")
@login_required
def sessions_() -> Response:
    """End one other session, or all others."""
    work, session = checked()
    form = http.form()
    one = form.get("action") == "end"
    sessions.end_others(work, session, {form.get("session_id", "")} if one else None)
    return done("session" if one else "others")


@blueprint.post("/account/applications")
@login_required
def applications_() -> Response:
    """Take an application's access back."""
    work, session = checked()
    client_id = http.form().get("application_id", "")[:64]
    service.remove_application(work, session, client_id)
    return done("application", client=client_id)


@blueprint.post("/account/accounts")
@login_required
def accounts_() -> Response:
    """Let a linked account go, which is a way to sign in less: only for somebody who proved freshly who they are."""
    work, session = checked()
    if not service.proven_freshly(work, session):
        return http.redirect(work.href("/account/confirm"))
    gone = service.disconnect(work, session, http.form().get("account_id", "")[:400])
    return done("account") if gone else http.redirect(work.href("/account"))


@blueprint.post("/account/sign-out")
@login_required
def sign_out_() -> Response:
    """End this session."""
    work, session = checked()
    return signed_out(work, session, client_id=None, target=None)


def checked() -> tuple[Work, LiveSession]:
    """The work and session of a form that is this browser's own. Raises PageError."""
    work = http.current()
    http.check_form(work, http.form().get("csrf"))
    session: LiveSession = current_user.session
    return work, session


def done(what: str, **more: str) -> Response:
    """The page again, where it says so: the browser goes to the sentence, and readers of screens read it out."""
    return http.redirect(http.current().href("/account", done=what, **more) + "#notice")


def _client_name(work: Work) -> str:
    """The application whose access was just removed."""
    client = clients.find(work, http.query().get("client", "")[:64])
    return client.name if client else ""


def page(
    problem: Problem | None = None,
    values: Mapping[str, str] | None = None,
    said: Said | None = None,
    status: int = 400,
    recovery_code: str | None = None,
) -> Response:
    """The page, with what is wrong, or what was just done. A new ``recovery_code`` is shown this once."""
    work = http.current()
    session: LiveSession = current_user.session
    user = service.user_of(work, session)
    connection = connections.find(work, user.connection_id)
    texts = page_context.texts(work, kept=session.language)
    surroundings = page_context.page(
        work,
        kept_language=session.language,
        kept_theme=session.theme,
        address=work.href("/account"),
        errors=[FormError(texts.t(problem.key, **problem.values), problem.field)] if problem else (),
        values=values,
        notice=texts.t(said.key, clientName=_client_name(work)) if said else None,
    )
    shown = session_rows(work, texts, session)
    view = AccountView(
        user=AccountUser(user.name or user.email or user.user_id, user.email, user.email_verified),
        sessions=shown,
        applications=applications(work, texts, session.user_id),
        rules=rules_of(texts, connection) if connection and connection.accounts else None,
        changes_password=bool(connection and (connection.accounts or connection.changes_passwords_at_source)),
        accounts=accounts(work, texts, session.user_id),
        now=datetime.now(UTC),
        more_sessions=sessions.count(work, session.user_id) - len(shown) if len(shown) == MOST_SHOWN else 0,
        factors=factors_section(work, texts, session, recovery_code),
        notice_in=said.section if said else None,
        sign_ins=own_data.sign_ins(work, texts, session.user_id),
        requests=pending_requests(work, session.user_id),
        bad_news=said.bad if said else False,
        passkeys=passkeys(work, texts, session.user_id),
        adds_passkeys=enrolment.account_of(work, session.user_id, session.connection_id) is not None,
        own=own_section(work, session, user),
    )
    return page_context.answer(work, view, surroundings, status=status if problem else 200)
