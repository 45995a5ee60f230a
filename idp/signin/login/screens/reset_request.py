"""``/u/reset-password/request``: a link by mail. The answer is the same whoever asks for whatever address (security.md
I3).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from idp.directory.users.identifiers import email_key
from idp.foundation.ephemeral import limits
from idp.foundation.web.i18n import Texts
from idp.foundation.web.pages import PageView
from idp.signin.login import login_routes
from idp.signin.login.reset import ask_for_link
from idp.signin.login.screen import Field, Form, Go, Result, Screen, Show, limited
from idp.signin.login.screen_request import ScreenRequest

EMAIL_SENT_PAGE = "/u/reset-password/email-sent"


@dataclass(frozen=True)
class ResetRequestView(PageView):
    """Ask for a link to set a new password. ``ask_username``: the connection has usernames beside addresses."""

    login_url: str | None
    ask_username: bool = False

    @classmethod
    def example(cls, texts: Texts) -> Self:
        """The usual page."""
        return cls("/u/login")


class ResetRequest(Screen):
    """Whose password was forgotten?"""

    prompt, screen = "reset-password", "request"
    fields = (Field("username", required="no-username"),)
    limit = limits.RESET_BY_IP

    def prefilled(self, request: ScreenRequest) -> Mapping[str, str]:
        """What was typed before."""
        return {"username": request.identifier}

    def view(self, request: ScreenRequest) -> ResetRequestView:
        """The form."""
        return ResetRequestView(
            login_url=request.url(login_routes.first_page(request.work)),
            ask_username=request.connection.requires_username,
        )

    def submit(self, request: ScreenRequest, form: Form) -> Result:
        """Leave the look-up to the worker: known and unknown addresses cost the same here."""
        request.transaction.identifier = form["username"]
        return too_often(request, form["username"]) or send(request, form["username"])


def too_often(request: ScreenRequest, identifier: str) -> Show | None:
    """Count a request for that account."""
    return limited(request, limits.RESET_BY_ADDRESS, email_key(identifier)[:150])


def send(request: ScreenRequest, identifier: str) -> Go:
    """Put the request into the outbox, and remember who it was for."""
    work = request.work
    with work.transaction():
        request.save()
        ask_for_link(work, request.connection, identifier, client_id=request.client.client_id, locale=request.locale)
    return Go(EMAIL_SENT_PAGE)
