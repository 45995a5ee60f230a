"""``/u/reset-verify``: a new password, by the link of a mail."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

from connectors.contract import ConnectorError
from idp.directory.connections import runtime as connections
from idp.directory.users import service as users
from idp.directory.users.provision import FoundUser
from idp.foundation.kernel.errors import PageError
from idp.foundation.kernel.redirects import with_params
from idp.foundation.web.i18n import Texts
from idp.foundation.web.pages import PageView
from idp.foundation.web.view_models import PasswordRules, password_rules
from idp.signin.login import login_routes, reset, reset_factor
from idp.signin.login.password_rules import rules_of
from idp.signin.login.screen import End, Field, Form, Go, Leave, Problem, Result, Show, Spent, TicketScreen
from idp.signin.login.screen_request import GoneRequest, TicketRequest
from idp.signin.login.verification import owner
from idp.signin.tickets.service import PASSWORD_CHANGE

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
    """The link is good no more. ``outcome`` is what is true of it: ``changed`` (the password has been, since),
    ``unlocked`` (sign-ins are), ``replaced`` (by a newer link), else ``over``.
    """

    template: ClassVar[str] = "login/reset-password/error.html"
    outcome: str
    retry_url: str | None
    login_url: str | None

    @classmethod
    def example(cls, texts: Texts) -> Self:
        """The way to a new link."""
        return cls("over", "/u/reset-password/request", None)


def link_gone(request: GoneRequest, outcome: str) -> End:
    """The words for a link that is good no more, and the ways on: to sign in, and to a new link. Whoever has the link
    need not type the address again that it was mailed to.
    """
    work, ticket = request.work, request.ticket
    home = login_routes.home(work, ticket.client_id if ticket else None) if outcome in {"changed", "unlocked"} else None
    again = login_routes.account_url(
        work, screen_hint="reset-password", login_hint=ticket.email if ticket is not None else None
    )
    return End(LinkGoneView(outcome, again, home), 400)


class ResetChange(TicketScreen):
    """A new password, for the user of the ticket and nobody else (security.md M4)."""

    prompt, screen = "reset-password", "change"
    path = "reset-verify"
    kind = PASSWORD_CHANGE
    fields = (Field("password", required="signup.signup.no-password", secret=True),)
    notices = frozenset({"disowned"})

    def good(self, request: TicketRequest) -> bool:
        """The account still belongs to that user."""
        return owner(request.work, request.ticket) is not None

    def gone(self, request: GoneRequest) -> End:
        """What is true of the link, and a way to a new one."""
        user = owner(request.work, request.ticket)
        changed_at = users.get(request.work, user.user_id).last_password_reset if user else None
        if request.over and changed_at and changed_at > request.over.made_at:
            return link_gone(request, "changed")
        return link_gone(request, "replaced" if request.replaced else "over")

    def view(self, request: TicketRequest) -> ResetChangeView | Go:
        """The form with the rules of the account's connection; before it, the page of a second factor."""
        user = known_user(request)
        first = reset_factor.wanted(request, user)
        if first is not None:
            return first
        connection = connections.find(request.work, request.ticket.connection_id)
        identifier = request.ticket.email or user.email or user.username or ""
        return ResetChangeView(identifier, rules_of(request.texts, connection))

    def submit(self, request: TicketRequest, form: Form) -> Result:
        """Set it, and lead on."""
        work, ticket, password = request.work, request.ticket, form["password"]
        first = reset_factor.wanted(request, known_user(request))
        if first is not None:
            return first
        problem = reset.problem(work, known_user(request), password)
        if problem:
            return Show((Problem(problem, "password"),))
        try:
            if not reset.redeem(work, request.value, ticket, password, locale=request.locale):
                return Spent()
        except ConnectorError:  # it is in the log; the link is spent, and the next try leads to another
            source = connections.find(work, ticket.connection_id)
            words = {"name": source.display_name if source else ""}
            return Show((Problem("login.login.source-refused", values=words),), 503)
        if ticket.result_url:
            return Leave(with_params(ticket.result_url, {**CHANGED, **ticket.email_parameter}))
        return End(ResetDoneView(login_routes.home(work, ticket.client_id)))


def known_user(request: TicketRequest) -> FoundUser:
    """Whose ticket it is; whoever asks has looked whether it is good. Raises PageError for who went a moment ago."""
    user = owner(request.work, request.ticket)
    if user is None:
        raise PageError("invalid_request", "The account was removed a moment ago.", status=400)
    return user
