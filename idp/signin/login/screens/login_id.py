"""``/u/login/identifier``: the first of two pages asks only who."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from idp.foundation.ephemeral import limits
from idp.foundation.web.i18n import Texts
from idp.signin.attack_protection import challenges
from idp.signin.login import code_sign_in, device_sign_in, home_realm, names, passkey_sign_in
from idp.signin.login.passkey_sign_in import PasskeyForm
from idp.signin.login.screen import Field, Form, Go, Problem, Result, Screen, Show
from idp.signin.login.screen_request import ScreenRequest
from idp.signin.login.screens.login import PASSKEY, USERNAME, Alternative, Offering, alternatives, last_used


@dataclass(frozen=True)
class LoginIdView(Offering):
    """Identifier first: who is it? ``label`` says by what people are
    known here. ``by``: what a code
    is sent to, ``email`` or ``phone_number``, where that is how people sign in here.
    """

    signup_url: str | None
    label: str = ""
    show_cancel: bool = True
    ask_password: bool = True
    alternatives: Sequence[Alternative] = ()
    by: str = ""
    last_used: bool = False
    passkeys: PasskeyForm | None = None

    @classmethod
    def example(cls, texts: Texts) -> Self:
        """People may sign up, or sign in elsewhere."""
        other = [Alternative("acme", "Acme", "#"), Alternative("sms", "SMS", "#", "phone_number", last=True)]
        known = names.label(texts, ("email",))
        return cls(
            "/u/signup", known, alternatives=other, passkeys=PasskeyForm(passkey_sign_in.OPTIONS_PATH, "localhost")
        )


class LoginId(Screen):
    """The identifier alone."""

    prompt, screen = "login-id", "login-id"
    path = "login/identifier"
    fields = (Field(USERNAME.name), PASSKEY)
    unchallenged = PASSKEY.name
    asks_for = USERNAME.name
    limit = limits.LOGIN_BY_IP
    cancellable = True
    takes_tickets = True

    def prefilled(self, request: ScreenRequest) -> Mapping[str, str]:
        """What is known."""
        return {"username": request.identifier}

    def challenged(self, request: ScreenRequest) -> str | None:
        """As the policy of codes says, where one is sent; a password is asked for on the next page."""
        choices = request.choices
        first = choices.password is not None and choices.password.asks_who_first
        return challenges.PASSWORDLESS if choices.code is not None or first else None

    def view(self, request: ScreenRequest) -> LoginIdView | Go:
        """The form; the other page where nothing that is typed leads anywhere."""
        choices = request.choices
        connection = choices.password
        if not choices.asks_who:
            return Go("/u/login")
        return LoginIdView(
            signup_url=request.url("/u/signup") if connection and connection.signup_enabled else None,
            label=names.of(request.texts, connection),
            alternatives=alternatives(request),
            by=(choices.code.passwordless_by or "") if choices.code else "",
            last_used=last_used(request, choices.code or connection),
            passkeys=passkey_sign_in.form(request),
        )

    def submit(self, request: ScreenRequest, form: Form) -> Result:
        """Remember the identifier; whether anybody has it is not told (security.md I1)."""
        if form[PASSKEY.name]:
            return passkey_sign_in.sign_in(request, form[PASSKEY.name])
        typed, code = form["username"], request.choices.code
        if not typed:
            no_number = code is not None and code.passwordless_by == "phone_number"
            return Show((Problem("no-phone" if no_number else str(USERNAME.required), "username"),))
        elsewhere = home_realm.elsewhere(request, typed)
        if elsewhere is not None:
            return elsewhere
        if code is not None:
            return code_sign_in.begin(request, code, typed)
        if request.choices.password is None:
            return Show((Problem("unknown-domain", "username"),))
        return self._known(request, typed)

    def _known(self, request: ScreenRequest, typed: str) -> Result:
        """On to the code or the password of an account here, as its connection says of what was typed; to the device
        where this browser knows it.
        """
        connection = request.connection_for(typed)
        if connection.asks_code_first(typed) or not connection.checks_passwords:
            return code_sign_in.begin(request, connection, typed)
        request.transaction.identifier = typed
        request.save()
        return Go(device_sign_in.OTHERWISE if device_sign_in.known(request) is None else device_sign_in.PAGE)
