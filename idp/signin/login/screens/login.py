"""``/u/login``: username and password in one form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from idp.foundation.ephemeral import limits
from idp.foundation.web.i18n import Texts
from idp.foundation.web.pages import PageView
from idp.signin.login import login_routes, password
from idp.signin.login.screen import Field, Form, Go, Result, Screen
from idp.signin.login.screen_request import ScreenRequest

USERNAME = Field("username", required="login.login.no-username")
PASSWORD = Field("password", required="login.login.no-password", secret=True)


@dataclass(frozen=True)
class Alternative:
    """Another way to sign in: ``url`` leads to the source of the connection ``name``, called ``label``."""

    name: str
    label: str
    url: str


@dataclass(frozen=True)
class LoginView(PageView):
    """Username and password in one form. ``ask_username``: the connection has usernames beside addresses."""

    signup_url: str | None
    forgot_url: str | None
    ask_username: bool = False
    show_cancel: bool = True
    ask_password: bool = True
    """Whether passwords are checked here at all; otherwise the alternatives are all there is."""
    alternatives: Sequence[Alternative] = ()

    @classmethod
    def example(cls, texts: Texts) -> Self:
        """People may sign up, or sign in elsewhere."""
        return cls("/u/signup", "/u/reset-password/request", alternatives=[Alternative("acme", "Acme", "#")])


def alternatives(request: ScreenRequest) -> list[Alternative]:
    """A way to the source of each connection that people sign in with elsewhere."""
    return [
        Alternative(each.name, each.display_name, request.url(login_routes.to_source(each.name)))
        for each in request.choices.elsewhere
    ]


class Login(Screen):
    """The page most people see."""

    prompt, screen = "login", "login"
    fields = (USERNAME, PASSWORD)
    asks_for = USERNAME.name
    limit = limits.LOGIN_BY_IP
    cancellable = True

    def prefilled(self, request: ScreenRequest) -> Mapping[str, str]:
        """The hinted identifier."""
        return {"username": request.identifier}

    def view(self, request: ScreenRequest) -> LoginView | Go:
        """The form; two pages where the prompts setting says so."""
        if request.work.config.prompts.identifier_first and request.choices.password:
            return Go("/u/login/identifier")
        choices = request.choices
        connection = choices.password
        return LoginView(
            signup_url=request.url("/u/signup") if connection and connection.signup_enabled else None,
            forgot_url=request.url("/u/reset-password/request") if connection and connection.accounts else None,
            ask_username=connection is not None and connection.requires_username,
            ask_password=connection is not None,
            alternatives=alternatives(request),
        )

    def submit(self, request: ScreenRequest, form: Form) -> Result:
        """Sign in."""
        return password.sign_in(request, form["username"], form["password"])
