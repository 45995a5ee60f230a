"""``/u/email-verification``: a button, then the address counts as proven."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

from idp.foundation.kernel.redirects import with_params
from idp.foundation.tenancy.work import Work
from idp.foundation.web.i18n import Texts
from idp.foundation.web.pages import PageView
from idp.signin.login import login_routes
from idp.signin.login.registration import verify_address
from idp.signin.login.screen import End, Form, Leave, Result, TicketScreen
from idp.signin.login.screen_request import TicketRequest
from idp.signin.tickets.service import EMAIL_VERIFICATION, Ticket

MESSAGES = {
    True: "Your email was verified. You can continue using the application.",
    False: "This URL can be used only once",
}
"""Auth0's own sentences: applications read them from the ``result_url``."""


@dataclass(frozen=True)
class VerificationView(PageView):
    """Reached by the link in the mail. Only the button verifies: programs that read mail follow links."""

    email: str

    @classmethod
    def example(cls, texts: Texts) -> Self:
        """Somebody's address."""
        return cls("josephine.baker@example.com")


@dataclass(frozen=True)
class VerificationResultView(PageView):
    """Whether the address counts as proven, and the way on."""

    template: ClassVar[str] = "login/email-verification/result.html"
    verified: bool
    continue_url: str | None

    @classmethod
    def example(cls, texts: Texts) -> Self:
        """It does."""
        return cls(verified=True, continue_url="https://shop.example/login")


class EmailVerification(TicketScreen):
    """Is this your address?"""

    prompt, screen = "email-verification", "confirm"
    path = "email-verification"
    kind = EMAIL_VERIFICATION

    def gone(self, work: Work, ticket: Ticket | None) -> End | Leave:
        """Said in the same way as success."""
        return _result(work, ticket, verified=False)

    def view(self, request: TicketRequest) -> VerificationView:
        """The question."""
        return VerificationView(request.ticket.email or "")

    def submit(self, request: TicketRequest, form: Form) -> Result:
        """Yes."""
        work, ticket = request.work, request.ticket
        return _result(work, ticket, verified=verify_address(work, request.value, ticket))


def _result(work: Work, ticket: Ticket | None, *, verified: bool) -> End | Leave:
    """Where whoever made the link wants people to go on, or our own page."""
    if ticket is not None and ticket.result_url:
        outcome = {**ticket.email_parameter, "success": str(verified).lower(), "message": MESSAGES[verified]}
        return Leave(with_params(ticket.result_url, outcome))
    home = login_routes.home(work, ticket.client_id if ticket else None)
    return End(VerificationResultView(verified, home), 200 if verified else 400)
