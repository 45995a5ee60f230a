"""Flask-Login's view of our session: who looks at ``/account``, or the way to sign in first."""

from __future__ import annotations

from dataclasses import dataclass, replace

from flask import Flask, Request, Response
from flask_login import LoginManager

from idp.account.service import FRESH_S
from idp.foundation.kernel import sizes
from idp.foundation.kernel.errors import PageError
from idp.foundation.tenancy import http
from idp.foundation.tenancy.work import Work
from idp.signin.factors import policy as factors
from idp.signin.login import application, flow, login_routes
from idp.signin.login.flow import Ask, Attempt, Done, Refuse
from idp.signin.login.pages import browser, to_screen
from idp.signin.login.policy import AuthenticationRequest
from idp.signin.sessions import service as sessions
from idp.signin.sessions.service import LiveSession

RESUME = "/account/resume"
HOME, PASSKEYS, DELETION = "/account", "/account/passkeys", "/account/deletion"
MAX_HINT = 200


@dataclass(frozen=True)
class Person:
    """The signed-in person, as Flask-Login wants them."""

    session: LiveSession
    is_authenticated: bool = True
    is_active: bool = True
    is_anonymous: bool = False

    def get_id(self) -> str:
        """The user id."""
        return self.session.user_id


def init(app: Flask) -> None:
    """Adapt the SSO session to Flask-Login; nothing is ever stored in a Flask session."""
    manager = LoginManager()
    manager.session_protection = None
    manager.request_loader(_load)
    manager.unauthorized_handler(begin)
    manager.init_app(app)


def _load(_request: Request) -> Person | None:
    """Whoever has nothing left to do for the login policy."""
    work = http.current()
    outcome = flow.advance(work, _attempt(work))
    return Person(outcome.session) if isinstance(outcome, Done) else None


def begin() -> Response:
    """Sign in for the account page itself: a transaction without an application."""
    work = http.current()
    work.refresh()
    return _translate(work, _attempt(work))


def again(work: Work, session: LiveSession, *, max_age_s: int) -> Response | None:
    """The way to sign in again for somebody who did longer ago than that; None where they did not."""
    attempt = Attempt(replace(_wanted(work), max_age=max_age_s), session)
    outcome = flow.advance(work, attempt)
    return to_screen(work, attempt, outcome, status=303) if isinstance(outcome, Ask) else None


def resume() -> Response:
    """Back from a login page: the same question to the flow again, now with what this attempt has proven."""
    work = http.current()
    state, device_hash, secret = http.query().get("state"), http.device_hash(), http.session_secret()
    attempt = flow.resumed(
        work, state, path=RESUME, device_hash=device_hash, session_secret=secret, browser=browser(work)
    )
    return _translate(work, attempt)


def prove_again(session: LiveSession, then: str, *, anew: bool = False) -> Response:
    """Have the person prove who they are once more, by a second factor if they have one, before what opens their
    account is changed, and go on at ``then``, one of this page's own paths; ``anew``: however short ago it was.
    """
    work = http.current()
    wanted = replace(
        _wanted(work), prompt=("login",) if anew else (), login_hint=session.email, protocol_request={"then": then}
    )
    if factors.enrolled(session.factors):
        wanted = replace(wanted, acr_values=(factors.ACR,), factor_max_age=FRESH_S)
    else:
        wanted = replace(wanted, max_age=FRESH_S)
    return _translate(work, Attempt(wanted, session, browser=browser(work)))


def _attempt(work: Work) -> Attempt:
    return Attempt(_wanted(work), sessions.read(work, http.session_secret()), browser=browser(work))


def _wanted(work: Work) -> AuthenticationRequest:
    """What the account page wants of a sign-in."""
    query = http.query()
    return AuthenticationRequest(
        client=application.own_pages(work),
        resume=RESUME,
        redirect_uri=login_routes.account_url(work),
        screen_hint=(query.get("screen_hint") or "")[:MAX_HINT] or None,
        login_hint=(query.get("login_hint") or "")[: sizes.HINT.most] or None,
        ui_locales=(query.get("ui_locales") or "")[:MAX_HINT] or None,
        other_user_may_sign_in=True,
    )


def _translate(work: Work, attempt: Attempt) -> Response:
    """What the flow decides, as our own page says it."""
    match flow.advance(work, attempt):
        case Ask() as ask:
            return to_screen(work, attempt, ask, status=303)
        case Refuse(error):
            flow.finish(work, attempt)
            raise PageError(error.error, error.description, status=403)
        case Done():
            flow.finish(work, attempt)
            said = attempt.request.protocol_request
            then = said.get("then") if isinstance(said, dict) else None
            if then in (PASSKEYS, DELETION):
                return http.redirect(work.href(then))
            if attempt.request.max_age is not None or attempt.request.factor_max_age is not None:
                return http.redirect(work.href("/account", done="confirmed") + "#notice")
            return http.redirect(work.href("/account"))
