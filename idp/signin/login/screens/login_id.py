"""``/u/login/identifier``: the first of two pages asks only who."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from idp.foundation.web.i18n import Texts
from idp.foundation.web.pages import PageView
from idp.signin.login.screen import Form, Go, Result, Screen
from idp.signin.login.screen_request import ScreenRequest
from idp.signin.login.screens.login import USERNAME, Alternative, alternatives


@dataclass(frozen=True)
class LoginIdView(PageView):
    """Identifier first: who is it? ``ask_username``: the connection has usernames beside addresses."""

    signup_url: str | None
    ask_username: bool = False
    show_cancel: bool = True
    ask_password: bool = True
    alternatives: Sequence[Alternative] = ()

    @classmethod
    def example(cls, texts: Texts) -> Self:
        """People may sign up, or sign in elsewhere."""
        return cls("/u/signup", alternatives=[Alternative("acme", "Acme", "#")])


class LoginId(Screen):
    """The identifier alone."""

    prompt, screen = "login-id", "login-id"
    path = "login/identifier"
    fields = (USERNAME,)
    asks_for = USERNAME.name
    cancellable = True

    def prefilled(self, request: ScreenRequest) -> Mapping[str, str]:
        """What is known."""
        return {"username": request.identifier}

    def view(self, request: ScreenRequest) -> LoginIdView | Go:
        """The form; the other page where no connection has passwords."""
        connection = request.choices.password
        if connection is None:
            return Go("/u/login")
        return LoginIdView(
            signup_url=request.url("/u/signup") if connection.signup_enabled else None,
            ask_username=connection.requires_username,
            alternatives=alternatives(request),
        )

    def submit(self, request: ScreenRequest, form: Form) -> Result:
        """Remember the identifier; whether anybody has it is not told (security.md I1)."""
        request.transaction.identifier = form["username"]
        request.save()
        return Go("/u/login/password")
