"""Flask-Login's view of our session: who looks at ``/account``, or the way to sign in first."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Flask, Request, Response
from flask_login import LoginManager

from idp.kernel.secrets import digest
from idp.login import entrance
from idp.login import transaction as transactions
from idp.login.transaction import Transaction
from idp.login.visit import see_other
from idp.sessions import service as sessions
from idp.sessions.service import LiveSession
from idp.tenants import http

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
    ctx = http.current()
    ctx.refresh()
    ui_locales = (http.query().get("ui_locales") or "")[:MAX_HINT] or None
    transaction = Transaction(
        device_hash=digest(http.ensure_device()), resume=RESUME, client_id="", request={}, redirect_uri=entrance.own(ctx), ui_locales=ui_locales,
    )  # fmt: skip
    state = transactions.begin(ctx, transaction)
    url = entrance.first_url(ctx, state, screen_hint=http.query().get("screen_hint"), ui_locales=ui_locales)
    return http.send_device(ctx, see_other(url))
