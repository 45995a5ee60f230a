"""``/u/reset-password/email-sent``: the link is on its way, if there is such an account."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from idp.directory.users.identifiers import masked
from idp.foundation.ephemeral import limits
from idp.foundation.web.i18n import Texts
from idp.foundation.web.pages import PageView
from idp.signin.login import login_routes, reset
from idp.signin.login.screen import Form, Go, Problem, Result, Screen, Show
from idp.signin.login.screen_request import ScreenRequest
from idp.signin.login.screens.reset_request import send

REQUEST_PAGE = "/u/reset-password/request"


@dataclass(frozen=True)
class EmailSentView(PageView):
    """The same words whether there is such an account or not; the form (``action=resend``) sends it again."""

    masked_email: str
    retry_url: str
    login_url: str | None

    @classmethod
    def example(cls, texts: Texts) -> Self:
        """Somebody typed an address."""
        return cls("j•••@example.com", REQUEST_PAGE, "/u/login")


class EmailSent(Screen):
    """Where to look now, and a way to try again."""

    prompt, screen = "reset-password", "email-sent"
    limit = limits.RESET_BY_IP
    notices = frozenset({"resent"})

    def prefilled(self, request: ScreenRequest) -> Mapping[str, str]:
        """Who it is for."""
        return {"username": request.transaction.identifier or ""}

    def view(self, request: ScreenRequest) -> EmailSentView:
        """The page, with most of the address hidden."""
        return EmailSentView(
            masked_email=masked(request.transaction.identifier or ""),
            retry_url=request.url(REQUEST_PAGE),
            login_url=request.url(login_routes.first_page(request.work)),
        )

    def submit(self, request: ScreenRequest, form: Form) -> Result:
        """Send it again and say so; asked for a moment ago, say when it can be."""
        identifier = request.transaction.identifier
        if not identifier:
            return Go(REQUEST_PAGE)
        wait = reset.too_soon(request.work, request.connection, identifier)
        if wait is not None:
            words = {"wait": request.texts.duration(wait)}
            return Show((Problem("wait", values=words),), 429, retry_after=wait)
        return send(request, identifier, notice="resent")
