"""``/u/invitation``: a first password or a passkey, by the link of an invitation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Self

from connectors.contract import AlreadyExists, ConnectorError
from idp.applications.clients import runtime as clients
from idp.directory.users import identifiers
from idp.directory.users import service as users
from idp.directory.users.password_policy import PROBLEM_TEXTS
from idp.foundation.ephemeral import limits
from idp.foundation.kernel.errors import PageError
from idp.foundation.tenancy.work import Work
from idp.foundation.web.i18n import Texts
from idp.foundation.web.pages import PageView, WayOn
from idp.foundation.web.view_models import PasswordRules, device_name, password_rules
from idp.signin.invitations import service as invitations
from idp.signin.invitations.models import Invitation
from idp.signin.invitations.service import INVITATION, FirstPasskey
from idp.signin.login import login_routes, passkey_sign_in
from idp.signin.login.passkey_sign_in import PasskeyForm
from idp.signin.login.password_rules import rules_of
from idp.signin.login.screen import End, Field, Form, Problem, Result, Show, Spent, TicketScreen
from idp.signin.login.screen_request import GoneRequest, TicketRequest
from idp.signin.login.screens.login import PASSKEY
from idp.signin.passkeys import enrolment
from idp.signin.passkeys.enrolment import AlreadyThere, NotMade
from idp.signin.webauthn import challenges


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
    passkeys: PasskeyForm | None = None

    @classmethod
    def example(cls, texts: Texts) -> Self:
        """A connection with the default policy."""
        return cls(
            "josephine.baker@example.com",
            "Ada Lovelace",
            "Harbour Shop",
            password_rules(texts, "good"),
            passkeys=PasskeyForm(passkey_sign_in.OPTIONS_PATH, "localhost"),
        )


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
    """A first password or a passkey, for the account of the invited address and no other."""

    prompt, screen = "invitation", "accept-invitation"
    path = "invitation"
    kind = INVITATION
    fields = (Field("username"), Field("password", secret=True), PASSKEY)
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
            passkeys=passkey_sign_in.form_of(request.work, connection),
        )

    def submit(self, request: TicketRequest, form: Form) -> Result:
        """Make the account; the person signs in to the application with it."""
        work, row = request.work, invitations.pending(request.work, request.ticket)
        if row is None:  # somebody else was quicker by a moment
            return Spent()
        problems = _problems(work, row, form)
        if problems:
            return Show(tuple(problems))
        try:
            passkey = _passkey(request, row, form)
            password, username = form["password"], form["username"]
            if not invitations.accept(work, request.value, request.ticket, password, username, passkey=passkey):
                return Spent()
        except (AlreadyExists, AlreadyThere, ConnectorError, NotMade) as error:
            return _refused(request, row, error)
        return End(InvitationDoneView(row.email, login_routes.home(work, row.client_id)))


def _refused(request: TicketRequest, row: Invitation, error: Exception) -> Show:
    """What kept the account from being made, in words, and in the log where it is news there."""
    match error:
        case NotMade():
            return Show((Problem("passkeys.passkey-enrollment.browser-failed"),))
        case AlreadyThere():
            return Show((Problem("passkeys.passkey-enrollment.already-there"),))
        case AlreadyExists(field="username"):
            return Show((Problem("signup.signup.username-taken", "username"),))
        case AlreadyExists():
            invitations.write_failure(request.work, request.ticket, "user already exists")
            return Show((Problem("signup.signup.email-exists"),))
        case ConnectorError():
            invitations.write_failure(request.work, request.ticket, error.detail or error.message)
            words = {"name": invitations.connection_of(request.work, row).display_name}
            return Show((Problem("login.login.source-refused", values=words),), 503)
        case _:
            raise error


def _problems(work: Work, row: Invitation, form: Form) -> list[Problem]:
    """What is wrong with what was typed, all at once."""
    found: list[Problem] = []
    connection, username = invitations.connection_of(work, row), form["username"]
    length = users.username_limits(connection)
    if length is not None and not username:
        found.append(Problem("signup.signup.no-username", "username"))
    elif length is not None and not identifiers.valid_username(username, low=length[0], high=length[1]):
        found.append(Problem("signup.signup.invalid-username", "username"))
    if form[PASSKEY.name]:  # it takes the place of a password
        return found
    if not form["password"]:
        return [*found, Problem("signup.signup.no-password", "password")]
    about = {"email": row.email, "username": username if length is not None else None}
    weakness = users.password_problem(work, connection, form["password"], about)
    if weakness is not None:
        found.append(Problem(PROBLEM_TEXTS[weakness], "password"))
    return found


def _passkey(request: TicketRequest, row: Invitation, form: Form) -> FirstPasskey | None:
    """The passkey that was made, where it was. Raises NotMade."""
    raw = form[PASSKEY.name]
    if not raw:
        return None
    if passkey_sign_in.form_of(request.work, invitations.connection_of(request.work, row)) is None:
        raise NotMade("the connection has no passkeys")
    made = enrolment.made(request.work, raw, purpose=challenges.SIGNUP, bound_to=bound_to(request))
    return FirstPasskey(made, device_name(request.texts, request.work.user_agent))


def passkey_options(request: TicketRequest) -> dict[str, Any] | None:
    """What ``navigator.credentials.create`` takes for whoever is invited; None where they can have none. Raises
    TooMany.
    """
    row = invitations.pending(request.work, request.ticket)
    if row is None or passkey_sign_in.form_of(request.work, invitations.connection_of(request.work, row)) is None:
        return None
    return enrolment.offer_to_newcomer(request.work, bound_to(request), name=row.email)


def bound_to(request: TicketRequest) -> str:
    """What a challenge of this page belongs to."""
    return f"invitation\0{request.value}"


def _application(work: Work, row: Invitation) -> str:
    client = clients.find(work, row.client_id)
    return client.name if client else work.config.friendly_name


def _invitation(request: TicketRequest) -> Invitation:
    row = invitations.pending(request.work, request.ticket)
    if row is None:
        raise PageError("invalid_request", "The link was used a moment ago.", status=400)
    return row
