"""``/u/reset-verify``: a new password, by the link of a mail."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

from idp.directory.connections import runtime as connections
from idp.directory.users import provision
from idp.directory.users.provision import FoundUser
from idp.foundation.kernel.redirects import with_params
from idp.foundation.tenancy.work import Work
from idp.foundation.web.i18n import Texts
from idp.foundation.web.pages import PageView
from idp.foundation.web.view_models import PasswordRules, password_rules
from idp.signin.login import login_routes, reset
from idp.signin.login.password_rules import rules_of
from idp.signin.login.screen import End, Field, Form, Leave, Problem, Result, Show, Spent, TicketScreen
from idp.signin.login.screen_request import TicketRequest
from idp.signin.tickets.service import PASSWORD_CHANGE, Ticket

CHANGED = {"success": "true", "message": "You can now login to the application with the new password."}
"""Auth0's own sentence: applications read it from the ``result_url``."""


@dataclass(frozen=True)
class ResetChangeView(PageView):
    """A new password, reached by the link in the mail."""

    identifier: str
    rules: PasswordRules

    @classmethod
    def example(cls, texts: Texts) -> Self:
        """A connection with a policy of its own."""
        return cls("josephine.baker@example.com", password_rules(texts, "fair", 12))


@dataclass(frozen=True)
class ResetDoneView(PageView):
    """The password was changed."""

    template: ClassVar[str] = "login/reset-password/success.html"
    login_url: str | None

    @classmethod
    def example(cls, texts: Texts) -> Self:
        """The way to sign in."""
        return cls("/u/login")


@dataclass(frozen=True)
class LinkGoneView(PageView):
    """The link was used before or is too old."""

    template: ClassVar[str] = "login/reset-password/error.html"
    retry_url: str | None

    @classmethod
    def example(cls, texts: Texts) -> Self:
        """The way to a new link."""
        return cls("/u/reset-password/request")


def link_gone(work: Work) -> End:
    """The link is used or too old: its words, and a way to a new one."""
    return End(LinkGoneView(login_routes.account_url(work, "reset-password")), 400)


class ResetChange(TicketScreen):
    """A new password, for the user of the ticket and nobody else (security.md M4)."""

    prompt, screen = "reset-password", "change"
    path = "reset-verify"
    kind = PASSWORD_CHANGE
    fields = (Field("password", required="signup.signup.no-password", secret=True),)

    def good(self, request: TicketRequest) -> bool:
        """The account still belongs to that user."""
        return _user(request) is not None

    def gone(self, work: Work, ticket: Ticket | None) -> End:
        """A way to a new link."""
        return link_gone(work)

    def view(self, request: TicketRequest) -> ResetChangeView:
        """The form with the rules of the account's connection."""
        user = _known_user(request)
        connection = connections.find(request.work, request.ticket.connection_id)
        return ResetChangeView(user.email or user.username or "", rules_of(request.texts, connection))

    def submit(self, request: TicketRequest, form: Form) -> Result:
        """Set it, and lead on."""
        work, ticket, user, password = request.work, request.ticket, _known_user(request), form["password"]
        problem = reset.problem(work, user, password)
        if problem:
            return Show((Problem(problem, "password"),))
        if not reset.redeem(work, request.value, ticket, user, password, locale=request.locale):
            return Spent()
        if ticket.result_url:
            return Leave(with_params(ticket.result_url, {**CHANGED, **ticket.email_parameter}))
        return End(ResetDoneView(login_routes.home(work, ticket.client_id)))


def _user(request: TicketRequest) -> FoundUser | None:
    ticket = request.ticket
    user = provision.by_identity(request.work, ticket.connection_id, ticket.account_id)
    return user if user is not None and user.user_id == ticket.user_id else None


def _known_user(request: TicketRequest) -> FoundUser:
    user = _user(request)
    if user is None:
        raise AssertionError("the caller asks whether the ticket is good first")
    return user
