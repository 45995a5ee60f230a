"""``/u/unblock``: the owner lifts the block that others' guesses brought (security.md I5)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

from idp.foundation.web.i18n import Texts
from idp.foundation.web.pages import PageView
from idp.signin.login import login_routes, password
from idp.signin.login.screen import End, Form, Result, Spent, TicketScreen
from idp.signin.login.screen_request import GoneRequest, TicketRequest
from idp.signin.login.screens.reset_change import link_gone
from idp.signin.tickets.service import UNBLOCK


@dataclass(frozen=True)
class UnblockView(PageView):
    """Lifts the lock that wrong passwords brought; a button, for programs that read mail follow links."""

    email: str

    @classmethod
    def example(cls, texts: Texts) -> Self:
        """Somebody's address."""
        return cls("josephine.baker@example.com")


@dataclass(frozen=True)
class UnblockedView(PageView):
    """The lock is lifted."""

    template: ClassVar[str] = "login/unblock/done.html"
    login_url: str | None

    @classmethod
    def example(cls, texts: Texts) -> Self:
        """The way to sign in."""
        return cls("/account")


class Unblock(TicketScreen):
    """Were the wrong passwords yours?"""

    prompt, screen = "unblock", "confirm"
    path = "unblock"
    kind = UNBLOCK

    def good(self, request: TicketRequest) -> bool:
        """It names what is blocked."""
        return request.ticket.identifier is not None

    def gone(self, request: GoneRequest) -> End:
        """Unlocked already, or a way to a new password."""
        if request.replaced:
            return link_gone(request, "replaced")
        return link_gone(request, "over" if request.over is None else "unlocked")

    def view(self, request: TicketRequest) -> UnblockView:
        """The question."""
        return UnblockView(request.ticket.email or "")

    def submit(self, request: TicketRequest, form: Form) -> Result:
        """Yes."""
        if not password.unblock(request.work, request.value, request.ticket):
            return Spent()
        return End(UnblockedView(login_routes.home(request.work, request.ticket.client_id)))
