"""``/u/mfa-webauthn/...``: a security key gets its name, and a device is offered as a second factor to whoever just
proved another one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from idp.foundation.ephemeral import limits
from idp.foundation.web.i18n import Texts
from idp.foundation.web.pages import PageView
from idp.foundation.web.view_models import device_name
from idp.signin.login import device_offer, factor_choices, factor_steps
from idp.signin.login.device_offer import KIND
from idp.signin.login.passkey_sign_in import OPTIONS_PATH, PasskeyForm
from idp.signin.login.screen import Field, Form, Go, Problem, Result, Resume, Screen, Show
from idp.signin.login.screen_request import ScreenRequest
from idp.signin.passkeys import offers

MOST = 128
"""Characters of a key's name."""


@dataclass(frozen=True)
class KeyNameView(PageView):
    """A name is asked for."""

    @classmethod
    def example(cls, texts: Texts) -> Self:
        """The form."""
        return cls()


@dataclass(frozen=True)
class DeviceOfferView(PageView):
    """The device is offered; ``instead``: it stands in for the password from now on."""

    passkeys: PasskeyForm | None
    kind: str = KIND
    instead: bool = False

    @classmethod
    def example(cls, texts: Texts) -> Self:
        """With the form."""
        return cls(PasskeyForm(OPTIONS_PATH, "localhost", autofill=False))


class KeyNickname(Screen):
    """The name of a key; nothing has to be typed."""

    prompt, screen = "mfa-webauthn", "mfa-webauthn-change-key-nickname"
    fields = (Field("nickname"),)
    limit = limits.FACTOR_FORMS

    def prefilled(self, request: ScreenRequest) -> Mapping[str, str]:
        """The browser that it was set up in."""
        return {"nickname": device_name(request.texts, request.work.user_agent)}

    def view(self, request: ScreenRequest) -> KeyNameView | Go:
        """The form; the page that is right where no key was just set up."""
        return KeyNameView() if factor_steps.step(request).naming is not None else factor_steps.start(request)

    def submit(self, request: ScreenRequest, form: Form) -> Result:
        """Keep the name."""
        name = " ".join(form["nickname"].split())[:MOST] or device_name(request.texts, request.work.user_agent)
        return factor_choices.name_key(request, name)


class PlatformOffer(Screen):
    """Nobody has to take it."""

    prompt, screen = "mfa-webauthn", "mfa-webauthn-platform-offer"
    fields = (Field("response", secret=True),)
    limit = limits.FACTOR_FORMS

    def view(self, request: ScreenRequest) -> DeviceOfferView:
        """The offer."""
        return DeviceOfferView(device_offer.form(request), instead=device_offer.instead_of_password(request))

    def submit(self, request: ScreenRequest, form: Form) -> Result:
        """Keep the device, or leave them alone for a while; then on."""
        if form.action != "default" or not form["response"]:
            days = offers.REFUSED_DAYS if form.action == "refuse-add-device" else offers.SNOOZED_DAYS
            noted = offers.noted(request.work, request.just_signed_in.user_id, request.passkey_offers, days)
            return device_offer.over(request, noted)
        kept = device_offer.add(request, form["response"])
        return kept if isinstance(kept, Show | Resume) else Show((Problem(kept),), 400)
