"""``/u/login/device``: the second of two pages asks for the device itself, in a browser that knows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from idp.foundation.ephemeral import limits
from idp.foundation.web.i18n import Texts
from idp.foundation.web.pages import PageView
from idp.signin.factors import devices
from idp.signin.login import device_sign_in
from idp.signin.login.passkey_sign_in import OPTIONS_PATH, PasskeyForm
from idp.signin.login.screen import Field, Form, Go, Result, Screen
from idp.signin.login.screen_request import ScreenRequest
from idp.signin.login.screens.login_password import IDENTIFIER_PAGE

INSTEAD = "use-password"
"""The button that leads to the password."""


@dataclass(frozen=True)
class LoginDeviceView(PageView):
    """The device is asked for instead of the password. The identifier stays visible."""

    identifier: str
    edit_url: str
    passkeys: PasskeyForm | None
    kind: str = devices.KIND
    show_cancel: bool = True

    @classmethod
    def example(cls, texts: Texts) -> Self:
        """Somebody said who they are."""
        form = PasskeyForm(OPTIONS_PATH, "localhost", autofill=False)
        return cls("josephine.baker@example.com", IDENTIFIER_PAGE, form)


class LoginDevice(Screen):
    """The fingerprint, face or screen lock of the device, or the password after all."""

    prompt, screen = "login-password", "login-device"
    path = "login/device"
    fields = (Field("response", secret=True),)
    limit = limits.LOGIN_BY_IP
    cancellable = True

    def view(self, request: ScreenRequest) -> LoginDeviceView | Go:
        """The form; the password for whoever's device this browser does not know."""
        if device_sign_in.known(request) is None:
            return Go(device_sign_in.OTHERWISE)
        return LoginDeviceView(
            identifier=request.identifier,
            edit_url=request.url(IDENTIFIER_PAGE),
            passkeys=device_sign_in.form(request),
        )

    def submit(self, request: ScreenRequest, form: Form) -> Result:
        """What the browser answered."""
        if form.action == INSTEAD:
            return Go(device_sign_in.OTHERWISE)
        return device_sign_in.sign_in(request, form["response"])
