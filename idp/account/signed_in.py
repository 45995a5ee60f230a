"""Flask-Login's view of our session: who looks at ``/account``, or the way to sign in first."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Flask, Request, Response
from flask_login import LoginManager

from idp.foundation.kernel.secrets import digest
from idp.foundation.tenancy import http
from idp.signin.login import login_routes
from idp.signin.login import transaction as transactions
from idp.signin.login.screen_request import see_other
from idp.signin.login.transaction import Transaction
from idp.signin.sessions import service as sessions
from idp.signin.sessions.service import LiveSession

RESUME = "/account/resume"
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
    session = sessions.read(http.current(), http.session_secret())
    return Person(session) if session is not None and not session.blocked else None


def begin() -> Response:
    """Sign in for the account page itself: a transaction without an application."""
    work = http.current()
    work.refresh()
    ui_locales = (http.query().get("ui_locales") or "")[:MAX_HINT] or None
    transaction = Transaction(
        device_hash=digest(http.ensure_device()),
        resume=RESUME,
        client_id="",
        request={},
        redirect_uri=login_routes.own(work),
        ui_locales=ui_locales,
    )
    state = transactions.begin(work, transaction)
    url = login_routes.first_url(work, state, screen_hint=http.query().get("screen_hint"), ui_locales=ui_locales)
    return http.send_device(work, see_other(url))
