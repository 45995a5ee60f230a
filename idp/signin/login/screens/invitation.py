"""``/u/invitation``: a first password, by the link of an invitation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

from connectors.contract import AlreadyExists, ConnectorError
from idp.applications.clients import runtime as clients
from idp.directory.users import identifiers
from idp.directory.users import service as users
from idp.directory.users.password_policy import PROBLEM_TEXTS
from idp.foundation.ephemeral import limits
from idp.foundation.tenancy.work import Work
from idp.foundation.web.i18n import Texts
from idp.foundation.web.pages import PageView, WayOn
from idp.foundation.web.view_models import PasswordRules, password_rules
from idp.signin.invitations import service as invitations
from idp.signin.invitations.models import Invitation
from idp.signin.invitations.service import INVITATION
from idp.signin.login import login_routes
from idp.signin.login.password_rules import rules_of
from idp.signin.login.screen import End, Field, Form, Problem, Result, Show, Spent, TicketScreen
from idp.signin.login.screen_request import GoneRequest, TicketRequest


@dataclass(frozen=True)
class AcceptInvitationView(PageView):
    """Somebody is invited to an application, and chooses a password. ``ask_username``: the connection has usernames
    beside addresses.
    """

    email: str
    inviter: str
    application: str
    rules: PasswordRules
    ask_username: bool = False

    @classmethod
    def example(cls, texts: Texts) -> Self:
        """A connection with the default policy."""
        return cls("josephine.baker@example.com", "Ada Lovelace", "Harbour Shop", password_rules(texts, "good"))


@dataclass(frozen=True)
class InvitationDoneView(PageView):
    """The account is there."""

    template: ClassVar[str] = "login/invitation/accepted.html"
    email: str
    login_url: str

    @classmethod
    def example(cls, texts: Texts) -> Self:
        """The way to the application."""
        return cls("josephine.baker@example.com", "https://shop.example/login")


@dataclass(frozen=True)
class InvitationGoneView(PageView):
    """The link is good no more. ``outcome`` is what is true of it: ``accepted``, ``exists`` (the address has an account
    by now), ``replaced`` (by a newer link), else ``over``. ``back`` leads on: to the sign-in where there is an account.
    """

    template: ClassVar[str] = "login/invitation/gone.html"
    outcome: str
    back: WayOn

    @classmethod
    def example(cls, texts: Texts) -> Self:
        """It was withdrawn, or is too old."""
        return cls("over", WayOn("https://shop.example/login", texts.t("page.lead.backTo", clientName="Harbour Shop")))


class AcceptInvitation(TicketScreen):
    """A first password, for the account of the invited address and no other."""

    prompt, screen = "invitation", "accept-invitation"
    path = "invitation"
    kind = INVITATION
    fields = (Field("username"), Field("password", required="signup.signup.no-password", secret=True))
    limit = limits.SIGNUP

    def good(self, request: TicketRequest) -> bool:
        """Nobody has accepted or withdrawn it, and the address has no account yet that was proven."""
        row = invitations.pending(request.work, request.ticket)
        return row is not None and not invitations.has_account(request.work, row)

    def gone(self, request: GoneRequest) -> End:
        """What is true of the link, and the way to sign in where there is an account."""
        work, ticket = request.work, request.ticket
        row = invitations.pending(work, ticket) if ticket else None
        if invitations.accepted(work, ticket):
            outcome = "accepted"
        elif row is not None and invitations.has_account(work, row):
            outcome = "exists"
        else:
            outcome = "replaced" if request.replaced else "over"
        client_id = ticket.client_id if ticket else None
        if outcome in {"accepted", "exists"}:
            words = request.texts.t("reset-password.success.buttonText")
            return End(InvitationGoneView(outcome, WayOn(login_routes.home(work, client_id), words)), 400)
        client = clients.find(work, client_id) if client_id else None
        return End(InvitationGoneView(outcome, login_routes.way_on(work, request.texts, client)), 400)

    def view(self, request: TicketRequest) -> AcceptInvitationView:
        """Who invites whom to what, and the password's rules."""
        row = _invitation(request)
        connection = invitations.connection_of(request.work, row)
        return AcceptInvitationView(
            email=row.email,
            inviter=row.inviter,
            application=_application(request.work, row),
            rules=rules_of(request.texts, connection),
            ask_username=connection.requires_username,
        )

    def submit(self, request: TicketRequest, form: Form) -> Result:
        """Make the account; the person signs in to the application with it."""
        work, row = request.work, _invitation(request)
        problems = _problems(work, row, form)
        if problems:
            return Show(tuple(problems))
        try:
            if not invitations.accept(work, request.value, request.ticket, form["password"], form["username"]):
                return Spent()
        except AlreadyExists as error:
            if error.field == "username":
                return Show((Problem("signup.signup.username-taken", "username"),))
            invitations.write_failure(work, request.ticket, "user already exists")
            return Show((Problem("signup.signup.email-exists"),))
        except ConnectorError as error:
            invitations.write_failure(work, request.ticket, error.detail or error.message)
            words = {"name": invitations.connection_of(work, row).display_name}
            return Show((Problem("login.login.source-refused", values=words),), 503)
        return End(InvitationDoneView(row.email, login_routes.home(work, row.client_id)))


def _problems(work: Work, row: Invitation, form: Form) -> list[Problem]:
    """What is wrong with what was typed, all at once."""
    found: list[Problem] = []
    connection, username = invitations.connection_of(work, row), form["username"]
    length = users.username_limits(connection)
    if length is not None and not username:
        found.append(Problem("signup.signup.no-username", "username"))
    elif length is not None and not identifiers.valid_username(username, low=length[0], high=length[1]):
        found.append(Problem("signup.signup.invalid-username", "username"))
    about = {"email": row.email, "username": username if length is not None else None}
    weakness = users.password_problem(work, connection, form["password"], about)
    if weakness is not None:
        found.append(Problem(PROBLEM_TEXTS[weakness], "password"))
    return found


def _application(work: Work, row: Invitation) -> str:
    client = clients.find(work, row.client_id)
    return client.name if client else work.config.friendly_name


def _invitation(request: TicketRequest) -> Invitation:
    row = invitations.pending(request.work, request.ticket)
    if row is None:
        raise AssertionError("the caller asks whether the link is good first")
    return row
