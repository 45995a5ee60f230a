"""``/u/login/connection``: several sources take addresses of that domain; which one is it?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from idp.foundation.web.i18n import Texts
from idp.signin.login import login_routes
from idp.signin.login.screen import Form, Go, Result, Screen
from idp.signin.login.screen_request import ScreenRequest
from idp.signin.login.screens.login import Alternative, Offering, ways


@dataclass(frozen=True)
class ConnectionChoiceView(Offering):
    """Several ways for one address: each is a link."""

    identifier: str
    edit_url: str
    alternatives: Sequence[Alternative]
    ask_password: bool = False
    show_cancel: bool = True

    @classmethod
    def example(cls, texts: Texts) -> Self:
        """Two sources of one company."""
        return cls(
            "josephine.baker@acme.example",
            "/u/login/identifier",
            [Alternative("acme-berlin", "Acme Berlin", "#", last=True), Alternative("acme-paris", "Acme Paris", "#")],
        )


class ConnectionChoice(Screen):
    """Which of them?"""

    prompt, screen = "login", "connection"
    cancellable = True

    def view(self, request: ScreenRequest) -> ConnectionChoiceView | Go:
        """The links; back where the address leads nowhere else any more."""
        found = request.route(request.identifier)
        if not found.to:
            return Go(login_routes.first_page(request.work))
        return ConnectionChoiceView(
            identifier=request.identifier,
            edit_url=request.url(login_routes.first_page(request.work)),
            alternatives=ways(request, found.to),
        )

    def submit(self, request: ScreenRequest, form: Form) -> Result:
        """Nothing is sent but the button that cancels."""
        return Go(login_routes.first_page(request.work))
