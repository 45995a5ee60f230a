"""``/u/email-verification``: was it you who made this account? Two buttons, and the way to a new link."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar, Self

from connectors.contract import ConnectorError
from idp.directory.users import service as users
from idp.directory.users.identifiers import masked
from idp.foundation.kernel.redirects import with_params
from idp.foundation.tenancy.work import Work
from idp.foundation.web.i18n import Texts
from idp.foundation.web.pages import PageView
from idp.foundation.web.view_models import known_device
from idp.signin.login import login_routes, verification
from idp.signin.login.screen import End, Form, Leave, Open, Result, Spent, TicketScreen
from idp.signin.login.screen_request import GoneRequest, TicketRequest
from idp.signin.tickets.service import EMAIL_VERIFICATION, Ticket

MESSAGES = {
    True: "Your email was verified. You can continue using the application.",
    False: "This URL can be used only once",
}
"""Auth0's own sentences: applications read them from the ``result_url``."""
NOT_ME = "not-me"


@dataclass(frozen=True)
class VerificationView(PageView):
    """Reached by the link in the mail. Only a button verifies: programs that read mail follow links. ``device`` is the
    browser that the account was made with, in words; None where a person did not make it in one. ``can_disown``: nobody
    has proven the address before.
    """

    email: str
    made_at: datetime
    device: str | None
    can_disown: bool = True

    @classmethod
    def example(cls, texts: Texts) -> Self:
        """Somebody's address."""
        device = texts.t("account.index.deviceOn", browser="Firefox", system="Windows")
        return cls("josephine.baker@example.com", datetime(2026, 11, 20, 14, 26, tzinfo=UTC), device)


@dataclass(frozen=True)
class VerificationResultView(PageView):
    """What is true of an address or of its link, and the way on. ``outcome`` is ``verified``, ``already`` (verified),
    ``replaced`` (by a newer link), ``failed`` (too old, or unknown), ``sent`` (another link), ``wait`` (before another
    one is sent) or ``disowned``; ``can_resend`` shows the button that has another link sent to ``masked_email``.
    """

    template: ClassVar[str] = "login/email-verification/result.html"
    outcome: str
    continue_url: str | None
    can_resend: bool = False
    masked_email: str = ""
    wait: str = ""

    @classmethod
    def example(cls, texts: Texts) -> Self:
        """It is verified."""
        return cls("verified", "https://shop.example/login")


class EmailVerification(TicketScreen):
    """Is this your address, and was it you?"""

    prompt, screen = "email-verification", "confirm"
    path = "email-verification"
    kind = EMAIL_VERIFICATION

    def good(self, request: TicketRequest) -> bool:
        """The account still belongs to that user."""
        return verification.owner(request.work, request.ticket) is not None

    def view(self, request: TicketRequest) -> VerificationView:
        """The question, with what helps to answer it."""
        work, found = request.work, verification.owner(request.work, request.ticket)
        user = users.get(work, request.ticket.user_id)
        made_at = datetime.fromtimestamp(user.created_at / 1000, UTC)
        device = known_device(request.texts, user.signup_agent)
        can_disown = found is not None and not users.address_proven(work, found)
        return VerificationView(request.ticket.email or "", made_at, device, can_disown)

    def submit(self, request: TicketRequest, form: Form) -> Result:
        """Yes; or no, which leads to a password of the reader's own."""
        work, ticket = request.work, request.ticket
        if form.action != NOT_ME:
            try:
                verified = verification.verify_address(work, request.value, ticket)
            except ConnectorError as error:
                return _result(work, ticket, "failed", message=error.message)
            return _result(work, ticket, "verified") if verified else Spent()
        chosen = verification.disown(work, request.value, ticket)
        if chosen is None:
            return Spent()
        return Open(chosen, "disowned") if chosen else _result(work, None, "disowned")

    def gone(self, request: GoneRequest) -> End | Leave:
        """Verified already, replaced, or too old: each with the way on."""
        work, ticket = request.work, request.ticket
        user = verification.owner(work, ticket)
        mine = user is not None and ticket is not None and user.email == ticket.email
        if mine and user is not None and user.email_verified:
            return _result(work, ticket, "already")
        return _result(work, ticket, "replaced" if request.replaced else "failed", can_resend=mine)

    def again(self, request: GoneRequest) -> End | Leave:
        """Another link, to the address that this one was sent to and to no other."""
        work, ticket = request.work, request.ticket
        user = verification.owner(work, ticket)
        if ticket is None or user is None or user.email != ticket.email or user.email_verified:
            return self.gone(request)
        wait = verification.send_again(work, user, client_id=ticket.client_id, locale=request.locale)
        if wait is None:
            return _result(work, ticket, "sent")
        return _result(work, ticket, "wait", can_resend=True, wait=request.texts.duration(wait))


def _result(
    work: Work,
    ticket: Ticket | None,
    outcome: str,
    *,
    can_resend: bool = False,
    wait: str = "",
    message: str | None = None,
) -> End | Leave:
    """Where whoever made the link wants people to go on, or our own page."""
    verified = outcome == "verified"
    if ticket is not None and ticket.result_url:
        said = {**ticket.email_parameter, "success": str(verified).lower(), "message": message or MESSAGES[verified]}
        return Leave(with_params(ticket.result_url, said))
    view = VerificationResultView(
        outcome,
        login_routes.home(work, ticket.client_id if ticket else None),
        can_resend,
        masked(ticket.email) if ticket and ticket.email else "",
        wait,
    )
    return End(view, {"verified": 200, "sent": 200, "disowned": 200, "wait": 429}.get(outcome, 400))
