"""Flask-Login's view of our session: who looks at ``/account``, or the way to sign in first."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from flask import Flask, Request, Response, request
from flask_login import LoginManager

from idp.kernel.secrets import digest
from idp.login import transaction as transactions
from idp.login.transaction import Transaction
from idp.login.visit import see_other
from idp.sessions import service as sessions
from idp.sessions.service import LiveSession
from idp.tenants import http

RESUME = "/account/resume"


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
    asked = request.args.get("ui_locales")
    transaction = Transaction(
        device_hash=digest(http.ensure_device()), resume=RESUME, client_id="", request={}, redirect_uri=f"{ctx.config.url}account",
        ui_locales=asked[:200] if asked else None,
    )  # fmt: skip
    state = transactions.begin(ctx, transaction)
    path = "/u/login/identifier" if ctx.config.prompts.identifier_first else "/u/login"
    query = {"state": state, **({"ui_locales": asked} if asked else {})}
    return http.send_device(ctx, see_other(f"{path}?{urlencode(query)}"))
