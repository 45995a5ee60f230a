"""``/u/login``: username and password in one form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from idp.foundation.ephemeral import limits
from idp.foundation.web.i18n import Texts
from idp.foundation.web.pages import PageView
from idp.signin.login import password
from idp.signin.login.screen import Field, Form, Go, Result, Screen
from idp.signin.login.screen_request import ScreenRequest

USERNAME = Field("username", required="login.login.no-username")
PASSWORD = Field("password", required="login.login.no-password", secret=True)


@dataclass(frozen=True)
class LoginView(PageView):
    """Username and password in one form. ``ask_username``: the connection has usernames beside addresses."""

    signup_url: str | None
    forgot_url: str | None
    ask_username: bool = False
    show_cancel: bool = True

    @classmethod
    def example(cls, texts: Texts) -> Self:
        """People may sign up."""
        return cls("/u/signup", "/u/reset-password/request")


class Login(Screen):
    """The page most people see."""

    prompt, screen = "login", "login"
    fields = (USERNAME, PASSWORD)
    limit = limits.LOGIN_BY_IP
    cancellable = True

    def prefilled(self, request: ScreenRequest) -> Mapping[str, str]:
        """The hinted identifier."""
        return {"username": request.identifier}

    def view(self, request: ScreenRequest) -> LoginView | Go:
        """The form; two pages where the prompts setting says so."""
        if request.work.config.prompts.identifier_first:
            return Go("/u/login/identifier")
        connection = request.connection
        return LoginView(
            signup_url=request.url("/u/signup") if connection.signup_enabled else None,
            forgot_url=request.url("/u/reset-password/request"),
            ask_username=connection.requires_username,
        )

    def submit(self, request: ScreenRequest, form: Form) -> Result:
        """Sign in."""
        return password.sign_in(request, form["username"], form["password"])
