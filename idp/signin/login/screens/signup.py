"""``/u/signup``: an account of one's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from connectors.strategy import Asked
from idp.directory.connections.runtime import ConnectionConfig
from idp.foundation.ephemeral import limits
from idp.foundation.kernel.errors import PageError
from idp.foundation.web.i18n import Texts
from idp.foundation.web.pages import PageView
from idp.foundation.web.view_models import PasswordRules, device_name, password_rules
from idp.signin.attack_protection import challenges as bot_challenges
from idp.signin.login import address_codes, complete, connection_choice, login_routes, own_fields, passkey_sign_in
from idp.signin.login.passkey_sign_in import PasskeyForm
from idp.signin.login.password_rules import rules_of
from idp.signin.login.registration import InvalidRegistration, TooMany, register
from idp.signin.login.screen import Field, Form, Problem, Result, Screen, Show
from idp.signin.login.screen_request import ScreenRequest
from idp.signin.login.screens.login import PASSKEY
from idp.signin.passkeys import enrolment
from idp.signin.passkeys.enrolment import NotMade
from idp.signin.webauthn import challenges


@dataclass(frozen=True)
class SignUpView(PageView):
    """A new account. ``ask_email``, ``ask_username`` and ``ask_phone`` are what the connection asks for."""

    login_url: str
    rules: PasswordRules
    ask_email: Asked = "required"
    ask_username: Asked = "inactive"
    ask_phone: Asked = "inactive"
    show_cancel: bool = True
    passkeys: PasskeyForm | None = None
    ask_password: bool = True

    @classmethod
    def example(cls, texts: Texts) -> Self:
        """A connection with the default policy."""
        return cls(
            "/u/login", password_rules(texts, "good"), passkeys=PasskeyForm(passkey_sign_in.OPTIONS_PATH, "localhost")
        )


class SignUp(Screen):
    """Address, username where the connection has them, and password; what is wrong with them is said all at once."""

    prompt, screen = "signup", "signup"
    fields = (
        Field("email"),
        Field("username"),
        Field("phone_number"),
        Field("password", secret=True),
        PASSKEY,
    )
    unchallenged = PASSKEY.name
    asks_for = "email"
    limit = limits.SIGNUP
    cancellable = True

    def prefilled(self, request: ScreenRequest) -> Mapping[str, str]:
        """The address that is known, or the username."""
        known = request.identifier
        number = bool(known) and known.lstrip("+").replace(" ", "").isdigit()
        return {"email" if "@" in known else "phone_number" if number else "username": known}

    def challenged(self, request: ScreenRequest) -> str:
        """As its policy says."""
        return bot_challenges.PASSWORD

    def view(self, request: ScreenRequest) -> SignUpView:
        """The form with the password's rules."""
        connection = _open_connection(request)
        return SignUpView(
            login_url=request.url(login_routes.first_page(request.work)),
            rules=rules_of(request.texts, connection),
            ask_email=connection.sign_up_rules.email,
            ask_username=connection.sign_up_rules.username,
            ask_phone=connection.sign_up_rules.phone_number,
            passkeys=passkey_sign_in.form(request) if passkey_sign_in.for_signup(connection) else None,
            ask_password=connection.asks_for_password,
        )

    def submit(self, request: ScreenRequest, form: Form) -> Result:
        """Create the account and sign the person in."""
        connection = _open_connection(request)
        own = own_fields.taken(request.work, self, form.own)
        if own.problems:
            return Show(own.problems)
        new = None
        try:
            if form[PASSKEY.name] and passkey_sign_in.for_signup(connection):
                new = enrolment.made(
                    request.work, form[PASSKEY.name], purpose=challenges.SIGNUP, bound_to=request.state
                )
            identity = register(
                request.work,
                connection,
                request.client,
                email=form["email"],
                username=form["username"],
                password=form["password"],
                phone_number=form["phone_number"],
                locale=request.locale,
                asks_for_code=True,
                more=own.attributes,
                passkey=new,
                passkey_name=device_name(request.texts, request.work.user_agent),
            )
        except NotMade:
            return Show((Problem("passkeys.passkey-enrollment.browser-failed"),))
        except InvalidRegistration as invalid:
            return Show(invalid.problems)
        except TooMany as error:
            words = {"wait": request.texts.duration(error.wait_s)}
            return Show((Problem("too-many-accounts", values=words),), 429, retry_after=error.wait_s)
        typed = (connection.source.amr,) if connection.asks_for_password else ()
        methods = typed if new is None else passkey_sign_in.methods_of(request.client, new)
        asked = address_codes.of_identity(request, connection, identity, methods, address_codes.AT_SIGN_UP)
        return asked or complete.sign_in(request, connection, identity, methods)


def _open_connection(request: ScreenRequest) -> ConnectionConfig:
    connection = connection_choice.for_signup(request.work, request.client, request.wish())
    if connection is None:
        raise PageError("access_denied", "Public sign-up is disabled.", status=403)
    return connection
