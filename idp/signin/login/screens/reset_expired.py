"""``/u/reset-password/expired``: another password at the source, for somebody whom it lets in only with one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from idp.directory.connections import runtime as connections
from idp.directory.connections.runtime import ConnectionConfig
from idp.foundation.ephemeral import limits
from idp.foundation.web.i18n import Texts
from idp.foundation.web.pages import PageView
from idp.signin.login import connection_choice, login_routes, password, password_change
from idp.signin.login.screen import Field, Form, Go, Result, Screen, Show
from idp.signin.login.screen_request import ScreenRequest


@dataclass(frozen=True)
class ResetExpiredView(PageView):
    """The password of the account ``identifier`` at ``source`` has to be changed now."""

    identifier: str
    source: str
    show_cancel: bool = True

    @classmethod
    def example(cls, texts: Texts) -> Self:
        """Somebody of a company's directory."""
        return cls("josephine.baker@example.com", "Example Inc.")


class ResetExpired(Screen):
    """Both passwords are asked for: what was typed before is not kept anywhere."""

    prompt, screen = "reset-password", "expired"
    fields = (
        Field("current_password", required="no-current", secret=True),
        Field("password", required="signup.signup.no-password", secret=True),
    )
    limit = limits.LOGIN_BY_IP
    cancellable = True

    def view(self, request: ScreenRequest) -> ResetExpiredView | Go:
        """The form; without an account that it is about, the first page."""
        found = _overdue(request)
        if found is None:
            return Go(login_routes.first_page(request.work))
        connection, _ = found
        return ResetExpiredView(request.identifier, connection.display_name)

    def submit(self, request: ScreenRequest, form: Form) -> Result:
        """Change it there, then sign in with the new one."""
        found = _overdue(request)
        if found is None:
            return Go(login_routes.first_page(request.work))
        connection, account = found
        problem = password_change.change_overdue(
            request.work,
            connection,
            account,
            request.identifier,
            form["current_password"],
            form["password"],
            locale=request.locale,
        )
        if problem is not None:
            return Show((problem,))
        return password.sign_in(request, request.identifier, form["password"])


def _overdue(request: ScreenRequest) -> tuple[ConnectionConfig, str] | None:
    """The account, where its connection is still one of the application's (security.md A14) and changes passwords."""
    if request.transaction.overdue is None:
        return None
    connection_id, account = request.transaction.overdue
    connection = connections.find(request.work, connection_id)
    usable = connection_choice.usable(request.work, request.client, request.transaction.connection_id)
    if connection is None or not connection.changes_passwords_at_source:
        return None
    if connection.id not in {each.id for each in usable}:
        return None
    return connection, account
