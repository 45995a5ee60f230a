"""``/u/login/password``: the second of two pages asks for the password of the identifier above it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from idp.foundation.ephemeral import limits
from idp.foundation.web.i18n import Texts
from idp.foundation.web.pages import PageView
from idp.signin.attack_protection import challenges
from idp.signin.login import code_sign_in, device_sign_in, passkey_sign_in, password
from idp.signin.login.passkey_sign_in import PasskeyForm
from idp.signin.login.screen import Field, Form, Go, Problem, Result, Screen, Show
from idp.signin.login.screen_request import ScreenRequest
from idp.signin.login.screens.login import PASSWORD
from idp.signin.login.screens.passwordless import USE_CODE

IDENTIFIER_PAGE = "/u/login/identifier"


@dataclass(frozen=True)
class LoginPasswordView(PageView):
    """The second step of identifier first. The identifier stays visible, and is there for password managers."""

    identifier: str
    edit_url: str
    forgot_url: str | None
    signup_url: str | None
    show_cancel: bool = True
    passkeys: PasskeyForm | None = None
    code_by: str = ""
    """What a code can be sent to instead: ``email`` or ``phone_number``."""
    device_url: str | None = None
    """Where the device is asked for instead, in a browser that knows it."""

    @classmethod
    def example(cls, texts: Texts) -> Self:
        """Somebody said who they are."""
        return cls("josephine.baker@example.com", IDENTIFIER_PAGE, "/u/reset-password/request", "/u/signup")


class LoginPassword(Screen):
    """The password alone."""

    prompt, screen = "login-password", "login-password"
    path = "login/password"
    fields = (Field(PASSWORD.name, secret=True),)
    limit = limits.LOGIN_BY_IP
    cancellable = True

    def challenged(self, request: ScreenRequest) -> str:
        """As its policy says."""
        return challenges.PASSWORD

    def view(self, request: ScreenRequest) -> LoginPasswordView | Go:
        """The form; without an identifier, the page before it."""
        identifier = request.transaction.identifier
        if not identifier or not request.connection_for(identifier).checks_passwords:
            return Go(IDENTIFIER_PAGE)
        return LoginPasswordView(
            identifier=identifier,
            edit_url=request.url(IDENTIFIER_PAGE),
            forgot_url=request.url("/u/reset-password/request") if request.connection.accounts else None,
            signup_url=request.url("/u/signup") if request.connection.signup_enabled else None,
            passkeys=passkey_sign_in.form(request),
            code_by=request.connection_for(identifier).code_goes_to(identifier) or "",
            device_url=request.url(device_sign_in.PAGE) if device_sign_in.known(request) is not None else None,
        )

    def submit(self, request: ScreenRequest, form: Form) -> Result:
        """Sign in as the identifier of the page before; what a hidden field says does not count."""
        identifier = request.transaction.identifier
        if not identifier:
            return Go(IDENTIFIER_PAGE)
        connection = request.connection_for(identifier)
        if form.action == USE_CODE and connection.code_goes_to(identifier) is not None:
            return code_sign_in.begin(request, connection, identifier)
        if not form["password"]:
            return Show((Problem(str(PASSWORD.required), PASSWORD.name),))
        return password.sign_in(request, identifier, form["password"])
