"""``/u/reset-password/request``: a link by mail. The answer is the same whoever asks for whatever address (security.md
I3).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from idp.foundation.ephemeral import limits
from idp.foundation.web.i18n import Texts
from idp.foundation.web.pages import PageView
from idp.signin.attack_protection import challenges
from idp.signin.login import login_routes, names, reset, reset_codes
from idp.signin.login.screen import Field, Form, Go, Result, Screen
from idp.signin.login.screen_request import ScreenRequest

EMAIL_SENT_PAGE = "/u/reset-password/email-sent"


@dataclass(frozen=True)
class ResetRequestView(PageView):
    """Ask for a new password. ``label`` says by what people are known here, ``by_code`` that a code may be
    sent instead of a link.
    """

    login_url: str | None
    label: str = ""
    by_code: bool = False

    @classmethod
    def example(cls, texts: Texts) -> Self:
        """The usual page."""
        return cls("/u/login", names.label(texts, ("email",)))


class ResetRequest(Screen):
    """Whose password was forgotten?"""

    prompt, screen = "reset-password", "request"
    fields = (Field("username", required="no-username"),)
    asks_for = "username"
    limit = limits.RESET_BY_IP
    notices = frozenset({"breached"})

    def prefilled(self, request: ScreenRequest) -> Mapping[str, str]:
        """What was typed before."""
        return {"username": request.identifier}

    def challenged(self, request: ScreenRequest) -> str:
        """As its policy says."""
        return challenges.PASSWORD_RESET

    def view(self, request: ScreenRequest) -> ResetRequestView:
        """The form."""
        return ResetRequestView(
            login_url=request.url(login_routes.first_page(request.work)),
            label=names.of(request.texts, request.connection),
            by_code=request.connection.known_by_number or bool(reset_codes.way(request.connection, "")),
        )

    def submit(self, request: ScreenRequest, form: Form) -> Result:
        """Leave the look-up to the worker: known and unknown addresses cost the same here. Asked for a moment ago, the
        link is on its way already.
        """
        request.transaction.identifier = form["username"]
        wait = reset.too_soon(request.work, request.connection, form["username"])
        return send(request, form["username"], again=wait is None)


def send(request: ScreenRequest, identifier: str, *, again: bool = True, notice: str | None = None) -> Go:
    """Put the request into the outbox, unless it is not to be sent ``again``, and remember who it was for."""
    work, connection = request.work, request.connection
    by = reset_codes.way(connection, identifier)
    request.transaction.code_is_for(resetting=by or None)
    with work.transaction():
        request.save()
        if again:
            reset.ask_for_link(
                work,
                connection,
                identifier,
                client_id=request.client.client_id,
                locale=request.locale,
                by=by,
                code_key=reset_codes.key(request, identifier) if by else "",
            )
    return Go(reset_codes.PAGES.get(by, EMAIL_SENT_PAGE), notice)
